#include "core/trail/row_text.h"

#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

void append_hex(std::string& out, std::string_view name, const std::optional<std::string>& bytes) {
    out += fmt::format(R"(,"{}":)", name);
    out += bytes ? fmt::format(R"("{}")", to_hex(*bytes)) : "null";
}

// An object that reads back as it was written; anything else is kept as text.
bool is_plain_object(const std::string& detail) {
    const Json parsed = Json::parse(detail, nullptr, false);
    return parsed.is_object() && parsed.dump() == detail;
}

// Reads a line from left to right; what does not fit ends it.
class Scanner {
  public:
    explicit Scanner(std::string_view line) : rest_(line) {}
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool done() const { return good_ && rest_.empty(); }

    bool skip(std::string_view text) {
        good_ = good_ && rest_.starts_with(text);
        if (good_)
            rest_.remove_prefix(text.size());
        return good_;
    }
    std::int64_t number(std::string_view name) {
        skip(fmt::format(R"("{}":)", name));
        const std::string_view digits = rest_.substr(0, rest_.find(','));
        const auto value = parse_integer(digits);
        good_ = good_ && value;
        if (good_)
            rest_.remove_prefix(digits.size());
        return value.value_or(0);
    }
    std::string text(std::string_view name) {
        skip(fmt::format(R"(,"{}":)", name));
        return good_ ? string() : "";
    }
    std::optional<std::string> text_or_null(std::string_view name) {
        skip(fmt::format(R"(,"{}":)", name));
        if (good_ && rest_.starts_with("null")) {
            skip("null");
            return std::nullopt;
        }
        return good_ ? std::optional(string()) : std::nullopt;
    }
    std::optional<std::string> hex_or_null(std::string_view name) {
        const auto text = text_or_null(name);
        auto bytes = text ? from_hex(*text) : std::nullopt;
        good_ = good_ && (!text || bytes);
        return bytes;
    }
    // All up to the last `end`.
    std::string_view until_last(std::string_view end) {
        const std::size_t at = rest_.rfind(end);
        good_ = good_ && at != std::string_view::npos;
        if (!good_)
            return {};
        const std::string_view found = rest_.substr(0, at);
        rest_.remove_prefix(at);
        return found;
    }

  private:
    std::string string() {
        std::size_t end = 1;
        while (end < rest_.size() && rest_[end] != '"')
            end += rest_[end] == '\\' ? 2 : 1;
        good_ = good_ && end < rest_.size() && rest_.front() == '"';
        if (!good_)
            return {};
        const std::string_view quoted = rest_.substr(0, end + 1);
        rest_.remove_prefix(quoted.size());
        if (quoted.find('\\') == std::string_view::npos)
            return std::string(quoted.substr(1, quoted.size() - 2));
        const Json value = Json::parse(quoted, nullptr, false);
        good_ = value.is_string();
        return good_ ? value.get<std::string>() : "";
    }

    std::string_view rest_;
    bool good_ = true;
};

// The spelling is checked by writing the row again.
std::optional<std::string> detail_from(std::string_view text) {
    if (!text.starts_with('"'))
        return std::string(text);
    const Json value = Json::parse(text, nullptr, false);
    return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
}

} // namespace

Result<std::string> to_json_line(const AuditRow& row) {
    std::string out = fmt::format(R"({{"seq":{},"at":"{}")", row.seq, to_rfc3339(row.at));
    for (const auto& [name, value] :
         {std::pair("actor", &row.actor), std::pair("event", &row.event),
          std::pair("target", &row.target), std::pair("result", &row.result)}) {
        out += fmt::format(R"(,"{}":)", name);
        if (value->empty())
            out += "null";
        else if (valid_utf8(*value))
            append_json_string(out, *value);
        else // as in the chain
            out += Json(*value).dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    if (!valid_utf8(row.detail))
        return fail(ErrorCode::database_corrupt,
                    fmt::format("the detail of audit row {} is not text", row.seq));
    out += R"(,"detail":)";
    if (is_plain_object(row.detail))
        out += row.detail;
    else
        append_json_string(out, row.detail);
    append_hex(out, "hash", row.hash);
    out += fmt::format(R"(,"lane":{},"place":{})", row.lane, row.place);
    append_hex(out, "detail_digest", row.digest);
    append_hex(out, "salt", row.salt);
    return out += '}';
}

std::optional<AuditRow> row_from(std::string_view line) {
    Scanner scanner(line);
    AuditRow row;
    scanner.skip("{");
    row.seq = scanner.number("seq");
    const auto at = parse_rfc3339(scanner.text("at"));
    for (std::string* field : {&row.actor, &row.event, &row.target, &row.result}) {
        const std::string_view name = field == &row.actor    ? "actor"
                                      : field == &row.event  ? "event"
                                      : field == &row.target ? "target"
                                                             : "result";
        *field = scanner.text_or_null(name).value_or("");
    }
    scanner.skip(R"(,"detail":)");
    auto detail = detail_from(scanner.until_last(R"(,"hash":)"));
    row.hash = scanner.hex_or_null("hash").value_or("");
    scanner.skip(",");
    row.lane = scanner.number("lane");
    scanner.skip(",");
    row.place = scanner.number("place");
    row.digest = scanner.hex_or_null("detail_digest");
    row.salt = scanner.hex_or_null("salt");
    scanner.skip("}");
    if (!scanner.done() || !at || !detail)
        return std::nullopt;
    row.at = *at;
    row.detail = *std::move(detail);
    const auto again = to_json_line(row);
    return again && *again == line ? std::optional(std::move(row)) : std::nullopt;
}

} // namespace auth
