#include "core/upkeep/backup_seal.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

// "\nauth-cli.seal/1 ID CHECK SEAL\n": the database's id, how its key is recognised, and the seal.
constexpr std::string_view mark = "\nauth-cli.seal/1 ";
constexpr off_t longest_trailer = 512;
constexpr std::size_t block = std::size_t{1} << 20U;
constexpr std::string_view place_of_seals = "backup";

struct Trailer {
    off_t body = 0; // bytes before it
    std::string text;
    std::string database_id;
    std::string key_check;
    std::string seal;
};

std::string in_text(const std::string& id, const std::string& check, std::string_view seal) {
    return fmt::format("{}{} {} {}\n", mark, id, check, to_hex(seal));
}

Result<Descriptor> open_backup(const fs::path& file, int flags) {
    Descriptor descriptor(
        ::open(file.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)); // NOLINT
    struct stat status {};
    if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0)
        return fail(io_error("read", file, errno));
    AUTH_CHECK(check_status("backup", file, status));
    return descriptor;
}

Result<std::string> read_at(int descriptor, off_t at, std::size_t size, const fs::path& file) {
    std::string out(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count =
            ::pread(descriptor, out.data() + done, size - done, at + static_cast<off_t>(done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(io_error("read", file, errno));
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    out.resize(done);
    return out;
}

Result<off_t> size_of(int descriptor, const fs::path& file) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0)
        return fail(io_error("read", file, errno));
    return status.st_size;
}

// Of the first `size` bytes, in blocks: each hash covers the one before and its block. `take` gets
// each block.
Result<std::string> digest_of(int descriptor, off_t size, const fs::path& file,
                              const std::function<Status(std::string_view)>& take) {
    Sha256 digest;
    std::string chained(32, '\0');
    for (off_t at = 0; at < size;) {
        const auto wanted = std::min(block, static_cast<std::size_t>(size - at));
        AUTH_TRY(const std::string bytes, read_at(descriptor, at, wanted, file));
        if (bytes.size() != wanted)
            return fail(io_error("read", file, EIO)); // it shrinks as we read
        AUTH_CHECK(take(bytes));
        chained = digest(chained.append(bytes));
        at += static_cast<off_t>(wanted);
    }
    return fmt::format("{}:{}", size, to_hex(chained));
}

std::optional<Trailer> find_trailer(const std::string& end, off_t size) {
    const std::size_t at = end.rfind(mark);
    if (at == std::string::npos || !end.ends_with('\n'))
        return std::nullopt;
    Trailer trailer;
    trailer.text = end.substr(at);
    trailer.body = size - static_cast<off_t>(trailer.text.size());
    const std::string words = end.substr(at + mark.size(), end.size() - at - mark.size() - 1);
    const std::size_t first = words.find(' ');
    const std::size_t second = first == std::string::npos ? first : words.find(' ', first + 1);
    if (second == std::string::npos)
        return std::nullopt;
    trailer.database_id = words.substr(0, first);
    trailer.key_check = words.substr(first + 1, second - first - 1);
    trailer.seal = from_hex(words.substr(second + 1)).value_or("");
    return trailer;
}

Status check_seal(const Trailer& trailer, const Vault& vault, const std::string& digest,
                  const fs::path& file) {
    const auto opened = vault.unseal({place_of_seals, "digest", digest}, trailer.seal);
    // Whatever is in the trailer besides has one spelling.
    if (opened && in_text(trailer.database_id, trailer.key_check, trailer.seal) == trailer.text)
        return {};
    return fail(
        ErrorCode::database_corrupt,
        fmt::format("the backup '{}' was altered after it was made: its seal does not match",
                    file.string()));
}

} // namespace

Status seal_backup(const fs::path& file, const meta_table::Meta& meta, const Vault& vault,
                   Random& random) {
    AUTH_CHECK(vault.require_key());
    AUTH_TRY(const Descriptor descriptor, open_backup(file, O_RDWR));
    AUTH_TRY(const off_t size, size_of(descriptor.get(), file));
    AUTH_TRY(const std::string digest,
             digest_of(descriptor.get(), size, file, [](std::string_view) { return Status(); }));
    const std::string seal = vault.seal({place_of_seals, "digest", digest}, "", random);
    if (::lseek(descriptor.get(), size, SEEK_SET) != size)
        return fail(io_error("write", file, errno));
    return write_all(descriptor.get(), in_text(meta.database_id, meta.key_check, seal), file);
}

Result<bool> copy_sealed(const fs::path& file, const fs::path& to, const KeySource& key) {
    AUTH_TRY(const Descriptor source, open_backup(file, O_RDONLY));
    AUTH_TRY(const off_t size, size_of(source.get(), file));
    const off_t from = std::max<off_t>(0, size - longest_trailer);
    AUTH_TRY(const std::string end,
             read_at(source.get(), from, static_cast<std::size_t>(size - from), file));
    const auto trailer = find_trailer(end, size);
    if (!trailer)
        return false;
    const Vault vault(key, trailer->database_id, trailer->key_check);
    AUTH_CHECK(vault.require_key());
    AUTH_CHECK(create_private_file(to, ""));
    const Descriptor target(::open(to.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC)); // NOLINT
    if (target.get() < 0)
        return fail(io_error("write", to, errno));
    AUTH_TRY(const std::string digest,
             digest_of(source.get(), trailer->body, file, [&](std::string_view bytes) {
                 return write_bytes(target.get(), bytes, to);
             }));
    AUTH_CHECK(check_seal(*trailer, vault, digest, file));
    AUTH_CHECK(write_all(target.get(), "", to));
    return true;
}

} // namespace auth
