#include "core/base/encoding.h"
#include "core/writers/hash_spellings.h"
#include "core/writers/json_list_writer.h"
#include "core/writers/left_out.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::size_t widest = 76; // RFC 2849, note 2

// Attributes of inetOrgPerson that a user's own attributes of these names become.
constexpr std::array<std::string_view, 8> own_attributes{"title",
                                                         "ou",
                                                         "o",
                                                         "l",
                                                         "description",
                                                         "employeeType",
                                                         "departmentNumber",
                                                         "preferredLanguage"};

// RFC 2849's SAFE-STRING that does not end in a space.
bool is_safe(std::string_view text) {
    if (text.empty())
        return true;
    return std::string_view(" :<").find(text.front()) == std::string_view::npos &&
           text.back() != ' ' &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
    std::string line = is_safe(value) ? fmt::format("{}: {}", name, value)
                                      : fmt::format("{}:: {}", name, to_base64(value));
    std::string_view rest = line;
    out += rest.substr(0, widest);
    for (rest.remove_prefix(std::min(widest, rest.size())); !rest.empty();
         rest.remove_prefix(std::min(widest - 1, rest.size())))
        out.append("\n ").append(rest.substr(0, widest - 1));
    out += '\n';
    wipe(line);
}

// RFC 4514 section 2.4.
std::string dn_value(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool at_edge = (c == ' ' && (i == 0 || i + 1 == text.size())) || (c == '#' && i == 0);
        if (at_edge || std::string_view("\"+,;<>\\").find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

// RFC 4517 section 3.3.28: lines between '$'.
std::string postal_address(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '$' ? "\\24" : c == '\\' ? "\\5C" : c == '\n' ? "$" : std::string(1, c);
    return out;
}

// The hash as OpenLDAP spells it, or "" for one that it does not check.
std::string openldap_spelling(const std::string& hash) {
    switch (family_of(hash)) {
    case HashFamily::argon2:
        return "{ARGON2}" + hash;
    case HashFamily::bcrypt:
    case HashFamily::sha_crypt:
    case HashFamily::crypt:
        return "{CRYPT}" + hash;
    default:
        break;
    }
    if (const auto pieces = phc_pieces(hash))
        for (const auto& [name, scheme] :
             std::initializer_list<std::pair<std::string_view, std::string_view>>{
                 {"pbkdf2-sha1", "{PBKDF2-SHA1}"},
                 {"pbkdf2-sha256", "{PBKDF2-SHA256}"},
                 {"pbkdf2-sha512", "{PBKDF2-SHA512}"}})
            if (pieces->name == name)
                return fmt::format("{}{}${}${}", scheme, pieces->costs.at("i"),
                                   to_adapted_base64(pieces->salt), to_adapted_base64(pieces->tag));
    return ldap_digest_spelling(hash);
}

// With a lock behind the scheme's name: no directory matches it, and our reader knows it. A
// directory that does not know a scheme takes all of the value for the password, but every one
// knows {SSHA}.
std::string locked(std::string_view spelling) {
    if (spelling.empty())
        return "{SSHA}!";
    const std::size_t end = spelling.find('}') + 1;
    return fmt::format("{}!{}", spelling.substr(0, end), spelling.substr(end));
}

class LdifWriter final : public UserWriter {
  public:
    explicit LdifWriter(std::string base_dn) : base_dn_(std::move(base_dn)) {}

    void begin(std::string& out) override { out += "version: 1\n"; }

    void add(std::string& out, const UserRecord& user, LeftBehind& left) override {
        const std::string uid = user.username.value_or(user.email);
        const std::string name = user.name.value_or(uid);
        out += '\n';
        append_line(out, "dn", fmt::format("uid={},{}", dn_value(uid), base_dn_));
        for (const char* of : {"top", "person", "organizationalPerson", "inetOrgPerson"})
            append_line(out, "objectClass", of);
        append_line(out, "uid", uid);
        append_line(out, "mail", user.email);
        append_line(out, "cn", name);
        append_line(out, "sn", name.substr(name.rfind(' ') + 1));
        if (user.name)
            append_line(out, "displayName", name);
        if (!user.phone.value_or("").empty())
            append_line(out, "telephoneNumber", *user.phone);
        if (!user.address.value_or("").empty())
            append_line(out, "postalAddress", postal_address(*user.address));
        add_attributes(out, user, left);
        const bool keeps_hash = add_password(out, user);
        leave_out(user,
                  {"username", "name", "phone", "address", "attributes", "disabled",
                   keeps_hash ? "password_hash" : ""},
                  left);
    }

  private:
    static void add_attributes(std::string& out, const UserRecord& user, LeftBehind& left) {
        const Json attributes = attributes_of(user);
        for (const auto& [name, value] : attributes.items())
            if (std::ranges::find(own_attributes, name) != own_attributes.end())
                append_line(out, name, value.get_ref<const std::string&>());
            else
                ++left["attributes"];
    }
    // Whether nothing of the password is left behind.
    static bool add_password(std::string& out, const UserRecord& user) {
        const std::string hash = openldap_spelling(user.password_hash.value_or(""));
        if (user.disabled.value_or(false))
            append_line(out, "userPassword", locked(hash));
        else if (!hash.empty())
            append_line(out, "userPassword", hash);
        return !hash.empty();
    }

    std::string base_dn_;
};

} // namespace

std::unique_ptr<UserWriter> make_ldif_writer(const WriterOptions& options) {
    return std::make_unique<LdifWriter>(options.base_dn);
}

} // namespace auth
