#include "cli/help/candidates.h"

#include "cli/help/schemas.h"
#include "cli/help/topics.h"
#include "core/base/text.h"
#include "core/keys/signing_keys_table.h"
#include "core/settings/setting.h"
#include "core/users/roles_table.h"
#include "core/users/user_filter.h"
#include "core/users/users_table.h"

#include <algorithm>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t most = 100; // of what the database has

// The database, to look at it only. Who runs the program with more rights than their own sees
// nothing of it.
std::unique_ptr<Database> database_of(World& world) {
    if (world.surroundings.secure)
        return nullptr;
    auto database = world.store().look();
    return database ? *std::move(database) : nullptr;
}

bool users_wanted(const World& world) {
    const std::string wish = world.surroundings.variable("AUTH_CLI_COMPLETE_USERS");
    return wish != "0" && wish != "false" && wish != "no" && wish != "off";
}

std::vector<Candidate> users(World& world, const std::string& typed) {
    if (!users_wanted(world) || !valid_utf8(typed))
        return {};
    const auto database = database_of(world);
    if (!database)
        return {};
    const bool by_username = typed.starts_with('@');
    const bool by_id = typed.starts_with("id:");
    const std::string key = lower_ascii(typed.substr(by_username ? 1 : by_id ? 3 : 0));
    std::vector<Candidate> found;
    for (const auto& user : users_table::starting_with(*database,
                                                       by_username ? users_table::Name::username
                                                       : by_id     ? users_table::Name::id
                                                                   : users_table::Name::email,
                                                       key, most))
        found.push_back({typed + user.key.substr(key.size()), user.name});
    return found;
}

std::vector<Candidate> roles(World& world) {
    std::vector<Candidate> found;
    if (const auto database = database_of(world))
        for (auto& [name, description] : roles_table::names(*database, most))
            found.push_back({std::move(name), std::move(description)});
    return found;
}

std::vector<Candidate> keys(World& world) {
    std::vector<Candidate> found;
    if (const auto database = database_of(world))
        for (const KeyRecord& key : signing_keys_table::list(*database))
            found.push_back({key.kid, key.algorithm});
    return found;
}

std::vector<Candidate> profiles(World& world) {
    std::vector<Candidate> found;
    if (world.surroundings.secure || world.settings.given(setting<"token_file">))
        return found;
    const auto files = world.places().token_files();
    if (!files)
        return found;
    for (const fs::directory_entry& entry : fs::directory_iterator(files->token.parent_path()))
        if (entry.path().extension() == ".token")
            found.push_back({entry.path().stem().string()});
    std::sort(found.begin(), found.end(),
              [](const Candidate& a, const Candidate& b) { return a.word < b.word; });
    return found;
}

std::vector<Candidate> settings() {
    std::vector<Candidate> found;
    for (const SettingDefinition& definition : setting_definitions())
        found.push_back({std::string(definition.name), std::string(definition.meaning)});
    return found;
}

Candidates setting_values(World& world, const Place& place) {
    Candidates found;
    const auto definition = find_setting(place.arguments.empty() ? "" : place.arguments.front());
    if (!definition)
        return found;
    switch ((*definition)->kind) {
    case SettingKind::choice:
        for (std::string& choice : split((*definition)->choices, '|'))
            found.words.push_back({std::move(choice)});
        break;
    case SettingKind::boolean:
        found.words = {{"true"}, {"false"}};
        break;
    case SettingKind::users:
        found.words = {{"none"}, {"all"}};
        for (const Candidate& role : roles(world))
            found.words.push_back({"role:" + role.word, role.description});
        break;
    case SettingKind::path:
    case SettingKind::command:
        found.others = "files";
        break;
    default:
        break;
    }
    return found;
}

std::vector<Candidate> plain(const auto& values) {
    std::vector<Candidate> found;
    for (const auto& value : values)
        found.push_back({std::string(value)});
    return found;
}

std::vector<Candidate> fields_of(const Place& place) {
    std::vector<Candidate> found;
    if (place.command != nullptr)
        for (const Member& member : place.command->fields)
            found.push_back({std::string(member.name)});
    return found;
}

// Each of them after the part of `typed` that stands already, but for those in it.
Candidates listed(const std::vector<Candidate>& values, const std::string& typed) {
    const std::size_t comma = typed.rfind(',');
    const std::string head = comma == std::string::npos ? "" : typed.substr(0, comma + 1);
    const std::vector<std::string> had = split(head, ',');
    Candidates found;
    for (const Candidate& value : values)
        if (std::find(had.begin(), had.end(), value.word) == had.end())
            found.words.push_back({head + value.word, value.description});
    found.space = false;
    return found;
}

// The field or role that the expression ends in.
Candidates filter_pieces(World& world, const std::string& typed) {
    const std::size_t space = typed.find_last_of(" (");
    const std::size_t begin = space == std::string::npos ? 0 : space + 1;
    const std::string head = typed.substr(0, begin);
    Candidates found;
    found.space = false;
    for (const std::string role : {"role=", "role!="})
        if (typed.compare(begin, role.size(), role) == 0)
            for (const Candidate& known : roles(world))
                found.words.push_back({head + role + known.word, known.description});
    found.words.push_back({head + "attributes.", "text: an attribute, by its name"});
    for (const FilterField& field : filter_fields())
        found.words.push_back({head + std::string(field.name) + "=",
                               field.kind == FilterKind::time      ? "a time"
                               : field.kind == FilterKind::boolean ? "true or false"
                               : field.kind == FilterKind::role    ? "the name of a role"
                               : field.kind == FilterKind::hash    ? "weak, fair or strong"
                                                                   : "text"});
    return found;
}

std::vector<Candidate> schema_names() {
    std::vector<Candidate> found;
    for (const Schema& schema : schemas())
        found.push_back({schema.name, std::string(schema.title)});
    return found;
}

std::vector<Candidate> commands_and_topics(const Place& place) {
    if (place.arguments.size() > 1)
        return {};
    if (!place.arguments.empty() && place.arguments.front() == "schema")
        return schema_names();
    std::vector<Candidate> found =
        command_words(place.tree, place.arguments.empty() ? "" : place.arguments.front());
    if (place.arguments.empty()) {
        for (const Topic& topic : topics())
            found.push_back({std::string(topic.name), std::string(topic.title)});
        found.push_back({"flags", "the flags that every command takes"});
        found.push_back({"schema", "the schemas of JSON documents"});
    }
    return found;
}

} // namespace

std::vector<Candidate> command_words(const CommandTree& tree, std::string_view noun) {
    std::vector<Candidate> found;
    for (const Command* command : tree) {
        const std::size_t space = command->path.find(' ');
        const std::string first(command->path.substr(0, space));
        if (!noun.empty()) {
            if (first == noun && space != std::string_view::npos)
                found.push_back(
                    {std::string(command->path.substr(space + 1)), std::string(command->summary)});
        } else if (space == std::string_view::npos) {
            found.push_back({first, std::string(command->summary)});
        } else if (const std::string second(command->path.substr(space + 1));
                   !found.empty() && found.back().word == first) {
            found.back().description += ", " + second;
        } else {
            found.push_back({first, second});
        }
    }
    return found;
}

Candidates candidates(World& world, const Place& place, const Flags::Description& entry,
                      const std::string& typed) {
    switch (entry.kind) {
    case ValueKind::text:
        return {};
    case ValueKind::choice:
        return {plain(entry.choices)};
    case ValueKind::choices:
        return listed(plain(entry.choices), typed);
    case ValueKind::file:
        return {{}, "files"};
    case ValueKind::directory:
        return {{}, "directories"};
    case ValueKind::user:
        return {users(world, typed)};
    case ValueKind::role:
        return {roles(world)};
    case ValueKind::key:
        return {keys(world)};
    case ValueKind::setting:
        return {settings()};
    case ValueKind::setting_value:
        return setting_values(world, place);
    case ValueKind::profile:
        return {profiles(world)};
    case ValueKind::field:
        return {fields_of(place)};
    case ValueKind::fields:
        return listed(fields_of(place), typed);
    case ValueKind::where:
        return filter_pieces(world, typed);
    case ValueKind::command:
        return {commands_and_topics(place)};
    }
    return {};
}

} // namespace auth
