#include "commands/bulk/import_view.h"

#include "cli/output/document.h"
#include "cli/output/exit_code.h"
#include "commands/bulk/left_behind.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace auth {
namespace {

Json error_record(const Error& error, const GivenFlags& given) {
    return {{"code", to_name(error.code)},
            {"message", error.message},
            {"field", or_null(error.field)},
            {"reason", or_null(error.reason)},
            {"hint", or_null(in_words(error.hint, given))}};
}

Json kept_fields(const Rights& kept) {
    Json fields = Json::array();
    const std::pair<Right, std::string_view> names[] = {{Right::hashes, "password"},
                                                        {Right::mfa, "totp"},
                                                        {Right::identities, "identities"},
                                                        {Right::enabled, "disabled"}};
    for (const auto& [right, name] : names)
        if (kept.contains(right))
            fields.push_back(name);
    return fields;
}

Json names_of(const LeftBehind& left_behind) {
    Json names = Json::array();
    for (const auto& [name, count] : left_behind)
        names.push_back(name);
    return names;
}

} // namespace

std::string result_line(const RowResult& row, const GivenFlags& given) {
    return Json{{"line", row.line},
                {"email", or_null(row.email)},
                {"id", or_null(row.id)},
                {"result", to_name(row.outcome)},
                {"kept", kept_fields(row.kept)},
                {"left_behind", names_of(row.left_behind)},
                {"error", row.error ? error_record(*row.error, given) : Json()}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string undone_line(std::string line) {
    // A quote within a value is escaped, so this stands nowhere else.
    for (const std::string_view outcome : {R"("result":"created")", R"("result":"updated")"})
        if (const std::size_t at = line.find(outcome); at != std::string::npos) {
            line.replace(at, outcome.size(), R"("result":"skipped")");
            // Who was not made has no id.
            constexpr std::string_view start = R"("id":)";
            const std::size_t id = line.rfind(start, at);
            if (outcome.ends_with(R"(created")") && id != std::string::npos)
                line.replace(id + start.size(), at - 1 - id - start.size(), "null");
        }
    return line;
}

void ImportCounts::add(const RowResult& row) {
    credentials_replaced += row.credentials_replaced;
    credentials_kept += static_cast<std::int64_t>(row.kept.size() - row.kept.count(Right::enabled));
    kept_disabled += static_cast<std::int64_t>(row.kept.count(Right::enabled));
    // What did not come in at all leaves nothing behind.
    if (row.outcome != RowOutcome::failed && row.outcome != RowOutcome::skipped)
        add_to(left_behind, row.left_behind);
    switch (row.outcome) {
    case RowOutcome::created:
        ++created;
        return;
    case RowOutcome::updated:
        ++updated;
        return;
    case RowOutcome::unchanged:
        ++unchanged;
        return;
    case RowOutcome::skipped:
        ++skipped;
        return;
    case RowOutcome::left_behind:
        ++accounts_left_behind;
        return;
    case RowOutcome::failed:
        ++failed;
        return;
    }
}

void ImportCounts::undo() {
    skipped += std::exchange(created, 0) + std::exchange(updated, 0);
    credentials_replaced = 0;
}

std::string in_words(const ImportCounts& counts) {
    std::string out = fmt::format("{} created", counts.created);
    const std::pair<std::int64_t, std::string_view> others[] = {
        {counts.updated, "updated"},
        {counts.unchanged, "unchanged"},
        {counts.skipped, "skipped"},
        {counts.accounts_left_behind, "left behind"},
        {counts.failed, "failed"}};
    for (const auto& [count, word] : others)
        if (count > 0)
            out += fmt::format(", {} {}", count, word);
    if (counts.credentials_replaced > 0)
        out += fmt::format("; replaced {}", counted(counts.credentials_replaced, "credential"));
    if (counts.credentials_kept > 0)
        out += fmt::format("; kept {} of existing users",
                           counted(counts.credentials_kept, "credential"));
    if (counts.kept_disabled > 0)
        out += fmt::format("; kept {} disabled", counted(counts.kept_disabled, "user"));
    return out;
}

Json summary_document(const ImportCounts& counts, std::string_view format,
                      const std::string& hint) {
    return {{"schema", "auth-cli.summary/1"},
            {"changed", counts.created + counts.updated > 0},
            {"created", counts.created},
            {"updated", counts.updated},
            {"unchanged", counts.unchanged},
            {"skipped", counts.skipped},
            {"failed", counts.failed},
            {"credentials_replaced", counts.credentials_replaced},
            {"credentials_kept", counts.credentials_kept},
            {"kept_disabled", counts.kept_disabled},
            {"accounts_left_behind", counts.accounts_left_behind},
            {"left_behind", left_behind_document(counts.left_behind)},
            {"format", format},
            {"hint", or_null(hint)}};
}

} // namespace auth
