// What tests look at files for.
#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <system_error>

namespace auth::test {

// Every byte of it; none where it cannot be read.
[[nodiscard]] inline std::string content(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Of the file itself, be it a link. Throws where there is none.
[[nodiscard]] inline unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0)
        throw std::system_error(errno, std::generic_category(), path.string());
    return status.st_mode & 07777U;
}

} // namespace auth::test
