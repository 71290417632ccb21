// Prints replies and errors in the form that was asked for. Nothing else writes to the streams.
#pragma once

#include "cli/next_step.h"
#include "cli/output/fields.h"
#include "cli/output/reply.h"
#include "cli/world/world.h"

#include <span>
#include <string>
#include <vector>

namespace auth {

enum class OutputForm { text, json, jsonl, plain };

struct OutputOptions {
    OutputForm form = OutputForm::text;
    std::vector<std::string> fields; // --fields
    std::string field;               // --field
    bool quiet = false;
    bool colour = false;
    GivenFlags given{};                         // for the hints of errors
    std::function<std::string(Time)> show_time; // for tables
    std::span<const Member> members{};          // of the command's document or records
};

// Returns the exit code: the reply's own, or that of a failed write or an unknown field.
[[nodiscard]] int show(Reply& reply, const OutputOptions& options, Streams& streams);
[[nodiscard]] int show_error(const Error& error, const OutputOptions& options, Streams& streams);

} // namespace auth
