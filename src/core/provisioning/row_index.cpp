#include "core/provisioning/row_index.h"

#include "core/base/encoding.h"
#include "core/base/sodium.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace auth {
namespace {

constexpr std::size_t first_places = 1024; // a power of two
// More lines than that are not told apart, but still found.
constexpr std::int64_t most_lines = UINT32_MAX;

} // namespace

RowIndex::RowIndex(Random& random) : digests_(first_places), lines_(first_places) {
    static_assert(sizeof key_ == crypto_shorthash_KEYBYTES);
    start_sodium();
    random.fill(key_);
}

std::uint64_t RowIndex::digest(std::string_view email_key) const {
    std::array<unsigned char, crypto_shorthash_BYTES> bytes{};
    crypto_shorthash(bytes.data(), as_bytes(email_key).data(), email_key.size(), key_.data());
    std::uint64_t value = 0;
    static_assert(sizeof value == sizeof bytes);
    std::memcpy(&value, bytes.data(), sizeof value);
    return value == 0 ? 1 : value;
}

std::size_t RowIndex::place(std::uint64_t digest) const {
    const std::size_t mask = digests_.size() - 1;
    std::size_t at = static_cast<std::size_t>(digest) & mask;
    while (digests_[at] != 0 && digests_[at] != digest)
        at = (at + 1) & mask;
    return at;
}

void RowIndex::grow() {
    std::vector<std::uint64_t> digests(digests_.size() * 2);
    std::vector<std::uint32_t> lines(digests.size());
    digests.swap(digests_);
    lines.swap(lines_);
    for (std::size_t i = 0; i < digests.size(); ++i)
        if (digests[i] != 0) {
            const std::size_t at = place(digests[i]);
            digests_[at] = digests[i];
            lines_[at] = lines[i];
        }
}

std::optional<std::int64_t> RowIndex::put(std::string_view email_key, std::int64_t line) {
    const std::uint64_t wanted = digest(email_key);
    const std::size_t at = place(wanted);
    if (digests_[at] != 0)
        return lines_[at];
    digests_[at] = wanted;
    lines_[at] = static_cast<std::uint32_t>(std::min(line, most_lines));
    if (++rows_ * 4 > digests_.size() * 3)
        grow();
    return std::nullopt;
}

std::optional<std::int64_t> RowIndex::find(std::string_view email_key) const {
    const std::size_t at = place(digest(email_key));
    return digests_[at] == 0 ? std::nullopt : std::optional<std::int64_t>(lines_[at]);
}

} // namespace auth
