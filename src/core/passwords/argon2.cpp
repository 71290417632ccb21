// Argon2 (RFC 9106) by libsodium, in PHC strings: our own hashes, and those of others.
#include "core/base/broken.h"
#include "core/base/encoding.h"
#include "core/base/sodium.h"
#include "core/passwords/scheme.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <optional>

namespace auth {
namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t tag_bytes = 32;
constexpr std::uint32_t most_memory_kib = 1U << 20U;
constexpr std::uint32_t most_passes = 10;
// Below OWASP's cheapest parameters (7 MiB, five passes).
constexpr std::uint32_t weak_memory_kib = 7 * 1024;
// One pass over less than this is what test databases use; no library ever had it as a default.
constexpr std::uint32_t test_memory_kib = 64;

struct Parameters {
    std::uint32_t memory_kib = 0;
    std::uint32_t passes = 0;
    std::uint32_t lanes = 0;
    std::size_t salt_size = 0;
    std::size_t tag_size = 0;
    std::size_t head_size = 0; // of what stands before the salt
};

std::string phc_prefix(PasswordCost cost) {
    return fmt::format("$argon2id$v=19$m={},t={},p=1$", cost.memory_kib, cost.passes);
}

std::optional<Parameters> parse(std::string_view hash, std::string_view prefix) {
    Parameters out;
    std::string_view rest = hash;
    if (!take(rest, prefix) || !take(rest, "v=19$m=") || !take_number(rest, out.memory_kib) ||
        !take(rest, ",t=") || !take_number(rest, out.passes) || !take(rest, ",p=") ||
        !take_number(rest, out.lanes) || !take(rest, "$"))
        return std::nullopt;
    out.head_size = hash.size() - rest.size();
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

// OWASP's choices of equal strength: memory in MiB and passes.
bool is_strong(std::uint32_t memory_kib, std::uint32_t passes) {
    constexpr std::pair<std::uint32_t, std::uint32_t> choices[] = {
        {46, 1}, {19, 2}, {12, 3}, {9, 4}, {7, 5}};
    return std::any_of(std::begin(choices), std::end(choices), [&](const auto& choice) {
        return memory_kib >= choice.first * 1024 && passes >= choice.second;
    });
}

Result<HashInfo> inspect(std::string_view hash, std::string_view scheme) {
    const auto found = parse(hash, fmt::format("${}$", scheme));
    if (!found)
        return fail(malformed_hash(scheme));
    HashInfo info{
        std::string(scheme),
        fmt::format("m={} KiB, t={}, p={}", found->memory_kib, found->passes, found->lanes),
        found->memory_kib < test_memory_kib && found->passes == 1};
    if (found->memory_kib > most_memory_kib || found->passes > most_passes)
        return fail(hash_too_costly(scheme, info.cost, "m=1048576 KiB and t=10"));
    info.strength = found->memory_kib < weak_memory_kib           ? HashStrength::weak
                    : is_strong(found->memory_kib, found->passes) ? HashStrength::strong
                                                                  : HashStrength::fair;
    info.work = {std::string(hash.substr(0, found->head_size)), 1,
                 std::uint64_t{found->memory_kib} * found->passes / 2};
    info.memory_kib = found->memory_kib;
    return info;
}

// libsodium reports a lack of memory as a wrong password; only errno tells them apart.
template <class Verify>
bool matches(Verify verify, std::string_view password, const std::string& hash) {
    start_sodium();
    errno = 0;
    const bool right = verify(hash.c_str(), password.data(), password.size()) == 0;
    if (!right && errno == ENOMEM)
        out_of_memory();
    return right;
}

std::vector<std::string> dummies(std::string_view unit, std::uint64_t) {
    return {std::string(unit) + to_unpadded_base64(dummy_salt()) + '$' +
            to_unpadded_base64(dummy_tag(tag_bytes))};
}

Result<HashInfo> refuse_argon2d(std::string_view) {
    return fail(error(ErrorCode::refused, "argon2d hashes cannot be checked: argon2d is not for "
                                          "passwords, and only argon2id and argon2i are known")
                    .with_reason("unsupported_hash")
                    .with_field("password_hash"));
}

constexpr PasswordScheme schemes[] = {
    {"$argon2id$", [](std::string_view hash) { return inspect(hash, "argon2id"); },
     [](std::string_view password, const std::string& hash) {
         return matches(crypto_pwhash_argon2id_str_verify, password, hash);
     },
     dummies},
    {"$argon2i$", [](std::string_view hash) { return inspect(hash, "argon2i"); },
     [](std::string_view password, const std::string& hash) {
         return matches(crypto_pwhash_argon2i_str_verify, password, hash);
     },
     dummies},
    {"$argon2d$", refuse_argon2d, [](std::string_view, const std::string&) { return false; }},
};

} // namespace

std::span<const PasswordScheme> argon2_schemes() {
    return schemes;
}

bool meets_floor(PasswordCost cost) {
    return (cost.memory_kib >= 46 * 1024 && cost.passes >= 1) ||
           (cost.memory_kib >= 19 * 1024 && cost.passes >= 2);
}

Secret draw_salt(Random& random) {
    return random_bytes(random, salt_bytes);
}

std::string hash_password(const Secret& normalised, PasswordCost cost, Random& random) {
    return hash_password(normalised, cost, draw_salt(random));
}

std::string hash_password(const Secret& normalised, PasswordCost cost, const Secret& salt) {
    start_sodium();
    if (salt.size() != salt_bytes)
        bug("a salt of another size");
    Secret tag(tag_bytes);
    if (crypto_pwhash_argon2id(tag.writable().data(), tag.size(), normalised.reveal().data(),
                               normalised.size(), salt.bytes().data(), cost.passes,
                               std::size_t{cost.memory_kib} * 1024,
                               crypto_pwhash_ALG_ARGON2ID13) != 0)
        broken_machine(fmt::format("cannot hash with {} KiB of memory", cost.memory_kib));
    return phc_prefix(cost) + to_unpadded_base64(salt.reveal()) + '$' +
           to_unpadded_base64(tag.reveal());
}

bool needs_rehash(std::string_view hash, PasswordCost cost) {
    const auto found = parse(hash, "$argon2id$");
    return !found || !hash.starts_with(phc_prefix(cost)) || found->salt_size != salt_bytes ||
           found->tag_size != tag_bytes;
}

std::string own_head(std::string_view hash) {
    const auto found = parse(hash, "$argon2id$");
    const bool ours = found && !needs_rehash(hash, {found->memory_kib, found->passes});
    return ours ? std::string(hash.substr(0, hash.rfind('$'))) : "";
}

std::optional<std::string> hash_again(const Secret& normalised, std::string_view head) {
    const std::string whole = fmt::format("{}${}", head, to_unpadded_base64(dummy_tag(tag_bytes)));
    const auto found = parse(whole, "$argon2id$");
    if (!found)
        return std::nullopt;
    const auto salt = from_unpadded_base64(head.substr(found->head_size));
    return hash_password(normalised, {found->memory_kib, found->passes}, Secret(*salt));
}

std::string dummy_hash(PasswordCost cost) {
    return dummies(phc_prefix(cost), 1).front();
}

} // namespace auth
