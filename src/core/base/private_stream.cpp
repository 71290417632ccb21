#include "core/base/private_stream.h"

#include "core/base/encoding.h"
#include "core/base/private_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block = 64U << 10U;

} // namespace

PrivateStream::PrivateStream(Descriptor file, fs::path path, fs::path fresh, bool replaces)
    : file_(std::move(file)), path_(std::move(path)), fresh_(std::move(fresh)),
      replaces_(replaces) {}

PrivateStream::~PrivateStream() {
    wipe(held_);
    if (file_.get() >= 0 && !fresh_.empty())
        ::unlink(fresh_.c_str());
}

Result<PrivateStream> PrivateStream::replace(const fs::path& path, Random& random) {
    AUTH_CHECK(make_private_directory(directory_of(path)));
    return create(path, true, random);
}

Result<PrivateStream> PrivateStream::create(const fs::path& path, bool replaces, Random& random) {
    if (std::error_code unread; !replaces && fs::exists(fs::symlink_status(path, unread)))
        return fail(file_exists(path));
    AUTH_CHECK(check_private_file("file", path));
    fs::path fresh = directory_of(path) / fmt::format(".{}.{}", path.filename().string(),
                                                      to_hex(random_bytes(random, 8).reveal()));
    Descriptor file(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0)
        return fail(io_error("create", path, errno));
    return PrivateStream(std::move(file), path, std::move(fresh), replaces);
}

Result<PrivateStream> PrivateStream::append(const fs::path& path, std::uint64_t size, bool fresh) {
    AUTH_CHECK(make_private_directory(directory_of(path)));
    const int extra = fresh ? O_EXCL : 0;
    Descriptor file(::open(path.c_str(),
                           O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | extra, 0600));
    if (file.get() < 0 && errno == EEXIST)
        return fail(file_exists(path));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
        return fail(io_error("open", path, errno));
    AUTH_CHECK(check_status("file", path, status));
    if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0 ||
        ::lseek(file.get(), 0, SEEK_END) < 0)
        return fail(io_error("cut", path, errno));
    AUTH_CHECK(sync_directory(directory_of(path)));
    return PrivateStream(std::move(file), path, {}, false);
}

Status PrivateStream::write(std::string_view text) {
    held_.append(text);
    if (held_.size() < block)
        return {};
    Status written = write_bytes(file_.get(), held_, path_);
    wipe(held_);
    held_.clear();
    return written;
}

Status PrivateStream::sync() {
    Status written = write_all(file_.get(), held_, path_);
    wipe(held_);
    held_.clear();
    return written;
}

Status PrivateStream::finish() {
    AUTH_CHECK(sync());
    if (fresh_.empty())
        return {};
    if (!replaces_)
        return publish_private_file(std::exchange(fresh_, {}), path_);
    if (::rename(fresh_.c_str(), path_.c_str()) != 0)
        return fail(io_error("replace", path_, errno));
    fresh_.clear();
    return sync_directory(directory_of(path_));
}

} // namespace auth
