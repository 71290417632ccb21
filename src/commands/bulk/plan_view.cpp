#include "commands/bulk/plan_view.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace auth {
namespace {

using Words = std::vector<std::string>;

Json to_json(const FieldValue& value) {
    return std::visit(
        [](const auto& held) -> Json {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>)
                return nullptr;
            else
                return held;
        },
        value);
}

std::string in_words(const FieldValue& value) {
    if (std::holds_alternative<std::monostate>(value))
        return "none";
    return printable(to_json(value).dump(-1, ' ', false, Json::error_handler_t::replace));
}

// "+admin -editor"
std::string in_and_out(const Words& from, const Words& to) {
    std::string out;
    const auto add = [&](char sign, const Words& those, const Words& others) {
        for (const std::string& word : those)
            if (std::find(others.begin(), others.end(), word) == others.end())
                out += fmt::format("{}{}{}", out.empty() ? "" : " ", sign, printable(word));
    };
    add('+', to, from);
    add('-', from, to);
    return out;
}

std::string field_text(const FieldChange& change, ChangeAction action) {
    static const Words none;
    const auto* from = std::get_if<Words>(&change.from);
    const auto* to = std::get_if<Words>(&change.to);
    const bool hidden = change.from == FieldValue() && change.to == FieldValue();
    std::string value;
    if (hidden)
        value = "set";
    else if (from != nullptr || to != nullptr)
        value = in_and_out(from != nullptr ? *from : none, to != nullptr ? *to : none);
    else if (action == ChangeAction::create)
        value = in_words(change.to);
    else
        value = fmt::format("{} -> {}", in_words(change.from), in_words(change.to));
    return fmt::format("    {}: {}\n", printable(change.field), value);
}

struct Mark {
    char sign;
    std::string_view colour;
};

Mark mark_of(ChangeAction action) {
    switch (action) {
    case ChangeAction::create:
        return {'+', "\x1b[32m"};
    case ChangeAction::update:
        return {'~', "\x1b[33m"};
    case ChangeAction::remove:
        return {'-', "\x1b[31m"};
    }
    return {};
}

} // namespace

std::string plan_text(const std::vector<Change>& changes, bool coloured) {
    std::string out;
    for (const Change& change : changes) {
        const Mark mark = mark_of(change.action);
        out += fmt::format("{}{} {} {}{}\n", coloured ? mark.colour : "", mark.sign, change.kind,
                           printable(change.name), coloured ? "\x1b[0m" : "");
        for (const FieldChange& field : change.fields)
            out += field_text(field, change.action);
    }
    return out;
}

std::string plan_summary(const std::vector<Change>& changes) {
    std::string out;
    for (const auto& [action, done] :
         {std::pair(ChangeAction::create, "created"), std::pair(ChangeAction::update, "updated"),
          std::pair(ChangeAction::remove, "deleted")}) {
        const auto count = std::ranges::count(changes, action, &Change::action);
        if (count > 0)
            out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, done);
    }
    return out;
}

Json plan_records(const std::vector<Change>& changes) {
    Json records = Json::array();
    for (const Change& change : changes) {
        Json fields = Json::array();
        for (const FieldChange& field : change.fields)
            fields.push_back(
                {{"field", field.field}, {"from", to_json(field.from)}, {"to", to_json(field.to)}});
        records.push_back({{"action", to_name(change.action)},
                           {"kind", change.kind},
                           {"name", change.name},
                           {"fields", std::move(fields)}});
    }
    return records;
}

} // namespace auth
