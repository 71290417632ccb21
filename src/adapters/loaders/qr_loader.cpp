#include "adapters/loaders/qr_loader.h"

#include "adapters/loaders/module.h"

namespace auth {

QrCode ModuleQrEncoder::encode(std::string_view text) {
    QrCode code;
    module_function<void(std::string_view, QrCode&)>("qr", "qr_encode")(text, code);
    return code;
}

Secret ModuleQrEncoder::png(const QrCode& code) {
    Secret file;
    module_function<void(const QrCode&, Secret&)>("qr", "qr_png")(code, file);
    return file;
}

} // namespace auth
