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
    if (!text.empty() && text.reveal().back() == '\n')
        text.drop_back(1);
    return text;
}

void wipe(std::span<char> buffer) noexcept {
    if (!buffer.empty())
        OPENSSL_cleanse(buffer.data(), buffer.size());
}

} // namespace auth
