// How long something takes here.
#pragma once

#include <functional>

namespace auth {

// Milliseconds of the quickest of a few runs, fewer where they are long; to a tenth.
[[nodiscard]] double best_milliseconds(const std::function<void()>& act);

} // namespace auth
