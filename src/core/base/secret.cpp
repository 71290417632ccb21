#include "core/base/secret.h"

#include <openssl/crypto.h>

#include <utility>

namespace auth {

Secret::Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
}

Secret::~Secret() {
    wipe();
}

void Secret::wipe() noexcept {
    if (!bytes_.empty())
        OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

void Secret::drop_back(std::size_t count) {
    const std::size_t kept = bytes_.size() - count;
    OPENSSL_cleanse(bytes_.data() + kept, count);
    bytes_.resize(kept);
}

void Secret::drop_front(std::size_t count) {
    std::move(bytes_.begin() + static_cast<std::ptrdiff_t>(count), bytes_.end(), bytes_.begin());
    drop_back(count);
}

void Secret::append(std::string_view bytes) {
    if (bytes_.capacity() - bytes_.size() >= bytes.size()) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return;
    }
    Secret grown;
    grown.bytes_.reserve(2 * (bytes_.size() + bytes.size()));
    grown.bytes_.insert(grown.bytes_.end(), bytes_.begin(), bytes_.end());
    grown.bytes_.insert(grown.bytes_.end(), bytes.begin(), bytes.end());
    *this = std::move(grown);
}

Secret without_newline(Secret text) {
    if (text.reveal().ends_with('\n'))
        text.drop_back(text.reveal().ends_with("\r\n") ? 2 : 1);
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (text.reveal().starts_with(mark))
        text.drop_front(mark.size());
    return text;
}

void wipe(std::span<char> buffer) noexcept {
    if (!buffer.empty())
        OPENSSL_cleanse(buffer.data(), buffer.size());
}

} // namespace auth
