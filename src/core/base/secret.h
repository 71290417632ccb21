// A secret is a type: move-only, wiped when it dies, and not printable.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace auth {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
    // `size` zero bytes, to be filled through writable().
    explicit Secret(std::size_t size) : bytes_(size) {}

    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    [[nodiscard]] Secret copy() const { return Secret(reveal()); }
    // The only way out; the view dies with this object.
    [[nodiscard]] std::string_view reveal() const {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }
    [[nodiscard]] std::span<const unsigned char> bytes() const { return bytes_; }
    [[nodiscard]] std::span<unsigned char> writable() { return bytes_; }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    // Removes `count` bytes from the end and wipes them.
    void drop_back(std::size_t count);
    void drop_front(std::size_t count);
    // Appends, wiping any buffer that growth leaves behind.
    void append(std::string_view bytes);

  private:
    void wipe() noexcept;
    std::vector<unsigned char> bytes_;
};

// As files hold it: without the one line end, LF or CR LF, that may be behind it, and without the
// byte order mark that some editors put before it.
[[nodiscard]] Secret without_newline(Secret text);

// Wipes a plain buffer that had to hold a secret for a library's sake.
void wipe(std::span<char> buffer) noexcept;

} // namespace auth
