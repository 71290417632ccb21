// QR codes by libqrencode and libpng, which live in the module "qr".
#pragma once

#include "core/ports/qr.h"

namespace auth {

class ModuleQrEncoder final : public QrEncoder {
  public:
    [[nodiscard]] QrCode encode(std::string_view text) override;
    [[nodiscard]] Secret png(const QrCode& code) override;
};

} // namespace auth
