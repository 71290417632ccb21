#include "core/writers/hash_spellings.h"
#include "core/writers/json_list_writer.h"
#include "core/writers/left_out.h"

#include <nlohmann/json.hpp>

namespace auth {
namespace {

// Hashes that Kratos checks as they are stored here.
bool is_known_there(std::string_view hash) {
    const HashFamily family = family_of(hash);
    return family == HashFamily::argon2 || family == HashFamily::bcrypt ||
           family == HashFamily::pbkdf2;
}

class KratosWriter final : public JsonListWriter {
  public:
    KratosWriter() : JsonListWriter("", "") {}

  private:
    [[nodiscard]] Json element(const UserRecord& user, LeftBehind& left) const override {
        Json traits{{"email", user.email}};
        put_profile(traits, user, {"username", "name", "phone"});
        Json for_operators = Json::object();
        put_profile(for_operators, user, {"address", "national_id"});
        for_operators["roles"] = user.roles.value_or(std::vector<std::string>());
        const bool verified = user.verified.value_or(false);
        Json out{{"schema_id", "default"},
                 {"state", user.disabled.value_or(false) ? "inactive" : "active"},
                 {"traits", std::move(traits)},
                 {"verifiable_addresses",
                  Json::array({{{"value", user.email},
                                {"verified", verified},
                                {"via", "email"},
                                {"status", verified ? "completed" : "pending"}}})},
                 {"metadata_public", attributes_of(user)},
                 {"metadata_admin", std::move(for_operators)}};
        const bool keeps_hash = user.password_hash && is_known_there(*user.password_hash);
        if (keeps_hash)
            out["credentials"] = {
                {"password", {{"config", {{"hashed_password", *user.password_hash}}}}}};
        leave_out(user,
                  {"username", "name", "phone", "address", "national_id", "roles", "attributes",
                   "verified", "disabled", keeps_hash ? "password_hash" : ""},
                  left);
        return out;
    }
};

} // namespace

std::unique_ptr<UserWriter> make_kratos_writer(const WriterOptions& /*options*/) {
    return std::make_unique<KratosWriter>();
}

} // namespace auth
