// Parts of the program that need heavy libraries are modules: shared objects loaded at first use
// from the directory they are installed in, so that commands without them start as fast as ever.
#pragma once

#include <string>

namespace auth {

// The function `symbol` of the module NAME, which stays loaded. Throws Failure, code internal,
// where it is not installed or does not fit.
[[nodiscard]] void* module_symbol(const std::string& name, const char* symbol);

template <class Function>
[[nodiscard]] Function* module_function(const std::string& name, const char* symbol) {
    return reinterpret_cast<Function*>(module_symbol(name, symbol));
}

} // namespace auth
