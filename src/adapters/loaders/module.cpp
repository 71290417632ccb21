#include "adapters/loaders/module.h"

#include "core/base/result.h"

#include <fmt/format.h>

#include <dlfcn.h>
#include <filesystem>

namespace auth {
namespace {

[[noreturn]] void broken(const std::string& name, const char* why) {
    throw Failure(error(ErrorCode::internal,
                        fmt::format("cannot load the module '{}': {}", name, why ? why : "unknown"))
                      .with_hint("install auth-cli again, with its modules"));
}

// The kernel's word for where this program is, never a searched path.
std::filesystem::path module_path(const std::string& name) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe");
    return program.parent_path() / AUTH_MODULES / (name + ".so");
}

} // namespace

void* module_symbol(const std::string& name, const char* symbol) {
    // Modules are linked to find their own symbols at once. The many that their libraries have are
    // found when they are called: all at once takes a tenth of a login.
    void* const module = dlopen(module_path(name).c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (module == nullptr)
        broken(name, dlerror());
    void* const found = dlsym(module, symbol);
    if (found == nullptr)
        broken(name, dlerror());
    return found;
}

} // namespace auth
