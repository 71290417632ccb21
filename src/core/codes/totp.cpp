#include "core/codes/totp.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::int64_t window = 1; // steps to either side

std::string big_endian(std::int64_t counter) {
    std::string bytes(8, '\0');
    auto value = static_cast<std::uint64_t>(counter);
    for (std::size_t i = bytes.size(); i-- > 0; value >>= 8U)
        bytes[i] = static_cast<char>(value & 0xffU);
    return bytes;
}

} // namespace

std::string_view to_name(HashFunction function) {
    switch (function) {
    case HashFunction::sha1:
        return "SHA1";
    case HashFunction::sha256:
        return "SHA256";
    case HashFunction::sha512:
        return "SHA512";
    }
    return {};
}

std::optional<HashFunction> parse_hash_function(std::string_view name) {
    for (const HashFunction each : {HashFunction::sha1, HashFunction::sha256, HashFunction::sha512})
        if (lower_ascii(name) == lower_ascii(to_name(each)))
            return each;
    return std::nullopt;
}

std::string ignored_by_apps(const Totp& totp) {
    std::string out;
    const auto add = [&](const std::string& what) { out += (out.empty() ? "" : " and ") + what; };
    if (totp.algorithm != HashFunction::sha1)
        add(std::string(to_name(totp.algorithm)));
    if (totp.digits != 6)
        add(fmt::format("{} digits", totp.digits));
    if (totp.period != Seconds(30))
        add(fmt::format("steps of {} seconds", totp.period.count()));
    return out;
}

Totp make_totp(HashFunction algorithm, int digits, Random& random) {
    return {random_bytes(random, digest_size(lower_ascii(to_name(algorithm)))), algorithm, digits,
            Seconds(30)};
}

Secret hotp(const Totp& totp, std::int64_t counter) {
    const Secret tag =
        hmac(lower_ascii(to_name(totp.algorithm)), totp.secret.reveal(), big_endian(counter));
    const auto bytes = tag.bytes();
    const std::size_t offset = bytes.back() & 0x0fU;
    std::uint32_t value = bytes[offset] & 0x7fU;
    for (std::size_t i = 1; i < 4; ++i)
        value = value << 8U | bytes[offset + i];
    Secret code(static_cast<std::size_t>(totp.digits));
    for (std::size_t i = code.size(); i-- > 0; value /= 10)
        code.writable()[i] = static_cast<unsigned char>('0' + value % 10);
    return code;
}

std::int64_t time_step(const Totp& totp, Time now) {
    return unix_seconds(now) / totp.period.count();
}

std::optional<std::int64_t> matching_step(const Totp& totp, std::string_view code, Time now) {
    const std::int64_t current = time_step(totp, now);
    std::optional<std::int64_t> found;
    // All of them, whichever it is: the time says nothing.
    for (std::int64_t step = current - window; step <= current + window; ++step)
        if (equal_in_constant_time(hotp(totp, step).reveal(), code))
            found = step;
    return found;
}

} // namespace auth
