#include "core/passwords/password.h"

#include "core/base/broken.h"
#include "core/base/digest.h"
#include "core/passwords/forms.h"
#include "core/passwords/scheme.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <charconv>
#include <vector>

namespace auth {
namespace {

constexpr std::size_t longest_password = 4096;
constexpr std::size_t longest_hash = 512;
constexpr std::size_t longest_spelling = 2048; // hexadecimal and padding take more

const PasswordScheme* find_scheme(std::string_view hash) {
    for (const auto family :
         {argon2_schemes, crypt_schemes, derived_key_schemes, bcrypt_of_digest_schemes,
          digest_schemes, apr1_schemes, phpass_schemes})
        for (const PasswordScheme& scheme : family())
            if (hash.starts_with(scheme.prefix))
                return &scheme;
    return nullptr;
}

// Code points of a password, wiped when they die.
struct CodePoints {
    explicit CodePoints(std::size_t count) : values(count) {}
    CodePoints(const CodePoints&) = delete;
    CodePoints& operator=(const CodePoints&) = delete;
    ~CodePoints() {
        wipe({reinterpret_cast<char*>(values.data()), values.size() * sizeof(values[0])});
    }
    std::vector<utf8proc_int32_t> values;
};

// Negative for text that is not UTF-8. With no buffer, counts the code points it would write.
utf8proc_ssize_t decompose(std::string_view text, std::span<utf8proc_int32_t> out) {
    return utf8proc_decompose(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()), out.data(),
        static_cast<utf8proc_ssize_t>(out.size()),
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT));
}

Error bad_password(std::string message) {
    return error(ErrorCode::usage, std::move(message)).with_field("password");
}

Result<Secret> encode(std::span<const utf8proc_int32_t> code_points) {
    Secret out(code_points.size() * 4);
    std::size_t used = 0;
    for (const utf8proc_int32_t value : code_points) {
        if (utf8proc_category(value) == UTF8PROC_CATEGORY_CC)
            return fail(bad_password("the password may not hold control characters"));
        used += static_cast<std::size_t>(
            utf8proc_encode_char(value, out.writable().subspan(used).data()));
    }
    out.drop_back(out.size() - used);
    return out;
}

} // namespace

Error malformed_hash(std::string_view scheme) {
    return error(ErrorCode::usage, fmt::format("the {} hash is malformed", scheme))
        .with_field("password_hash");
}

Error hash_too_costly(std::string_view scheme, std::string_view cost, std::string_view limit) {
    return error(ErrorCode::refused,
                 fmt::format("the {} hash is too costly to check: {}, and the limit is {}", scheme,
                             cost, limit))
        .with_reason("hash_too_costly")
        .with_field("password_hash");
}

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(expected.size());
    return true;
}

bool take_number(std::string_view& text, std::uint32_t& value) {
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    const auto length = static_cast<std::size_t>(stop - text.data());
    if (problem != std::errc{} || (text.front() == '0' && length > 1))
        return false;
    text.remove_prefix(length);
    return true;
}

std::string_view take_until(std::string_view& text, char end) {
    const std::size_t found = text.find(end);
    const std::string_view taken = text.substr(0, found);
    text.remove_prefix(found == std::string_view::npos ? text.size() : found + 1);
    return taken;
}

std::string_view to_name(HashStrength strength) {
    switch (strength) {
    case HashStrength::weak:
        return "weak";
    case HashStrength::fair:
        return "fair";
    case HashStrength::strong:
        return "strong";
    }
    return "";
}

Result<KnownHash> read_hash(std::string_view hash) {
    const auto unknown = [] {
        return fail(error(ErrorCode::usage, "the password hash is of no known format")
                        .with_hint("known are argon2id, argon2i, bcrypt, scrypt, PBKDF2, yescrypt, "
                                   "crypt's forms, Apache's $apr1$, phpass, LDAP's {SSHA}, and "
                                   "what Django, Dovecot, WordPress, ASP.NET and others write")
                        .with_field("password_hash"));
    };
    if (hash.size() > longest_spelling)
        return unknown();
    AUTH_TRY(std::string form, read_spelling(hash));
    const PasswordScheme* const scheme = find_scheme(form);
    if (scheme == nullptr || form.size() > longest_hash)
        return unknown();
    AUTH_TRY(HashInfo kind, scheme->inspect(form));
    return KnownHash{std::move(form), std::move(kind)};
}

Result<HashInfo> inspect_hash(std::string_view hash) {
    AUTH_TRY(KnownHash known, read_hash(hash));
    return std::move(known.kind);
}

std::optional<std::string> scheme_of_text(std::string_view text) {
    if (is_des_crypt(text))
        return std::nullopt;
    const auto info = inspect_hash(text);
    if (info)
        return info->scheme;
    return info.error().reason.empty() ? std::nullopt : std::optional<std::string>("");
}

Result<Secret> normalise_password(const Secret& typed) {
    const auto too_long = [] {
        return fail(
            bad_password(fmt::format("the password is longer than {} bytes", longest_password)));
    };
    if (typed.empty())
        return fail(bad_password("the password is empty"));
    if (typed.size() > longest_password)
        return too_long();
    const auto count = decompose(typed.reveal(), {});
    if (count < 0)
        return fail(bad_password("the password is not valid UTF-8"));
    CodePoints points(static_cast<std::size_t>(count));
    decompose(typed.reveal(), points.values);
    const auto composed = utf8proc_normalize_utf32(
        points.values.data(), count,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (composed < 0)
        broken_machine("utf8proc could not normalise a text");
    AUTH_TRY(Secret normalised,
             encode(std::span(points.values).first(static_cast<std::size_t>(composed))));
    if (normalised.size() > longest_password)
        return too_long();
    return normalised;
}

bool verify_password(const Secret& typed, const std::string& hash) {
    const auto known = read_hash(hash);
    if (!known)
        return false;
    const std::string& form = known->stored;
    const PasswordScheme& scheme = *find_scheme(form);
    if (typed.empty() || typed.size() > longest_password) {
        // As slow as a wrong password, so that nothing is learnt about the hash.
        (void)scheme.matches("x", form);
        return false;
    }
    const auto normalised = normalise_password(typed);
    if (normalised && scheme.matches(normalised->reveal(), form))
        return true;
    // Other systems hash what was typed.
    return (!normalised || normalised->reveal() != typed.reveal()) &&
           scheme.matches(typed.reveal(), form);
}

std::string dummy_salt() {
    return sha256("auth-cli: salt of nobody").substr(0, 16);
}

std::string dummy_tag(std::size_t bytes) {
    return (sha256("auth-cli: tag of nobody") + sha256("auth-cli: more of it")).substr(0, bytes);
}

std::vector<std::string> dummy_hashes(const HashWork& work) {
    const PasswordScheme* const scheme = find_scheme(work.unit);
    if (scheme == nullptr || scheme->dummies == nullptr || work.amount == 0)
        return {};
    return scheme->dummies(work.unit, work.amount);
}

Secret generate_password(Random& random) {
    constexpr std::string_view alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
    constexpr std::size_t groups = 5;
    constexpr std::size_t group_size = 5;
    Secret password(groups * (group_size + 1) - 1);
    for (std::size_t i = 0; i < password.size(); ++i)
        password.writable()[i] = static_cast<unsigned char>(
            i % (group_size + 1) == group_size ? '-'
                                               : alphabet[random_below(random, alphabet.size())]);
    return password;
}

} // namespace auth
