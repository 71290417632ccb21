#include "commands/mfa/totp_view.h"

#include "cli/output/qr_view.h"
#include "core/base/encoding.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/codes/otpauth.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

bool is_text(const std::string& target) {
    return target == "-" || target == "terminal";
}

bool is_file(const std::string& target) {
    return target.ends_with(".png") || target.ends_with(".svg");
}

// Colours here are no ornament: without them the code is drawn for a dark ground only.
bool draws_in_colour(const World& world) {
    const std::string wanted = world.settings.get(setting<"color">);
    if (wanted != "auto")
        return wanted == "always";
    const std::string terminal = world.surroundings.variable("TERM");
    return world.streams.out_is_terminal && !terminal.empty() && terminal != "dumb";
}

Status write_file(World& world, const QrCode& code, const std::string& path) {
    const Secret file = path.ends_with(".png") ? world.qr().png(code) : draw_qr_svg(code);
    return replace_private_file(path, file.reveal(), world.random());
}

} // namespace

void QrOption::bind(Flags& flags) {
    flags.option("--qr", target, "FILE",
                 "write the QR code into a .png or .svg file, or draw it on stdout with -");
}

Status QrOption::check(const World& world) const {
    if (target.empty() || is_text(target))
        return {};
    if (!is_file(target))
        return fail(
            error(ErrorCode::usage,
                  fmt::format("{} is not a place for a QR code: use a file that ends in .png"
                              " or .svg, or - for stdout",
                              in_quotes(target)))
                .with_field("qr"));
    if (world.surroundings.secure)
        return fail(ErrorCode::usage, "the QR code must be drawn on stdout here: the program has"
                                      " more rights than you");
    // Before a secret is kept that could not be shown.
    AUTH_CHECK(check_private_file("QR code", target));
    return {};
}

Result<Reply> totp_reply(World& world, const User& user, const Totp& totp, const QrOption& qr) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.totp/1"},
                      {"email", user.email},
                      {"uri", nullptr},
                      {"secret", nullptr},
                      {"algorithm", to_name(totp.algorithm)},
                      {"digits", totp.digits},
                      {"period", totp.period.count()},
                      {"qr_file", is_file(qr.target) ? Json(qr.target) : Json()}};
    // A dry run enrols nothing, so nothing that would pass for a secret is handed out.
    if (world.dry_run)
        return reply;
    const Secret uri = otpauth_uri(totp, world.settings.get(setting<"mfa.issuer">), user.email_key);
    reply.document["uri"] = uri.reveal();
    reply.document["secret"] = to_base32(totp.secret.reveal());
    reply.text = std::string(uri.reveal()) + "\n";
    if (is_file(qr.target))
        AUTH_CHECK(write_file(world, world.qr().encode(uri.reveal()), qr.target));
    else if (is_text(qr.target) || world.streams.out_is_terminal)
        reply.text.insert(
            0, draw_qr_text(world.qr().encode(uri.reveal()), draws_in_colour(world)).reveal());
    return reply;
}

} // namespace auth
