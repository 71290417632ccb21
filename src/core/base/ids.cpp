#include "core/base/ids.h"

#include "core/base/broken.h"
#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

namespace auth {
namespace {

constexpr std::size_t longest_email = 254;
constexpr std::size_t longest_local_part = 64;
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_name = 64;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_atext(char c) {
    return is_letter_or_digit(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

Error bad_value(std::string_view text, std::string_view kind, std::string_view why,
                std::string field) {
    return error(ErrorCode::usage, fmt::format("{} is not {}: {}", in_quotes(text), kind, why))
        .with_field(std::move(field));
}

Error bad_email(std::string_view text, std::string_view why) {
    return bad_value(text, "an e-mail address", why, "email");
}

// Says what is wrong with a local part, or nothing.
std::string local_part_fault(std::string_view local, Email::Dots dots) {
    if (local.empty())
        return "nothing stands before the @";
    if (local.size() > longest_local_part)
        return fmt::format("the part before the @ is longer than {} bytes", longest_local_part);
    if (local.front() == '"')
        return "quoted local parts are not accepted";
    for (const char c : local) {
        if (static_cast<unsigned char>(c) >= 0x80)
            return "the part before the @ has letters outside ASCII";
        if (!is_atext(c) && c != '.')
            return fmt::format("the part before the @ may not hold '{}'", c);
    }
    const bool odd = local.back() == '.' || local.find("..") != std::string_view::npos;
    if (local.front() == '.' || (odd && dots == Email::Dots::standard))
        return "the part before the @ has a dot too many";
    return {};
}

bool is_host_label(std::string_view label) {
    return !label.empty() && label.size() <= longest_label && label.front() != '-' &&
           label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
               return is_lower(c) || is_digit(c) || c == '-';
           });
}

// A name whose last label is a number would be read as an IPv4 address.
bool is_host_name(std::string_view name) {
    while (true) {
        const std::size_t dot = name.find('.');
        if (!is_host_label(name.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return !std::all_of(name.begin(), name.end(), is_digit);
        name.remove_prefix(dot + 1);
    }
}

// An empty string for a domain that is not a host name. libidn2's own STD3 rule is not used: it
// drops the characters it forbids, so that ex_ample.com would become example.com.
std::string to_a_labels(std::string_view domain) {
    // Nothing is to be mapped where all labels are plain ASCII and none is an A-label itself.
    if (domain.find("--") == std::string_view::npos)
        if (std::string name = lower_ascii(domain); is_host_name(name))
            return name;
    const std::string terminated(domain);
    std::uint8_t* raw = nullptr;
    const int problem =
        idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(terminated.c_str()), &raw,
                       static_cast<int>(IDN2_NFC_INPUT) | static_cast<int>(IDN2_NONTRANSITIONAL));
    const std::unique_ptr<std::uint8_t, decltype(&idn2_free)> owned(raw, &idn2_free);
    if (problem == IDN2_MALLOC)
        out_of_memory();
    if (problem != IDN2_OK)
        return {};
    std::string name = lower_ascii(reinterpret_cast<const char*>(owned.get()));
    return is_host_name(name) ? name : std::string();
}

bool has_wide_at(std::string_view text) {
    return text.find("\uFF20") != std::string_view::npos ||
           text.find("\uFE6B") != std::string_view::npos;
}

// What is wrong with the address as a whole, before it is split at its @.
std::string outer_fault(std::string_view text) {
    if (text.empty())
        return "it is empty";
    if (text.size() > longest_email)
        return fmt::format("it is longer than {} bytes", longest_email);
    if (!valid_utf8(text))
        return "it is not valid UTF-8";
    if (printable(text) != text)
        return "it holds a control character or an invisible one";
    if (text.find(' ') != std::string_view::npos)
        return "it holds a space";
    if (text.front() == '-')
        return "it starts with '-'";
    if (has_wide_at(text))
        return "its @ is a look-alike of the ASCII one";
    const auto ats = std::count(text.begin(), text.end(), '@');
    return ats == 1 ? "" : ats == 0 ? "it has no @" : "it has more than one @";
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex = is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f');
        if (hyphen ? text[i] != '-' : !hex)
            return false;
    }
    return true;
}

bool has_only(std::string_view text, std::string_view marks) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return is_lower(c) || is_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

bool is_username(std::string_view text) {
    return !text.empty() && text.size() <= longest_name && is_letter_or_digit(text.front()) &&
           has_only(text, "._-");
}

bool is_role_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_name && is_lower(text.front()) &&
           has_only(text, "._:-");
}

} // namespace

bool Email::has_odd_dots(std::string_view text) {
    const std::string_view local = text.substr(0, text.rfind('@'));
    return local.ends_with('.') || local.find("..") != std::string_view::npos;
}

Result<Email> Email::parse(std::string_view text, Dots dots) {
    if (const std::string fault = outer_fault(text); !fault.empty())
        return fail(bad_email(text, fault));
    const std::size_t at = text.find('@');
    const std::string_view local = text.substr(0, at);
    const std::string_view domain = text.substr(at + 1);
    if (const std::string fault = local_part_fault(local, dots); !fault.empty())
        return fail(bad_email(text, fault));
    if (domain.empty())
        return fail(bad_email(text, "nothing stands after the @"));
    if (domain.front() == '[')
        return fail(bad_email(text, "an IP address cannot stand for a host name"));
    const std::string host = to_a_labels(domain);
    if (host.empty())
        return fail(bad_email(text, "the part after the @ is not a host name"));
    Email email;
    email.original_ = text;
    email.canonical_ = lower_ascii(local) + '@' + host;
    if (email.canonical_.size() > longest_email)
        return fail(bad_email(text, fmt::format("it is longer than {} bytes", longest_email)));
    return email;
}

std::string Email::local_part() const {
    return canonical_.substr(0, canonical_.find('@'));
}

Result<UserId> UserId::parse(std::string_view text) {
    UserId id;
    id.text_ = lower_ascii(text);
    if (!is_uuid(id.text_))
        return fail(bad_value(text, "a user id", "it is not a UUID", "user"));
    return id;
}

UserId UserId::make(Random& random, Time now) {
    UserId id;
    id.text_ = new_uuid(random, now);
    return id;
}

Result<Username> Username::parse(std::string_view text) {
    Username name;
    name.original_ = text;
    name.canonical_ = lower_ascii(text);
    if (!is_username(name.canonical_))
        return fail(bad_value(text, "a user name",
                              "it takes 1 to 64 of a-z, 0-9, '.', '_' and '-', and starts with a "
                              "letter or digit",
                              "username"));
    return name;
}

Result<RoleName> RoleName::parse(std::string_view text) {
    RoleName name;
    name.text_ = text;
    if (is_role_name(name.text_))
        return name;
    Error refusal = bad_value(text, "a role name",
                              "it takes 1 to 64 of a-z, 0-9, '.', '_', ':' and '-', and starts "
                              "with a letter",
                              "role");
    if (const std::string lower = lower_ascii(text); is_role_name(lower))
        refusal.hint = fmt::format("role names are lower case: {}", lower);
    return fail(std::move(refusal));
}

Result<UserRef> parse_user_ref(std::string_view text) {
    if (text.starts_with("id:")) {
        AUTH_TRY(UserRef id, UserId::parse(text.substr(3)));
        return id;
    }
    if (text.starts_with('@')) {
        AUTH_TRY(UserRef name, Username::parse(text.substr(1)));
        return name;
    }
    auto email = Email::parse(text, Email::Dots::odd);
    if (email)
        return UserRef{*std::move(email)};
    Error refusal = std::move(email).error();
    if (is_uuid(lower_ascii(text)))
        refusal.hint = fmt::format("write id:{} to name a user by id", text);
    else if (Username::parse(text))
        refusal.hint = fmt::format("write @{} to name a user by user name", text);
    else
        refusal.hint = "name a user by address, @username or id:UUID";
    return fail(std::move(refusal));
}

std::string to_text(const UserRef& ref) {
    if (const auto* email = std::get_if<Email>(&ref))
        return email->original();
    if (const auto* id = std::get_if<UserId>(&ref))
        return "id:" + id->text();
    return "@" + std::get<Username>(ref).original();
}

std::string new_uuid(Random& random, Time now) {
    const auto milliseconds = static_cast<std::uint64_t>(unix_seconds(now)) * 1000U;
    std::array<unsigned char, 16> bytes{};
    random.fill(std::span(bytes).subspan(6));
    for (unsigned i = 0; i < 6; ++i)
        bytes[i] = static_cast<unsigned char>(milliseconds >> (40U - 8U * i) & 0xffU);
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x70U);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
    std::string text = to_hex(as_text(bytes));
    for (const std::size_t hyphen : {8U, 13U, 18U, 23U})
        text.insert(hyphen, 1, '-');
    return text;
}

} // namespace auth
