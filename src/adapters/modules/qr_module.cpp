// The module "qr": what needs libqrencode and libpng.
#include "core/ports/qr.h"

#include <memory>
#include <png.h>
#include <qrencode.h>
#include <stdexcept>
#include <string>

namespace {

constexpr int pixels = 8; // to a module's side

std::vector<unsigned char> draw(const auth::QrCode& code, int side) {
    std::vector<unsigned char> image;
    image.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            image.push_back(
                code.dark(x / pixels - auth::qr_quiet_zone, y / pixels - auth::qr_quiet_zone)
                    ? 0
                    : 255);
    return image;
}

} // namespace

extern "C" [[gnu::visibility("default")]] void qr_encode(std::string_view text, auth::QrCode& out) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
        QRcode_encodeData(static_cast<int>(text.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_L),
        QRcode_free);
    if (made == nullptr)
        throw std::runtime_error("libqrencode could not make a QR code");
    out.size = made->width;
    out.modules =
        auth::Secret(static_cast<std::size_t>(made->width) * static_cast<std::size_t>(made->width));
    for (std::size_t i = 0; i < out.modules.size(); ++i)
        out.modules.writable()[i] = made->data[i] & 1U; // the lowest bit is the colour
}

extern "C" [[gnu::visibility("default")]] void qr_png(const auth::QrCode& code, auth::Secret& out) {
    const int side = (code.size + 2 * auth::qr_quiet_zone) * pixels;
    const std::vector<unsigned char> pixels_of_code = draw(code, side);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = image.height = static_cast<png_uint_32>(side);
    image.format = PNG_FORMAT_GRAY;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    out = auth::Secret(size);
    if (png_image_write_to_memory(&image, out.writable().data(), &size, 0, pixels_of_code.data(), 0,
                                  nullptr) == 0)
        throw std::runtime_error(std::string("libpng could not write an image: ") + image.message);
    out.drop_back(out.size() - size);
}
