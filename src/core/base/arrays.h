// Tables put together from parts while the program is compiled.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace auth {

template <class T, std::size_t... sizes>
[[nodiscard]] consteval auto joined(const std::array<T, sizes>&... parts) {
    std::array<T, (sizes + ...)> out{};
    std::size_t at = 0;
    ((std::copy(parts.begin(), parts.end(), out.begin() + std::ptrdiff_t(at)), at += sizes), ...);
    return out;
}

// One row for each row of `rows`, made by `make`.
template <class Row, std::size_t size, class Make>
[[nodiscard]] consteval auto each_of(const std::array<Row, size>& rows, Make make) {
    std::array<decltype(make(rows[0])), size> out{};
    std::transform(rows.begin(), rows.end(), out.begin(), make);
    return out;
}

} // namespace auth
