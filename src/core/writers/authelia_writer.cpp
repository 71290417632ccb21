#include "core/base/encoding.h"
#include "core/writers/hash_spellings.h"
#include "core/writers/left_out.h"
#include "core/writers/user_writer.h"
#include "core/writers/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

// Authelia's schema demands the number of rounds, which crypt(5) may leave out where it is 5000.
std::string sha_crypt_spelling(const std::string& hash) {
    constexpr std::size_t name = 3;
    const std::string_view rest = std::string_view(hash).substr(name);
    return rest.starts_with("rounds=")
               ? hash
               : fmt::format("{}rounds=5000${}", hash.substr(0, name), rest);
}

// The hash as Authelia spells it, or "" for one that it does not check.
std::string authelia_spelling(const std::string& hash) {
    switch (family_of(hash)) {
    case HashFamily::argon2:
    case HashFamily::bcrypt:
    case HashFamily::scrypt:
        return hash;
    case HashFamily::sha_crypt:
        return sha_crypt_spelling(hash);
    default:
        break;
    }
    const auto pieces = phc_pieces(hash);
    if (!pieces || !pieces->name.starts_with("pbkdf2-"))
        return "";
    return fmt::format("${}${}${}${}", pieces->name == "pbkdf2-sha1" ? "pbkdf2" : pieces->name,
                       pieces->costs.at("i"), to_adapted_base64(pieces->salt),
                       to_adapted_base64(pieces->tag));
}

class AutheliaWriter final : public UserWriter {
  public:
    void begin(std::string& out) override { out += "users:"; }

    void add(std::string& out, const UserRecord& user, LeftBehind& left) override {
        const std::string hash = authelia_spelling(user.password_hash.value_or(""));
        if (hash.empty()) {
            ++left["users"];
            return;
        }
        out += std::exchange(any_, true) ? "  " : "\n  ";
        append_yaml_text(out, user.username.value_or(user.email));
        out += fmt::format(":\n    disabled: {}\n", user.disabled.value_or(false));
        member(out, "displayname", user.name.value_or(user.email));
        member(out, "password", hash);
        member(out, "email", user.email);
        add_groups(out, user.roles.value_or(std::vector<std::string>()));
        leave_out(user, {"username", "name", "roles", "disabled", "password_hash"}, left);
    }

    void end(std::string& out) override {
        if (!any_)
            out += " {}\n";
    }

  private:
    static void member(std::string& out, std::string_view name, std::string_view text) {
        out += fmt::format("    {}: ", name);
        append_yaml_text(out, text);
        out += '\n';
    }
    static void add_groups(std::string& out, const std::vector<std::string>& groups) {
        out += groups.empty() ? "    groups: []\n" : "    groups:\n";
        for (const std::string& group : groups) {
            out += "      - ";
            append_yaml_text(out, group);
            out += '\n';
        }
    }

    bool any_ = false;
};

} // namespace

std::unique_ptr<UserWriter> make_authelia_writer(const WriterOptions& /*options*/) {
    return std::make_unique<AutheliaWriter>();
}

} // namespace auth
