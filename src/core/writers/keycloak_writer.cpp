#include "core/base/encoding.h"
#include "core/writers/hash_spellings.h"
#include "core/writers/json_list_writer.h"
#include "core/writers/left_out.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

Json password_credential(const PhcPieces& hash, const Json& data) {
    return {{"type", "password"},
            {"secretData", Json{{"value", to_base64(hash.tag)},
                                {"salt", to_base64(hash.salt)},
                                {"additionalParameters", Json::object()}}
                               .dump()},
            {"credentialData", data.dump()}};
}

std::optional<Json> argon2_credential(const PhcPieces& hash) {
    const auto cost = [&](std::string_view name) {
        const auto found = hash.costs.find(name);
        return found != hash.costs.end() ? found->second : 0;
    };
    const auto list_of = [](auto value) { return Json::array({fmt::format("{}", value)}); };
    if (cost("v") != 19)
        return std::nullopt;
    return password_credential(hash, {{"hashIterations", cost("t")},
                                      {"algorithm", "argon2"},
                                      {"additionalParameters",
                                       {{"hashLength", list_of(hash.tag.size())},
                                        {"memory", list_of(cost("m"))},
                                        {"type", list_of(hash.name.substr(6))},
                                        {"version", list_of("1.3")},
                                        {"parallelism", list_of(cost("p"))}}}});
}

// What Keycloak's own providers check; nothing for other hashes.
std::optional<Json> credential_of(const std::string& stored) {
    const auto hash = phc_pieces(stored);
    if (!hash)
        return std::nullopt;
    if (hash->name == "argon2id" || hash->name == "argon2i")
        return argon2_credential(*hash);
    for (const auto& [name, algorithm] :
         {std::pair("pbkdf2-sha1", "pbkdf2"), std::pair("pbkdf2-sha256", "pbkdf2-sha256"),
          std::pair("pbkdf2-sha512", "pbkdf2-sha512")})
        if (hash->name == name)
            return password_credential(*hash, {{"hashIterations", hash->costs.at("i")},
                                               {"algorithm", algorithm},
                                               {"additionalParameters", Json::object()}});
    return std::nullopt;
}

// Attributes are lists of texts there.
Json attributes_in_lists(const UserRecord& user) {
    Json plain = attributes_of(user);
    put_profile(plain, user, {"phone", "address", "national_id"});
    Json lists = Json::object();
    for (const auto& [name, value] : plain.items())
        lists[name] = Json::array({value});
    return lists;
}

void put_name(Json& out, const UserRecord& user) {
    const std::string name = user.name.value_or("");
    const std::size_t space = name.rfind(' ');
    if (name.empty())
        return;
    out["firstName"] = name.substr(0, space);
    if (space != std::string::npos)
        out["lastName"] = name.substr(space + 1);
}

std::string realm_head(const std::vector<WriterOptions::Role>& roles) {
    Json list = Json::array();
    for (const auto& role : roles)
        list.push_back({{"name", role.name}, {"description", role.description}});
    return fmt::format(R"({{"realm":"auth-cli","enabled":true,"roles":{{"realm":{}}},"users":)",
                       list.dump());
}

class KeycloakWriter final : public JsonListWriter {
  public:
    explicit KeycloakWriter(const WriterOptions& options)
        : JsonListWriter(realm_head(options.roles), "}") {}

  private:
    [[nodiscard]] Json element(const UserRecord& user, LeftBehind& left) const override {
        Json out{{"id", user.id.value_or("")},
                 {"username", user.username.value_or(user.email)},
                 {"email", user.email},
                 {"emailVerified", user.verified.value_or(false)},
                 {"enabled", !user.disabled.value_or(false)}};
        put_name(out, user);
        if (user.created_at)
            out["createdTimestamp"] = unix_seconds(*user.created_at) * 1000;
        if (Json attributes = attributes_in_lists(user); !attributes.empty())
            out["attributes"] = std::move(attributes);
        out["realmRoles"] = user.roles.value_or(std::vector<std::string>());
        if (user.must_change_password.value_or(false))
            out["requiredActions"] = Json::array({"UPDATE_PASSWORD"});
        auto credential = user.password_hash ? credential_of(*user.password_hash) : std::nullopt;
        leave_out(user,
                  {"username", "name", "phone", "address", "national_id", "roles", "attributes",
                   "verified", "disabled", "must_change_password",
                   credential ? "password_hash" : ""},
                  left);
        if (credential)
            out["credentials"] = Json::array({*std::move(credential)});
        return out;
    }
};

} // namespace

std::unique_ptr<UserWriter> make_keycloak_writer(const WriterOptions& options) {
    return std::make_unique<KeycloakWriter>(options);
}

} // namespace auth
