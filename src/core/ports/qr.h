// QR codes, as a port: the library that makes them is loaded at first use.
#pragma once

#include "core/base/secret.h"

#include <string_view>

namespace auth {

// A square of modules without its quiet zone. What it says may be a secret, and so is the square.
struct QrCode {
    int size = 0;   // modules to a side
    Secret modules; // row by row, one byte each: 1 for dark

    // Light outside the square.
    [[nodiscard]] bool dark(int column, int row) const {
        return column >= 0 && row >= 0 && column < size && row < size &&
               modules.bytes()[static_cast<std::size_t>(row) * static_cast<std::size_t>(size) +
                               static_cast<std::size_t>(column)] != 0;
    }
};

// ISO/IEC 18004 section 6.3.8: light modules around it.
inline constexpr int qr_quiet_zone = 4;

class QrEncoder {
  public:
    virtual ~QrEncoder() = default;
    // Throws where the text is too long: over 2,953 bytes.
    [[nodiscard]] virtual QrCode encode(std::string_view text) = 0;
    // A PNG file with the quiet zone.
    [[nodiscard]] virtual Secret png(const QrCode& code) = 0;
};

} // namespace auth
