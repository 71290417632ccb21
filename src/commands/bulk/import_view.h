// The results of an import, as records and in words.
#pragma once

#include "cli/next_step.h"
#include "core/provisioning/import_users.h"

#include <string>

namespace auth {

// {"line","email","id","result","error"}, without a newline; the error holds code, message, field,
// reason and hint.
[[nodiscard]] std::string result_line(const RowResult& row, const GivenFlags& given);
// The same line, where what was written is undone.
[[nodiscard]] std::string undone_line(std::string line);

struct ImportCounts {
    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t unchanged = 0;
    std::int64_t skipped = 0;
    std::int64_t failed = 0;

    void add(RowOutcome outcome);
    void undo(); // nothing that was written holds
};
[[nodiscard]] std::string in_words(const ImportCounts& counts);

} // namespace auth
