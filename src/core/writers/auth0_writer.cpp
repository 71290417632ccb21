#include "core/writers/hash_spellings.h"
#include "core/writers/json_list_writer.h"
#include "core/writers/left_out.h"

#include <nlohmann/json.hpp>

namespace auth {
namespace {

// The algorithm's name there, or "" for a hash that Auth0 does not check.
std::string_view algorithm_of(std::string_view hash) {
    switch (family_of(hash)) {
    case HashFamily::argon2:
        return "argon2";
    case HashFamily::bcrypt:
        return "bcrypt";
    case HashFamily::pbkdf2:
        return "pbkdf2";
    default:
        return "";
    }
}

class Auth0Writer final : public JsonListWriter {
  public:
    Auth0Writer() : JsonListWriter("", "") {}

  private:
    [[nodiscard]] Json element(const UserRecord& user, LeftBehind& left) const override {
        Json own = attributes_of(user);
        put_profile(own, user, {"phone", "address"});
        Json for_operators = Json::object();
        put_profile(for_operators, user, {"national_id"});
        for_operators["roles"] = user.roles.value_or(std::vector<std::string>());
        Json out{{"user_id", user.id.value_or("")},
                 {"email", user.email},
                 {"email_verified", user.verified.value_or(false)},
                 {"blocked", user.disabled.value_or(false)}};
        put_profile(out, user, {"username", "name"});
        out["user_metadata"] = std::move(own);
        out["app_metadata"] = std::move(for_operators);
        const std::string hash = user.password_hash.value_or("");
        const std::string_view algorithm = algorithm_of(hash);
        if (!algorithm.empty())
            out["custom_password_hash"] = {{"algorithm", algorithm},
                                           {"hash", {{"value", hash}, {"encoding", "utf8"}}}};
        leave_out(user,
                  {"username", "name", "phone", "address", "national_id", "roles", "attributes",
                   "verified", "disabled", algorithm.empty() ? "" : "password_hash"},
                  left);
        return out;
    }
};

} // namespace

std::unique_ptr<UserWriter> make_auth0_writer(const WriterOptions& /*options*/) {
    return std::make_unique<Auth0Writer>();
}

} // namespace auth
