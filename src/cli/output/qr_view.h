// QR codes for people's screens and cameras.
#pragma once

#include "core/base/secret.h"
#include "core/ports/qr.h"

namespace auth {

// Two rows of modules to a line, by half blocks. With `coloured`, black on white whatever the
// terminal's colours are; without, for a light text on a dark ground.
[[nodiscard]] Secret draw_qr_text(const QrCode& code, bool coloured);
// A standalone SVG 1.1 document.
[[nodiscard]] Secret draw_qr_svg(const QrCode& code);

} // namespace auth
