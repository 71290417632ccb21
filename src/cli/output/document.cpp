#include "cli/output/document.h"

#include "core/base/text.h"
#include "core/settings/setting.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace auth {
Json problem_records(const std::vector<Problem>& problems) {
    Json records = Json::array();
    for (const Problem& problem : problems)
        records.push_back({{"code", problem.code},
                           {"claim", or_null(problem.claim)},
                           {"detail", problem.detail}});
    return records;
}

Json or_null(std::string_view text) {
    return text.empty() ? Json() : Json(text);
}

Json time_or_null(const std::optional<Time>& time) {
    return time ? Json(to_rfc3339(*time)) : Json();
}

std::string show_time(World& world, Time time) {
    std::string format = world.settings.get(setting<"time_format">);
    if (format.empty())
        format = world.streams.out_is_terminal ? "relative" : "rfc3339";
    if (format == "relative")
        return relative(time, world.clock().now());
    if (format == "epoch")
        return std::to_string(unix_seconds(time));
    if (format == "local")
        return fmt::format("{:%Y-%m-%d %H:%M:%S %z}", fmt::localtime(unix_seconds(time)));
    return to_rfc3339(time);
}

std::string name_value_lines(const Lines& lines) {
    std::size_t width = 0;
    for (const auto& [name, value] : lines)
        if (!value.empty())
            width = std::max(width, display_width(name));
    std::string out;
    for (const auto& [name, value] : lines)
        if (!value.empty())
            out += fmt::format("{}{}  {}\n", name, std::string(width - display_width(name), ' '),
                               value);
    return out;
}

Reply list_reply(std::string schema, std::string key, std::vector<Column> columns,
                 std::vector<Json> records) {
    Reply reply;
    List list;
    list.schema = std::move(schema);
    list.key = std::move(key);
    list.columns = std::move(columns);
    list.next = [kept = std::move(records), at = std::size_t{0}]() mutable -> std::optional<Json> {
        return at < kept.size() ? std::optional(kept[at++]) : std::nullopt;
    };
    reply.list = std::move(list);
    return reply;
}

} // namespace auth
