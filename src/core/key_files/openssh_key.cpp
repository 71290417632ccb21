#include "core/key_files/openssh_key.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/jose/jwk_members.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace auth {
namespace {

constexpr std::array<std::string_view, 3> prefixes{"ssh-", "ecdsa-sha2-", "sk-"};

tl::unexpected<Error> malformed_line() {
    return members::malformed("the OpenSSH key is malformed");
}

// Strings with their lengths before them (RFC 4251 section 5).
class WireReader {
  public:
    explicit WireReader(std::string_view bytes) : rest_(bytes) {}

    std::optional<std::string_view> string() {
        if (rest_.size() < 4)
            return std::nullopt;
        std::size_t size = 0;
        for (const unsigned char byte : as_bytes(rest_.substr(0, 4)))
            size = size << 8U | byte;
        rest_.remove_prefix(4);
        if (size > rest_.size())
            return std::nullopt;
        const std::string_view text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return text;
    }

    // A positive integer, without the zero byte that keeps it from being negative.
    std::optional<std::string_view> number() {
        auto bytes = string();
        if (!bytes || bytes->empty() || (as_bytes(*bytes).front() & 0x80U) != 0)
            return std::nullopt;
        bytes->remove_prefix(std::min(bytes->find_first_not_of('\0'), bytes->size()));
        return bytes->empty() ? std::nullopt : bytes;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

Result<Json> read_ed25519(WireReader& wire) {
    const auto point = wire.string();
    if (!point)
        return malformed_line();
    const auto& traits = traits_of(Algorithm::eddsa);
    return Json{{"kty", traits.key_type},
                {"crv", traits.curve},
                {"alg", traits.name},
                {"x", to_base64url(*point)}};
}

Result<Json> read_rsa(WireReader& wire) {
    const auto e = wire.number();
    const auto n = wire.number();
    if (!e || !n)
        return malformed_line();
    return Json{{"kty", "RSA"}, {"n", to_base64url(*n)}, {"e", to_base64url(*e)}};
}

Result<Json> read_ecdsa(WireReader& wire, Algorithm algorithm, std::string_view curve) {
    const auto& traits = traits_of(algorithm);
    const std::size_t size = traits.coordinate_size;
    const auto named = wire.string();
    const auto point = wire.string();
    const bool uncompressed = point && point->size() == 1 + 2 * size && point->front() == '\x04';
    if (named != curve || !uncompressed)
        return malformed_line();
    return Json{{"kty", traits.key_type},
                {"crv", traits.curve},
                {"alg", traits.name},
                {"x", to_base64url(point->substr(1, size))},
                {"y", to_base64url(point->substr(1 + size))}};
}

Result<Json> read_of_type(std::string_view type, WireReader& wire) {
    if (type == "ssh-ed25519")
        return read_ed25519(wire);
    if (type == "ssh-rsa")
        return read_rsa(wire);
    if (type == "ecdsa-sha2-nistp256")
        return read_ecdsa(wire, Algorithm::es256, "nistp256");
    if (type == "ecdsa-sha2-nistp384")
        return read_ecdsa(wire, Algorithm::es384, "nistp384");
    if (type == "ecdsa-sha2-nistp521")
        return read_ecdsa(wire, Algorithm::es512, "nistp521");
    return members::unsupported(
        fmt::format("OpenSSH keys of type {} are not supported", in_quotes(type)));
}

Result<std::string> only_line(std::string_view text) {
    std::string only;
    for (const std::string& line : split(text, '\n')) {
        const std::string_view bare = trimmed(line, white_space);
        if (bare.empty() || bare.starts_with('#'))
            continue;
        if (!only.empty())
            return fail(ErrorCode::usage, "the text holds more than one OpenSSH key");
        only = bare;
    }
    return only;
}

} // namespace

bool is_openssh_key(std::string_view text) {
    return std::ranges::any_of(prefixes,
                               [&](std::string_view prefix) { return text.starts_with(prefix); });
}

Result<Json> public_jwk_from_openssh(std::string_view text) {
    AUTH_TRY(const std::string line, only_line(text));
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view type = std::string_view(line).substr(0, end);
    std::string_view encoded = trimmed(std::string_view(line).substr(end), white_space);
    encoded = encoded.substr(0, encoded.find_first_of(" \t"));
    const auto bytes = from_base64(encoded);
    if (!bytes)
        return malformed_line();
    WireReader wire(*bytes);
    if (wire.string() != type)
        return malformed_line();
    AUTH_TRY(Json jwk, read_of_type(type, wire));
    if (!wire.at_end())
        return malformed_line();
    return jwk;
}

} // namespace auth
