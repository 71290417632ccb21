// The results of an import, as records and in words.
#pragma once

#include "cli/next_step.h"
#include "core/base/json.h"
#include "core/provisioning/import_users.h"

#include <string>
#include <string_view>

namespace auth {

// {"line","email","id","result","kept","left_behind","error"}, without a newline; `kept` names what
// an existing user keeps, `left_behind` what cannot be kept, the error holds code, message, field,
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
    std::int64_t credentials_replaced = 0;
    std::int64_t credentials_kept = 0;
    std::int64_t kept_disabled = 0;
    std::int64_t accounts_left_behind = 0;
    LeftBehind left_behind;

    void add(const RowResult& row);
    void undo(); // nothing that was written holds
};
[[nodiscard]] std::string in_words(const ImportCounts& counts);
// auth-cli.summary/1 of an import.
[[nodiscard]] Json summary_document(const ImportCounts& counts, std::string_view format,
                                    const std::string& hint);

} // namespace auth
