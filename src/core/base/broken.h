// Where nobody could decide anything: what cannot happen on a sound machine, in a sound database or
// in a program without bugs. Each of these throws; cli/run and the ends of threads catch it.
#pragma once

#include "core/base/result.h"

#include <string_view>

namespace auth {

// A library or the system failed where it cannot fail: std::runtime_error.
[[noreturn]] void broken_machine(std::string_view what);
// The same with words for people, such as for a full disk: Failure.
[[noreturn]] void broken_machine(Error why);
// std::bad_alloc.
[[noreturn]] void out_of_memory();
// This program is wrong: std::logic_error.
[[noreturn]] void bug(std::string_view what);

} // namespace auth
