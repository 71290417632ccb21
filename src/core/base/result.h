// Expected failures are values: Result<T> holds a T or an Error. A broken machine is an exception.
#pragma once

#include "core/base/next_step.h"

#include <tl/expected.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace auth {

// Stable failure kinds. Their names in JSON and their exit codes stand in cli/output/exit_code.
enum class ErrorCode {
    internal,
    usage,
    input_required,
    bad_credentials,
    bad_code,
    login_required,
    expired,
    invalid_token,
    not_found,
    refused,
    exists,
    locked_out,
    rate_limited,
    database_missing,
    database_busy,
    database_corrupt,
    database_read_only,
    database_unavailable,
    schema_too_new,
    key_mismatch,
    io,
    unsafe_permissions,
    delivery,
    partial,
    cannot_execute,
    command_not_found,
    cancelled,
};

// One of several things wrong; the codes are stable.
struct Problem {
    std::string code;
    std::string claim; // the claim or member at fault, or empty
    std::string detail;
};

// Moved and destroyed in every function that can fail: out of line, so that callers stay small.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message; // one sentence, names the thing, no trailing full stop
    Hint hint;           // what to do next, or empty
    std::string reason;  // stable word for refused and invalid_token, or empty
    std::string field;   // the input at fault, or empty
    std::optional<std::chrono::seconds> retry_after{};
    std::vector<Problem> problems{}; // all of them, where there may be several

    explicit Error(ErrorCode code = ErrorCode::internal, std::string message = {});
    Error(const Error&);
    Error(Error&&) noexcept;
    Error& operator=(const Error&);
    Error& operator=(Error&&) noexcept;
    ~Error();

    Error&& with_hint(Hint next) &&;
    Error&& with_reason(std::string word) &&;
    Error&& with_field(std::string name) &&;
    Error&& with_retry_after(std::chrono::seconds wait) &&;
};

template <class T> using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] Error error(ErrorCode code, std::string message);
[[nodiscard]] tl::unexpected<Error> fail(Error failure);
[[nodiscard]] tl::unexpected<Error> fail(ErrorCode code, std::string message, Hint hint = {});

// Thrown where the store or the machine fails below the level at which a caller could decide
// anything: a busy or corrupt database, a full disk. Caught once, in cli/run.
class Failure : public std::runtime_error {
  public:
    explicit Failure(Error failure);
    [[nodiscard]] const Error& error() const { return error_; }

  private:
    Error error_;
};

} // namespace auth

#define AUTH_JOIN_INNER(a, b) a##b
#define AUTH_JOIN(a, b) AUTH_JOIN_INNER(a, b)

// AUTH_TRY(auto user, users.find(id)): binds the value, or returns the error from this function.
#define AUTH_TRY(binding, ...)                                                                     \
    auto AUTH_JOIN(result_, __LINE__) = (__VA_ARGS__);                                             \
    if (!AUTH_JOIN(result_, __LINE__))                                                             \
        return ::auth::fail(std::move(AUTH_JOIN(result_, __LINE__)).error());                      \
    binding = *std::move(AUTH_JOIN(result_, __LINE__))

// AUTH_CHECK(status): returns the error from this function, if there is one.
#define AUTH_CHECK(...)                                                                            \
    do {                                                                                           \
        if (auto status_ = (__VA_ARGS__); !status_)                                                \
            return ::auth::fail(std::move(status_).error());                                       \
    } while (false)
