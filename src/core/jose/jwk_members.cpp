#include "core/jose/jwk_members.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/jose/reason.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>

namespace auth::members {
namespace {

constexpr std::size_t min_rsa_bits = 2048;
constexpr std::size_t max_rsa_bits = 8192;
constexpr const char* make_rsa =
    "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out key.pem";

constexpr std::array<std::string_view, 4> ec_names{"crv", "kty", "x", "y"};
constexpr std::array<std::string_view, 3> rsa_names{"e", "kty", "n"};
constexpr std::array<std::string_view, 3> okp_names{"crv", "kty", "x"};
constexpr std::array<std::string_view, 7> secret_names{"d", "p", "q", "dp", "dq", "qi", "oth"};

// Curves whose signatures others make.
struct ForeignCurve {
    std::string_view curve;
    std::string_view algorithm;
};
constexpr std::array<ForeignCurve, 2> foreign_curves{
    {{"secp256k1", "ES256K"}, {"P-256K", "ES256K"}}};

// All algorithms for the key's type and curve.
Result<std::vector<Algorithm>> by_shape(const Json& jwk) {
    const std::string* type = find_text(jwk, "kty");
    if (type == nullptr)
        return malformed("the key is not a JSON object with a \"kty\"");
    if (const std::string* name = find_text(jwk, "alg"); name != nullptr && !parse_algorithm(*name))
        return unsupported(
            fmt::format("the key is for {}, which is not supported", in_quotes(*name)));
    const std::string* curve = find_text(jwk, "crv");
    std::vector<Algorithm> fitting;
    bool known_type = false;
    for (const auto& row : all_algorithms()) {
        if (row.key_type != *type)
            continue;
        known_type = true;
        if (row.curve.empty() || (curve != nullptr && row.curve == *curve))
            fitting.push_back(row.algorithm);
    }
    if (!known_type)
        return unsupported(fmt::format("keys of type {} are not supported", in_quotes(*type)));
    if (fitting.empty() && curve == nullptr)
        return malformed("the key names no curve");
    if (fitting.empty())
        return unsupported_curve(*curve);
    return fitting;
}

// Its own "alg", a supported one, which must be one of those.
Result<std::vector<Algorithm>> by_name(const Json& jwk, const std::vector<Algorithm>& fitting) {
    const std::string* name = find_text(jwk, "alg");
    if (name == nullptr)
        return malformed("the key's \"alg\" is not a string");
    const Algorithm own = *parse_algorithm(*name);
    if (std::ranges::find(fitting, own) == fitting.end())
        return malformed(fmt::format("the key's \"alg\" is {}, but its members are not", *name));
    return std::vector{own};
}

// The mark of the faulty key generator of CVE-2017-15361 (ROCA), whose moduli can be factored.
bool has_roca_mark(std::string_view modulus) {
    // Its primes were powers of 65537 modulo each of these, so the modulus is one too; by chance
    // one in 2^27 moduli or fewer.
    constexpr std::array<unsigned, 38> primes{
        3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
        73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
    return std::ranges::all_of(primes, [&](unsigned prime) {
        unsigned rest = 0;
        for (const unsigned char byte : as_bytes(modulus))
            rest = (rest << 8U | byte) % prime;
        unsigned power = 1;
        do {
            if (power == rest)
                return true;
            power = power * 65537 % prime;
        } while (power != 1);
        return false;
    });
}

// Padding fills the last four characters (RFC 4648 section 4).
std::string_view without_padding(std::string_view text) {
    if (text.size() % 4 == 0)
        for (int most = 2; most > 0 && text.ends_with('='); --most)
            text.remove_suffix(1);
    return text;
}

void wipe_value(Json& value) {
    if (auto* string = value.get_ptr<std::string*>())
        wipe(*string);
    else if (value.is_structured())
        for (auto& inner : value)
            wipe_value(inner);
}

} // namespace

tl::unexpected<Error> malformed(std::string message) {
    return refuse(Reason::malformed_key, std::move(message));
}

tl::unexpected<Error> weak(std::string message, Hint hint) {
    return refuse(Reason::weak_key, std::move(message), std::move(hint));
}

tl::unexpected<Error> unsupported(std::string message) {
    return refuse(Reason::unsupported_key, std::move(message));
}

tl::unexpected<Error> unsupported_curve(std::string_view curve) {
    const auto* known = std::ranges::find(foreign_curves, curve, &ForeignCurve::curve);
    return unsupported(
        fmt::format("keys on the curve {}{} are not supported", in_quotes(curve),
                    known != foreign_curves.end() ? fmt::format(" ({})", known->algorithm) : ""));
}

Result<std::string> bytes(const Json& jwk, std::string_view name) {
    const std::string* encoded = find_text(jwk, name);
    auto decoded = encoded != nullptr ? from_base64url(*encoded) : std::nullopt;
    if (!decoded || decoded->empty())
        return malformed(fmt::format("the key's \"{}\" is not canonical base64url", name));
    return *std::move(decoded);
}

Result<Secret> secret_bytes(const Json& jwk, std::string_view name) {
    AUTH_TRY(auto decoded, bytes(jwk, name));
    Secret secret(decoded);
    wipe(decoded);
    return secret;
}

Result<std::string> coordinate(const Json& jwk, std::string_view name, std::size_t size) {
    AUTH_TRY(auto decoded, bytes(jwk, name));
    if (decoded.size() != size)
        return malformed(fmt::format("the key's \"{}\" is not {} bytes", name, size));
    return decoded;
}

Result<std::vector<Algorithm>> algorithms(const Json& jwk, std::optional<Algorithm> wanted) {
    AUTH_TRY(auto answers, by_shape(jwk));
    if (jwk.contains("alg")) {
        AUTH_TRY(answers, by_name(jwk, answers));
    }
    if (!wanted)
        return answers;
    if (std::ranges::find(answers, *wanted) == answers.end())
        return refuse(Reason::wrong_algorithm,
                      answers.size() == 1 ? fmt::format("the key is for {}, not for {}",
                                                        to_name(answers.front()), to_name(*wanted))
                                          : fmt::format("the key is of type {}, not one for {}",
                                                        *find_text(jwk, "kty"), to_name(*wanted)));
    return std::vector{*wanted};
}

Status check_use(const Json& jwk, std::string_view operation) {
    if (jwk.contains("use")) {
        const std::string* use = find_text(jwk, "use");
        if (use == nullptr)
            return malformed("the key's \"use\" is not a string");
        if (*use != "sig")
            return unsupported(fmt::format("the key's \"use\" is {}, not 'sig'", in_quotes(*use)));
    }
    const auto operations = jwk.find("key_ops");
    if (operations == jwk.end())
        return {};
    if (!operations->is_array())
        return malformed(R"(the key's "key_ops" are not a list)");
    if (std::ranges::find(*operations, Json(operation)) == operations->end())
        return unsupported(fmt::format(R"(the key's "key_ops" do not include "{}")", operation));
    return {};
}

Result<std::optional<std::string>> kid(const Json& jwk) {
    if (!jwk.contains("kid"))
        return std::nullopt;
    const std::string* kid = find_text(jwk, "kid");
    if (kid == nullptr)
        return malformed("the key's \"kid\" is not a string");
    return kid->empty() ? std::nullopt : std::optional(*kid);
}

bool respell_rsa(Json& jwk) {
    bool respelled = false;
    if (text_member(jwk, "kty") != "RSA")
        return respelled;
    for (const char* name : {"n", "e", "d", "p", "q", "dp", "dq", "qi"}) {
        if (find_text(jwk, name) == nullptr)
            continue;
        auto& text = jwk[name].get_ref<std::string&>();
        auto bytes = from_base64url(without_padding(text));
        const std::size_t zeros = bytes ? bytes->find_first_not_of('\0') : std::string::npos;
        if (zeros == std::string::npos)
            continue;
        std::string minimal = to_base64url(std::string_view(*bytes).substr(zeros));
        respelled = respelled || minimal != text;
        text.swap(minimal);
        wipe(minimal);
        wipe(*bytes);
    }
    return respelled;
}

std::string respelled_remark(std::string_view key) {
    return fmt::format("{} has RSA numbers with padding or leading zeros; they were read without",
                       key);
}

Result<Rsa> rsa(const Json& jwk) {
    AUTH_TRY(auto n, bytes(jwk, "n"));
    AUTH_TRY(auto e, bytes(jwk, "e"));
    const auto modulus = as_bytes(n);
    const auto exponent = as_bytes(e);
    if (modulus.front() == 0 || modulus.back() % 2 == 0 || exponent.front() == 0)
        return malformed("the key's modulus or exponent is not an RSA number");
    const std::size_t bits = n.size() * 8 - static_cast<std::size_t>(std::countl_zero(modulus[0]));
    if (bits < min_rsa_bits)
        return weak(fmt::format("the RSA key has {} bits; {} are the least", bits, min_rsa_bits),
                    make_rsa);
    if (bits > max_rsa_bits || e.size() > 8)
        return malformed(
            fmt::format("the RSA key is over {} bits, or its exponent over 64", max_rsa_bits));
    if (exponent.back() % 2 == 0 || e.size() < 3)
        return weak("the RSA key's exponent is even or under 65537", make_rsa);
    if (has_roca_mark(n))
        return weak("the RSA key was made by a faulty generator (CVE-2017-15361)", make_rsa);
    return Rsa{std::move(n), std::move(e)};
}

Status check_shared_secret(const Secret& secret, Algorithm algorithm) {
    const auto& traits = traits_of(algorithm);
    if (secret.size() < traits.hash_size)
        return weak(fmt::format("the shared secret has {} bytes; {} are the least for {}",
                                secret.size(), traits.hash_size, traits.name),
                    "openssl rand -base64 48");
    return {};
}

std::span<const std::string_view> public_names(std::string_view key_type) {
    if (key_type == "EC")
        return ec_names;
    if (key_type == "RSA")
        return rsa_names;
    if (key_type == "OKP")
        return okp_names;
    return {};
}

std::span<const std::string_view> private_names() {
    return secret_names;
}

bool has_private(const Json& jwk) {
    return std::ranges::any_of(secret_names,
                               [&](std::string_view name) { return jwk.contains(name); });
}

void keep_public(Json& jwk) {
    const bool is_private = has_private(jwk);
    for (const std::string_view name : secret_names)
        if (const auto found = jwk.find(name); found != jwk.end()) {
            wipe_value(*found);
            jwk.erase(found);
        }
    // What the owner signs with it, others verify.
    if (is_private && check_use(jwk, "sign"))
        jwk.erase("key_ops");
}

void Wipe::operator()(Json* json) const {
    wipe_value(*json);
}

Json write_public(const Json& jwk, std::optional<Algorithm> algorithm, std::string_view kid) {
    const std::string& type = *find_text(jwk, "kty");
    Json out{{"kty", type}};
    for (const std::string_view name : public_names(type))
        out[std::string(name)] = *find_text(jwk, name);
    if (!kid.empty())
        out["kid"] = kid;
    if (algorithm)
        out["alg"] = to_name(*algorithm);
    out["use"] = "sig";
    return out;
}

// Written by hand: a JSON tree would leave copies of the secrets behind.
Secret write_private(const Header& header, const Members& members) {
    Secret out(fmt::format(R"({{"kty":"{}",)", header.key_type));
    if (!header.curve.empty())
        out.append(fmt::format(R"("crv":"{}",)", header.curve));
    for (const auto& [name, value] : members) {
        std::string encoded = to_base64url(value.reveal());
        out.append(fmt::format(R"("{}":")", name));
        out.append(encoded);
        out.append("\",");
        wipe(encoded);
    }
    if (header.algorithm)
        out.append(fmt::format(R"("alg":"{}",)", to_name(*header.algorithm)));
    out.append(R"("use":"sig"})");
    return out;
}

} // namespace auth::members
