#include "core/provisioning/row_index.h"

#include "core/base/encoding.h"
#include "core/base/sodium.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace auth {
namespace {

constexpr std::size_t first_places = 8;
// More lines than that are not told apart, but still found.
constexpr std::int64_t most_lines = UINT32_MAX;

} // namespace

RowIndex::RowIndex(Random& random) : shards_(shard_count) {
    static_assert(sizeof key_ == crypto_shorthash_KEYBYTES);
    start_sodium();
    random.fill(key_);
    for (Shard& shard : shards_) {
        shard.digests.resize(first_places);
        shard.lines.resize(first_places);
    }
}

std::uint64_t RowIndex::digest(std::string_view email_key) const {
    std::array<unsigned char, crypto_shorthash_BYTES> bytes{};
    crypto_shorthash(bytes.data(), as_bytes(email_key).data(), email_key.size(), key_.data());
    std::uint64_t value = 0;
    static_assert(sizeof value == sizeof bytes);
    std::memcpy(&value, bytes.data(), sizeof value);
    return value == 0 ? 1 : value;
}

// The low bits choose the shard, the high ones the place.
std::size_t RowIndex::Shard::place(std::uint64_t digest) const {
    auto at = static_cast<std::size_t>(((digest >> 32U) * digests.size()) >> 32U);
    while (digests[at] != 0 && digests[at] != digest)
        at = at + 1 == digests.size() ? 0 : at + 1;
    return at;
}

void RowIndex::Shard::grow() {
    Shard larger;
    larger.digests.resize(digests.size() + digests.size() / 4 + 1);
    larger.lines.resize(larger.digests.size());
    for (std::size_t i = 0; i < digests.size(); ++i)
        if (digests[i] != 0) {
            const std::size_t at = larger.place(digests[i]);
            larger.digests[at] = digests[i];
            larger.lines[at] = lines[i];
        }
    digests = std::move(larger.digests);
    lines = std::move(larger.lines);
}

std::optional<std::int64_t> RowIndex::put(std::string_view email_key, std::int64_t line) {
    const std::uint64_t wanted = digest(email_key);
    Shard& shard = shards_[wanted % shard_count];
    const std::size_t at = shard.place(wanted);
    if (shard.digests[at] != 0)
        return shard.lines[at];
    shard.digests[at] = wanted;
    shard.lines[at] = static_cast<std::uint32_t>(std::min(line, most_lines));
    if (++shard.rows * 8 > shard.digests.size() * 7)
        shard.grow();
    return std::nullopt;
}

std::optional<std::int64_t> RowIndex::find(std::string_view email_key) const {
    const std::uint64_t wanted = digest(email_key);
    const Shard& shard = shards_[wanted % shard_count];
    const std::size_t at = shard.place(wanted);
    return shard.digests[at] == 0 ? std::nullopt : std::optional<std::int64_t>(shard.lines[at]);
}

} // namespace auth
