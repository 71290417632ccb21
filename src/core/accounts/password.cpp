#include "core/accounts/password.h"

#include "core/accounts/password_scheme.h"
#include "core/base/digest.h"
#include "core/base/encoding.h"

#include <fmt/format.h>
#include <sodium.h>
#include <utf8proc.h>

#include <cerrno>
#include <charconv>
#include <new>
#include <stdexcept>
#include <vector>

namespace auth {
namespace {

constexpr std::size_t longest_password = 4096;
constexpr std::size_t longest_hash = 512;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t tag_bytes = 32;
constexpr std::uint32_t most_memory_kib = 1U << 20U;
constexpr std::uint32_t most_passes = 10;
// Below OWASP's cheapest Argon2 parameters (7 MiB, five passes).
constexpr std::uint32_t test_memory_kib = 7 * 1024;

struct Argon2Parameters {
    std::uint32_t memory_kib = 0;
    std::uint32_t passes = 0;
    std::uint32_t lanes = 0;
    std::size_t salt_size = 0;
    std::size_t tag_size = 0;
};

// Chooses libsodium's fastest code for this machine; without it Argon2 is several times slower.
void start_sodium() {
    static const int started = sodium_init();
    if (started < 0)
        throw std::runtime_error("libsodium could not start");
}

std::string phc_prefix(PasswordCost cost) {
    return fmt::format("$argon2id$v=19$m={},t={},p=1$", cost.memory_kib, cost.passes);
}

std::optional<Argon2Parameters> parse_argon2(std::string_view rest, std::string_view prefix) {
    Argon2Parameters out;
    if (!take(rest, prefix) || !take(rest, "v=19$m=") || !take_number(rest, out.memory_kib) ||
        !take(rest, ",t=") || !take_number(rest, out.passes) || !take(rest, ",p=") ||
        !take_number(rest, out.lanes) || !take(rest, "$"))
        return std::nullopt;
    const std::size_t dollar = rest.find('$');
    if (dollar == std::string_view::npos)
        return std::nullopt;
    const auto salt = from_unpadded_base64(rest.substr(0, dollar));
    const auto tag = from_unpadded_base64(rest.substr(dollar + 1));
    if (!salt || !tag)
        return std::nullopt;
    out.salt_size = salt->size();
    out.tag_size = tag->size();
    // RFC 9106 section 3.1, with libsodium's lower bounds for salt and tag.
    const bool sound = out.salt_size >= 8 && out.tag_size >= 16 && out.passes >= 1 &&
                       out.lanes >= 1 && out.lanes < 1U << 24U && out.memory_kib / 8 >= out.lanes;
    return sound ? std::optional(out) : std::nullopt;
}

Result<HashInfo> inspect_argon2(std::string_view hash, std::string_view scheme) {
    const auto found = parse_argon2(hash, fmt::format("${}$", scheme));
    if (!found)
        return fail(malformed_hash(scheme));
    HashInfo info{
        std::string(scheme),
        fmt::format("m={} KiB, t={}, p={}", found->memory_kib, found->passes, found->lanes),
        found->memory_kib < test_memory_kib};
    if (found->memory_kib > most_memory_kib || found->passes > most_passes)
        return fail(hash_too_costly(scheme, info.cost, "m=1048576 KiB and t=10"));
    return info;
}

// libsodium reports a lack of memory as a wrong password; only errno tells them apart.
template <class Verify>
bool matches_argon2(Verify verify, std::string_view password, const std::string& hash) {
    start_sodium();
    errno = 0;
    const bool right = verify(hash.c_str(), password.data(), password.size()) == 0;
    if (!right && errno == ENOMEM)
        throw std::bad_alloc();
    return right;
}

constexpr PasswordScheme argon2_schemes[] = {
    {"$argon2id$", [](std::string_view hash) { return inspect_argon2(hash, "argon2id"); },
     [](std::string_view password, const std::string& hash) {
         return matches_argon2(crypto_pwhash_argon2id_str_verify, password, hash);
     }},
    {"$argon2i$", [](std::string_view hash) { return inspect_argon2(hash, "argon2i"); },
     [](std::string_view password, const std::string& hash) {
         return matches_argon2(crypto_pwhash_argon2i_str_verify, password, hash);
     }},
};

const PasswordScheme* find_scheme(std::string_view hash) {
    for (const PasswordScheme& scheme : argon2_schemes)
        if (hash.starts_with(scheme.prefix))
            return &scheme;
    for (const PasswordScheme& scheme : foreign_password_schemes())
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

std::string encode_phc(PasswordCost cost, std::string_view salt, std::string_view tag) {
    return phc_prefix(cost) + to_unpadded_base64(salt) + '$' + to_unpadded_base64(tag);
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

bool meets_floor(PasswordCost cost) {
    return (cost.memory_kib >= 46 * 1024 && cost.passes >= 1) ||
           (cost.memory_kib >= 19 * 1024 && cost.passes >= 2);
}

Result<HashInfo> inspect_hash(std::string_view hash) {
    const PasswordScheme* const scheme = find_scheme(hash);
    if (scheme == nullptr || hash.size() > longest_hash)
        return fail(error(ErrorCode::usage, "the password hash is of no known format")
                        .with_hint("known are argon2id, argon2i, bcrypt, yescrypt, and crypt's "
                                   "$1$, $5$ and $6$")
                        .with_field("password_hash"));
    return scheme->inspect(hash);
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
        throw std::runtime_error("utf8proc could not normalise a text");
    AUTH_TRY(Secret normalised,
             encode(std::span(points.values).first(static_cast<std::size_t>(composed))));
    if (normalised.size() > longest_password)
        return too_long();
    return normalised;
}

std::string hash_password(const Secret& normalised, PasswordCost cost, Random& random) {
    start_sodium();
    const Secret salt = random_bytes(random, salt_bytes);
    Secret tag(tag_bytes);
    if (crypto_pwhash_argon2id(tag.writable().data(), tag.size(), normalised.reveal().data(),
                               normalised.size(), salt.bytes().data(), cost.passes,
                               std::size_t{cost.memory_kib} * 1024,
                               crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::runtime_error(fmt::format("cannot hash with {} KiB of memory", cost.memory_kib));
    return encode_phc(cost, salt.reveal(), tag.reveal());
}

bool verify_password(const Secret& typed, const std::string& hash) {
    if (!inspect_hash(hash))
        return false;
    const PasswordScheme& scheme = *find_scheme(hash);
    if (typed.empty() || typed.size() > longest_password) {
        // As slow as a wrong password, so that nothing is learnt about the hash.
        (void)scheme.matches("x", hash);
        return false;
    }
    const auto normalised = normalise_password(typed);
    if (normalised && scheme.matches(normalised->reveal(), hash))
        return true;
    // Other systems hash what was typed.
    return (!normalised || normalised->reveal() != typed.reveal()) &&
           scheme.matches(typed.reveal(), hash);
}

bool needs_rehash(std::string_view hash, PasswordCost cost) {
    const auto found = parse_argon2(hash, "$argon2id$");
    return !found || !hash.starts_with(phc_prefix(cost)) || found->salt_size != salt_bytes ||
           found->tag_size != tag_bytes;
}

std::string dummy_hash(PasswordCost cost) {
    return encode_phc(cost, sha256("auth-cli: salt of nobody").substr(0, salt_bytes),
                      sha256("auth-cli: tag of nobody"));
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
