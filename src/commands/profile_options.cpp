#include "commands/profile_options.h"

#include "core/base/text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace auth {

void ProfileOptions::bind(CLI::App& app) {
    const auto text = [&](const char* flag, std::optional<std::string>& value, const char* type,
                          const char* help) { app.add_option(flag, value, help)->type_name(type); };
    text("--username", username, "NAME", "a second name to log in with, as @NAME");
    text("--name", name, "TEXT", "full name");
    text("--phone", phone, "TEXT", "phone number");
    text("--address", address, "TEXT", "postal address");
    text("--national-id", national_id, "TEXT", "national identity number");
    app.add_option("--set", sets, "set an attribute; may be repeated")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Result<ProfileChange> ProfileOptions::change() const {
    ProfileChange change{username, name, phone, address, national_id, {}};
    for (const std::string& set : sets) {
        const std::size_t equals = set.find('=');
        if (equals == std::string::npos)
            return fail(error(ErrorCode::usage,
                              fmt::format("'{}' is not KEY=VALUE", printable(set.substr(0, 80))))
                            .with_field("attributes"));
        change.attributes[set.substr(0, equals)] = set.substr(equals + 1);
    }
    return change;
}

} // namespace auth
