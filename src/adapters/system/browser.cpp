#include "adapters/system/browser.h"

#include "core/base/text.h"

#include <array>
#include <filesystem>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

// Only absolute directories count: what lies about in the working directory is not run.
std::string opener_path() {
    const char* path = ::secure_getenv("PATH");
    for (const std::string& directory : split(path != nullptr ? path : "", ':')) {
        const fs::path candidate = fs::path(directory) / "xdg-open";
        struct stat found {};
        if (candidate.is_absolute() && ::stat(candidate.c_str(), &found) == 0 &&
            S_ISREG(found.st_mode) && ::access(candidate.c_str(), X_OK) == 0)
            return candidate;
    }
    return "";
}

// In the child: nothing of this process but its environment.
[[noreturn]] void run_alone(const Inheritance& found, std::string program, std::string url) {
    stand_alone();
    restore(found);
    const std::array<char*, 3> words{program.data(), url.data(), nullptr};
    ::execv(words.front(), words.data());
    ::_exit(127);
}

} // namespace

OpenBrowser browser_with(const Inheritance& found) {
    return [found](const std::string& url) {
        const std::string program = opener_path();
        if (program.empty())
            return false;
        const pid_t middle = ::fork();
        if (middle == 0) {
            // The one that stays is nobody's child here.
            if (::fork() == 0)
                run_alone(found, program, url);
            ::_exit(0);
        }
        if (middle > 0)
            ::waitpid(middle, nullptr, 0);
        return middle > 0;
    };
}

} // namespace auth
