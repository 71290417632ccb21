// A shared secret as an otpauth URI, as JSON and as a QR code. Only what the command exists to
// give.
#pragma once

#include "cli/command.h"
#include "core/codes/totp.h"
#include "core/users/user.h"

#include <string>

namespace auth {

// Where a QR code goes: drawn as text ("-" or "terminal", and by itself on a terminal), or into a
// PNG or SVG file.
struct QrOption {
    std::string target;

    // Adds --qr.
    void bind(Flags& flags);
    // Fails with usage for any other kind of file, and for any file where the program opens none
    // for its caller; with unsafe_permissions where the file must not be replaced.
    [[nodiscard]] Status check(const World& world) const;
};

// auth-cli.totp/1. Writes the QR code's file. Fails with io or unsafe_permissions.
[[nodiscard]] Result<Reply> totp_reply(World& world, const User& user, const Totp& totp,
                                       const QrOption& qr);

} // namespace auth
