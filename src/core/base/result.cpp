#include "core/base/result.h"

namespace auth {

Error::Error(ErrorCode kind, std::string text) : code(kind), message(std::move(text)) {}
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error&) = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Error&& Error::with_hint(Hint next) && {
    hint = std::move(next);
    return std::move(*this);
}

Error&& Error::with_reason(std::string word) && {
    reason = std::move(word);
    return std::move(*this);
}

Error&& Error::with_field(std::string name) && {
    field = std::move(name);
    return std::move(*this);
}

Error&& Error::with_retry_after(std::chrono::seconds wait) && {
    retry_after = wait;
    return std::move(*this);
}

Error error(ErrorCode code, std::string message) {
    return Error(code, std::move(message));
}

tl::unexpected<Error> fail(Error failure) {
    return tl::unexpected<Error>(std::move(failure));
}

tl::unexpected<Error> fail(ErrorCode code, std::string message, Hint hint) {
    return fail(error(code, std::move(message)).with_hint(std::move(hint)));
}

Failure::Failure(Error failure) : std::runtime_error(failure.message), error_(std::move(failure)) {}

} // namespace auth
