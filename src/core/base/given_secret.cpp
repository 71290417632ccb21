#include "core/base/given_secret.h"

#include "core/base/private_file.h"

#include <sys/stat.h>

namespace auth {

bool is_open_to_all(const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           (status.st_mode & (S_IROTH | S_IWOTH)) != 0;
}

Result<GivenSecret> read_given_secret(std::string_view what, const std::filesystem::path& path) {
    AUTH_TRY(Secret text, read_file(what, path));
    return GivenSecret{without_newline(std::move(text)), is_open_to_all(path)};
}

} // namespace auth
