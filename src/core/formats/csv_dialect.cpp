#include "core/formats/csv_dialect.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::string_view delimiters = ",;\t|";

// The first row, which ends with a line break outside of quotes, without those before it.
std::string_view first_row(std::string_view head) {
    head.remove_prefix(std::min(head.find_first_not_of("\r\n"), head.size()));
    bool quoted = false;
    for (std::size_t i = 0; i < head.size(); ++i) {
        quoted = quoted != (head[i] == '"');
        if (!quoted && (head[i] == '\n' || head[i] == '\r'))
            return head.substr(0, i);
    }
    return head;
}

char most_frequent(std::string_view row) {
    std::array<std::size_t, delimiters.size()> counts{};
    bool quoted = false;
    for (const char c : row) {
        quoted = quoted != (c == '"');
        if (const std::size_t at = delimiters.find(c); !quoted && at != std::string_view::npos)
            ++counts.at(at);
    }
    const auto* most = std::ranges::max_element(counts);
    return delimiters[static_cast<std::size_t>(most - counts.begin())];
}

} // namespace

CsvDialect csv_dialect(std::string_view head) {
    const std::string_view row = first_row(head);
    constexpr std::string_view sign = "sep=";
    if (row.size() == sign.size() + 1 && lower_ascii(row.substr(0, sign.size())) == sign) {
        std::size_t end = static_cast<std::size_t>(row.data() - head.data()) + row.size();
        end += head.substr(end).starts_with("\r\n") ? 2 : end < head.size() ? 1 : 0;
        return {row.back(), end};
    }
    return {most_frequent(row)};
}

std::vector<std::string> csv_names(std::string_view head) {
    const CsvDialect dialect = csv_dialect(head);
    std::vector<std::string> names;
    std::string name;
    bool quoted = false;
    for (const char c : first_row(head.substr(dialect.preamble))) {
        if (c == '"')
            quoted = !quoted;
        else if (c == dialect.delimiter && !quoted)
            names.push_back(std::exchange(name, {}));
        else
            name += c;
    }
    names.push_back(std::move(name));
    return names;
}

std::string column_key(std::string_view name) {
    std::string key = lower_ascii(trimmed(name, white_space));
    std::ranges::replace(key, ' ', '_');
    std::ranges::replace(key, '-', '_');
    return key;
}

} // namespace auth
