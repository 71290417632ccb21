#include "core/base/staged_file.h"

#include "core/base/encoding.h"
#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

// Nothing may be made or removed in the directory, whatever may be done to the files in it.
bool is_closed_directory(int number) {
    return number == EACCES || number == EPERM || number == EROFS;
}

// The name is a mount point, or on another file system than its directory.
bool is_mounted(int number) {
    return number == EBUSY || number == EXDEV;
}

Status overwrite(int descriptor, std::string_view bytes, const fs::path& path) {
    if (::lseek(descriptor, 0, SEEK_SET) != 0)
        return fail(io_error("write", path, errno));
    AUTH_CHECK(write_bytes(descriptor, bytes, path));
    if (::ftruncate(descriptor, static_cast<off_t>(bytes.size())) != 0 || ::fsync(descriptor) != 0)
        return fail(io_error("write", path, errno));
    return {};
}

// A failure gives the file back as it was, which needs no more room than it has.
Status write_in_place(const fs::path& path, std::string_view bytes, std::string_view before) {
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
        return fail(io_error("write", path, errno));
    AUTH_CHECK(check_status("file", path, status));
    Status written = overwrite(file.get(), bytes, path);
    if (!written)
        (void)overwrite(file.get(), before, path);
    return written;
}

std::string_view text_of_file(const std::optional<Secret>& content) {
    return content ? content->reveal() : std::string_view();
}

} // namespace

StagedFile::StagedFile(fs::path path, std::optional<Secret> before)
    : path_(std::move(path)), before_(std::move(before)) {}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : path_(std::move(other.path_)), fresh_(std::exchange(other.fresh_, {})),
      bytes_(std::move(other.bytes_)), before_(std::move(other.before_)), touched_(other.touched_) {
}

StagedFile::~StagedFile() {
    if (!fresh_.empty())
        ::unlink(fresh_.c_str());
}

Result<StagedFile> StagedFile::prepare(const fs::path& path, std::string_view bytes,
                                       Random& random) {
    AUTH_CHECK(make_private_directory(directory_of(path)));
    AUTH_TRY(auto before, read_private_file("file", path));
    StagedFile staged(path, std::move(before));
    staged.bytes_ = Secret(bytes);
    const fs::path fresh =
        directory_of(path) /
        fmt::format(".{}.{}", path.filename().string(), to_hex(random_bytes(random, 8).reveal()));
    const Descriptor file(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0) {
        if (staged.before_ && is_closed_directory(errno))
            return staged;
        return fail(io_error("create", path, errno));
    }
    staged.fresh_ = fresh;
    AUTH_CHECK(write_all(file.get(), bytes, path));
    return staged;
}

Status StagedFile::put() {
    if (!fresh_.empty() && ::rename(fresh_.c_str(), path_.c_str()) == 0) {
        fresh_.clear();
        touched_ = true;
        return sync_directory(directory_of(path_));
    }
    if (!fresh_.empty() && !is_mounted(errno))
        return fail(io_error("replace", path_, errno));
    touched_ = true;
    return write_in_place(path_, bytes_.reveal(), text_of_file(before_));
}

void StagedFile::take_back(Random& random) {
    if (!touched_)
        return;
    if (before_)
        (void)store_private_file(path_, before_->reveal(), random);
    else
        (void)remove_private_file(path_);
}

Status store_private_file(const fs::path& path, std::string_view bytes, Random& random) {
    AUTH_TRY(StagedFile staged, StagedFile::prepare(path, bytes, random));
    return staged.put();
}

Status clear_private_file(const fs::path& path) {
    if (::unlink(path.c_str()) == 0)
        return sync_directory(directory_of(path));
    const int number = errno;
    if (number == ENOENT || number == ENOTDIR)
        return {};
    if (!is_mounted(number) && !is_closed_directory(number))
        return fail(io_error("remove", path, number));
    AUTH_TRY(const auto content, read_private_file("file", path));
    return content ? write_in_place(path, "", content->reveal()) : Status();
}

} // namespace auth
