#include "core/base/given_secret.h"

#include "core/base/private_file.h"

#include <sys/stat.h>

namespace auth {

Result<GivenSecret> read_given_secret(std::string_view what, const std::filesystem::path& path) {
    AUTH_TRY(Secret text, read_file(what, path));
    struct stat status {};
    const bool open = ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
                      (status.st_mode & (S_IROTH | S_IWOTH)) != 0;
    return GivenSecret{without_newline(std::move(text)), open};
}

} // namespace auth
