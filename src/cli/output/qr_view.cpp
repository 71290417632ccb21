#include "cli/output/qr_view.h"

#include <fmt/format.h>

#include <string_view>

namespace auth {
namespace {

// What is drawn is the ink: dark modules on white paper, light ones on a dark screen.
std::string_view half_blocks(bool upper, bool lower) {
    if (upper && lower)
        return "█";
    if (upper)
        return "▀";
    return lower ? "▄" : " ";
}

} // namespace

Secret draw_qr_text(const QrCode& code, bool coloured) {
    Secret out;
    const auto ink = [&](int column, int row) { return code.dark(column, row) == coloured; };
    const int end = code.size + qr_quiet_zone;
    for (int row = -qr_quiet_zone; row < end; row += 2) {
        // Black and white of the 256 colours, which themes leave alone.
        if (coloured)
            out.append("\x1b[38;5;16;48;5;231m");
        for (int column = -qr_quiet_zone; column < end; ++column)
            // Below an odd last row there is nothing to draw.
            out.append(half_blocks(ink(column, row), row + 1 < end ? ink(column, row + 1) : false));
        out.append(coloured ? "\x1b[0m\n" : "\n");
    }
    return out;
}

Secret draw_qr_svg(const QrCode& code) {
    const int side = code.size + 2 * qr_quiet_zone;
    Secret out(fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\""
                           " width=\"{0}\" height=\"{0}\" viewBox=\"0 0 {1} {1}\""
                           " shape-rendering=\"crispEdges\">\n"
                           "<rect width=\"{1}\" height=\"{1}\" fill=\"#fff\"/>\n<path d=\"",
                           side * 8, side));
    for (int row = 0; row < code.size; ++row)
        for (int column = 0; column < code.size; ++column)
            if (code.dark(column, row))
                out.append(
                    fmt::format("M{} {}h1v1h-1z", column + qr_quiet_zone, row + qr_quiet_zone));
    out.append("\"/>\n</svg>\n");
    return out;
}

} // namespace auth
