#include "cli/input/factor_source.h"

#include "cli/input/ask.h"

namespace auth {
namespace {

Result<FactorAnswer> copy_of(const FactorAnswer& answer) {
    return FactorAnswer{answer.kind, answer.text.copy()};
}

bool looks_like_digits(std::string_view typed) {
    return typed.find_first_not_of("0123456789 \t") == std::string_view::npos;
}

Result<FactorAnswer> parse_answer(const Secret& typed) {
    return looks_like_digits(typed.reveal()) ? parse_totp_code(typed.reveal())
                                             : parse_recovery_code(typed.reveal());
}

Result<FactorAnswer> ask_person(World& world) {
    AUTH_TRY(const Secret typed,
             world.terminal().ask_secret("Code of your authenticator app, or a recovery code: "));
    return parse_answer(typed);
}

Result<FactorAnswer> ask_owner(World& world) {
    AUTH_TRY(const Secret typed,
             world.terminal().ask_secret("Code of your authenticator app, or a recovery code"
                                         " (empty: remove the app): "));
    if (typed.empty())
        return fail(error(ErrorCode::refused, "no code of the second factor was given")
                        .with_reason("mfa_required"));
    return parse_answer(typed);
}

} // namespace

void FactorSource::bind(Flags& flags) {
    flags.option("--totp", totp, "CODE", "code of the authenticator app, or - for stdin");
    flags.option("--recovery-code", recovery_code, "CODE",
                 "a recovery code in its place, or - for stdin");
    flags.exclusive({"--totp", "--recovery-code"});
}

Result<AskFactor> ask_factor(World& world, const FactorSource& source) {
    if (!source.given()) {
        if (!world.interactive())
            return AskFactor();
        return AskFactor([&world] { return ask_person(world); });
    }
    const std::string& typed = source.totp.empty() ? source.recovery_code : source.totp;
    Secret text(typed);
    if (typed == "-") {
        AUTH_TRY(text, read_secret_stdin(world, "code of the second factor"));
    }
    AUTH_TRY(FactorAnswer answer, source.totp.empty() ? parse_recovery_code(text.reveal())
                                                      : parse_totp_code(text.reveal()));
    const auto kept = std::make_shared<FactorAnswer>(std::move(answer));
    return AskFactor([kept] { return copy_of(*kept); });
}

Result<AskFactor> ask_own_factor(World& world, const FactorSource& source) {
    if (source.given() || !world.interactive())
        return ask_factor(world, source);
    return AskFactor([&world] { return ask_owner(world); });
}

} // namespace auth
