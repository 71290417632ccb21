#include "core/base/encoding.h"
#include "core/writers/hash_spellings.h"
#include "core/writers/left_out.h"
#include "core/writers/user_writer.h"

#include <fmt/format.h>

namespace auth {
namespace {

// The hash as Apache spells it (apr_password_validate), or "" for one that it does not check.
std::string apache_spelling(const std::string& hash) {
    if (hash.starts_with("$2b$")) // the same algorithm under PHP's name
        return "$2y$" + hash.substr(4);
    const HashFamily family = family_of(hash);
    if (family == HashFamily::bcrypt || family == HashFamily::sha_crypt ||
        hash.starts_with("$1$") || hash.starts_with("$apr1$"))
        return hash;
    if (std::string digest = ldap_digest_spelling(hash); digest.starts_with("{SHA}"))
        return digest;
    return "";
}

class HtpasswdWriter final : public UserWriter {
  public:
    void add(std::string& out, const UserRecord& user, LeftBehind& left) override {
        const std::string hash = apache_spelling(user.password_hash.value_or(""));
        // A colon would end the name.
        if (hash.empty() || user.disabled.value_or(false) ||
            user.email.find(':') != std::string::npos) {
            ++left["users"];
            return;
        }
        out += fmt::format("{}:{}\n", user.email, hash);
        leave_out(user, {"password_hash"}, left);
    }
};

} // namespace

std::unique_ptr<UserWriter> make_htpasswd_writer(const WriterOptions& /*options*/) {
    return std::make_unique<HtpasswdWriter>();
}

} // namespace auth
