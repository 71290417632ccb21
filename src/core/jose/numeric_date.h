// NumericDate (RFC 7519 section 2): seconds of Unix time, as any JSON number.
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"

#include <optional>

namespace auth {

// Nothing where it is not a finite number.
[[nodiscard]] std::optional<double> numeric_date(const Json& value);
// The second that it falls into; nothing as well where Time cannot hold it.
[[nodiscard]] std::optional<Time> second_of(const Json& date);

} // namespace auth
