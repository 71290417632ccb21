#include "cli/help/topics.h"

#include "cli/help/embedded.h"
#include "cli/help/schemas.h"
#include "cli/output/exit_code.h"
#include "core/settings/settings.h"
#include "core/users/user_filter.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

std::string exit_code_rows() {
    std::string rows = "| 0 | `done` | success, or no changes were needed |\n";
    for (const ErrorName& name : error_names())
        rows += fmt::format("| {} | `{}` | {} |\n", name.exit, name.name, name.meaning);
    return rows + "| 143 | `SIGTERM` | ended from outside |\n";
}

std::string environment_rows() {
    std::string rows;
    for (const SettingDefinition& definition : setting_definitions())
        if (!definition.environment.empty())
            rows += fmt::format("| `{}` | setting {}: {} |\n", definition.environment,
                                definition.name, definition.meaning);
    return rows;
}

std::string where_rows() {
    std::string rows;
    for (const FilterField& field : filter_fields()) {
        const bool time = field.kind == FilterKind::time;
        rows += fmt::format("| `{}` | {} | {} |\n", field.name,
                            time                                ? "a time"
                            : field.kind == FilterKind::boolean ? "true or false"
                            : field.kind == FilterKind::role    ? "the name of a role"
                            : field.kind == FilterKind::hash    ? "weak, fair or strong"
                                                                : "text",
                            time ? "= != < <= > >=" : "= !=");
    }
    return rows;
}

std::string schema_rows() {
    std::string rows;
    for (const Schema& schema : schemas())
        rows += fmt::format("| `{}` | {} |\n", schema.name, schema.title);
    return rows;
}

// A line "{{name}}" stands for rows of a table that the program knows.
std::string filled(std::string_view source) {
    std::string text(source);
    const auto fill = [&](std::string_view mark, const auto& rows) {
        if (const std::size_t at = text.find(mark); at != std::string::npos)
            text.replace(at, mark.size(), rows());
    };
    fill("{{exit-codes}}\n", exit_code_rows);
    fill("{{environment}}\n", environment_rows);
    fill("{{where-fields}}\n", where_rows);
    fill("{{schemas}}\n", schema_rows);
    return text;
}

// The first line is "# NAME(SECTION): TITLE".
Topic read_topic(std::string_view name, std::string_view source) {
    const std::size_t end = source.find('\n');
    const std::string_view head = source.substr(0, end);
    Topic topic;
    topic.name = name;
    topic.section = head.at(head.find('(') + 1) - '0';
    topic.title = head.substr(head.find(": ") + 2);
    topic.text =
        filled(source.substr(std::min(source.find_first_not_of('\n', end), source.size())));
    return topic;
}

} // namespace

const std::vector<Topic>& topics() {
    static const std::vector<Topic> all = [] {
        std::vector<Topic> read;
        for (const auto& [name, source] : topic_sources())
            read.push_back(read_topic(name, source));
        return read;
    }();
    return all;
}

const Topic* find_topic(std::string_view name) {
    const auto found = std::find_if(topics().begin(), topics().end(),
                                    [&](const Topic& topic) { return topic.name == name; });
    return found == topics().end() ? nullptr : &*found;
}

} // namespace auth
