#include "commands/meta/setting_view.h"

#include <fmt/format.h>

namespace auth {
namespace {

Json typed(SettingKind kind, const std::string& text) {
    if (text.empty())
        return nullptr;
    if (kind == SettingKind::boolean)
        return text == "true";
    if (kind == SettingKind::integer)
        return std::stoll(text);
    return text;
}

} // namespace

Json setting_record(World& world, const SettingDefinition& definition) {
    const Settings::Value value = world.settings.value(definition);
    return {{"name", definition.name},
            {"value", typed(definition.kind, value.text)},
            {"source", to_name(value.source)},
            {"default", typed(definition.kind, std::string(definition.fallback))},
            {"kept_in", definition.scope == SettingScope::database ? "database" : "config file"},
            {"meaning", definition.meaning}};
}

Reply setting_reply(World& world, const SettingDefinition& definition, bool changed,
                    std::string_view done) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.setting/1"}};
    reply.document.update(setting_record(world, definition));
    reply.document["changed"] = changed;
    const Settings::Value value = world.settings.value(definition);
    reply.note =
        fmt::format("{} {}: now {} (from {})", changed ? done : "no changes for", definition.name,
                    value.text.empty() ? "unset" : value.text, to_name(value.source));
    return reply;
}

} // namespace auth
