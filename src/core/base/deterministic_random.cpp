#include "core/base/deterministic_random.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"

#include <fmt/format.h>
#include <sodium.h>

namespace auth {
namespace {

constexpr std::string_view program = "auth-cli";

} // namespace

DeterministicRandom::DeterministicRandom(std::string_view seed, std::string_view name)
    : key_(sha256(fmt::format("{} seed\n{}\n{}", program, seed, name))) {}

void DeterministicRandom::fill(std::span<unsigned char> out) {
    for (unsigned char& byte : out) {
        if (used_ == bytes_.size()) {
            const std::string key = sha256(fmt::format("{}{}", key_, block_++));
            randombytes_buf_deterministic(bytes_.data(), bytes_.size(), as_bytes(key).data());
            used_ = 0;
        }
        byte = bytes_.at(used_++);
    }
}

} // namespace auth
