#include "core/formats/file_source.h"

#include "core/base/private_descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace auth {

Result<FileSource> open_source(const std::filesystem::path& path) {
    const auto file =
        std::make_shared<Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    struct stat status {};
    if (file->get() < 0 || ::fstat(file->get(), &status) != 0)
        return fail(io_error("read", path, errno));
    FileSource out;
    if (S_ISREG(status.st_mode))
        out.size = static_cast<std::uint64_t>(status.st_size);
    out.source = [file, path](std::span<char> to) -> Result<std::size_t> {
        ssize_t count = 0;
        do
            count = ::read(file->get(), to.data(), to.size());
        while (count < 0 && errno == EINTR);
        if (count < 0)
            return fail(io_error("read", path, errno));
        return static_cast<std::size_t>(count);
    };
    return out;
}

} // namespace auth
