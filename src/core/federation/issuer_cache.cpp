#include "core/federation/issuer_cache.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/file_state.h"
#include "core/base/text.h"
#include "core/federation/issuer_entry.h"

#include <fmt/format.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view entry_role = "file of cached keys";
constexpr std::string_view mac_key_role = "key of the cache";
constexpr std::size_t mac_key_size = 32;
constexpr std::size_t mac_digits = 64;
// An answer of 1 MiB, with every character of its keys escaped, and what is said of it.
constexpr std::size_t longest_entry = 4UL << 20U;
constexpr std::int64_t unused_for = std::int64_t{2} * 24 * 3600;

constexpr std::string_view file_prefix = "issuer-";
constexpr std::string_view file_suffix = ".json";
constexpr std::string_view lock_suffix = ".lock";

fs::path lock_beside(fs::path file) {
    return file.replace_extension(lock_suffix);
}

bool is_entry_name(std::string_view name) {
    return name.starts_with(file_prefix) && name.ends_with(file_suffix);
}

tl::unexpected<Error> altered(const fs::path& path) {
    return fail(
        error(ErrorCode::io, fmt::format("the file of cached keys {} was altered or cut off",
                                         in_quotes(path.string())))
            .with_reason("altered"));
}

} // namespace

fs::path IssuerCache::file_of(std::string_view issuer) const {
    return place_.directory /
           fmt::format("{}{}{}", file_prefix, to_hex(sha256(issuer).substr(0, 16)), file_suffix);
}

Result<std::optional<Secret>> IssuerCache::read_mac_key() const {
    AUTH_TRY(auto key, read_private_file(mac_key_role, place_.mac_key, mac_key_size));
    if (key && key->size() != mac_key_size)
        key.reset();
    return key;
}

Result<Secret> IssuerCache::make_mac_key() const {
    AUTH_TRY(auto known, read_mac_key());
    if (known)
        return *std::move(known);
    Secret key = random_bytes(*random_, mac_key_size);
    AUTH_CHECK(replace_private_file(place_.mac_key, key.reveal(), *random_));
    return key;
}

Result<std::optional<IssuerEntry>> IssuerCache::read(std::string_view issuer) const {
    const fs::path path = file_of(issuer);
    AUTH_TRY(const auto text, read_private_file(entry_role, path, longest_entry));
    if (!text)
        return std::nullopt;
    AUTH_TRY(const auto key, read_mac_key());
    const std::string_view whole = text->reveal();
    if (!key || whole.size() <= mac_digits || whole[mac_digits] != '\n')
        return altered(path);
    const std::string_view body = whole.substr(mac_digits + 1);
    if (!equal_in_constant_time(whole.substr(0, mac_digits), to_hex(hmac_sha256(*key, body))))
        return altered(path);
    auto entry = read_issuer_entry(body, issuer);
    if (!entry)
        return altered(path);
    return entry;
}

Result<FileLock> IssuerCache::lock(std::string_view issuer) const {
    return FileLock::acquire(lock_beside(file_of(issuer)));
}

Status IssuerCache::write(std::string_view issuer, const IssuerEntry& entry, Time now) const {
    AUTH_CHECK(make_private_directory(place_.directory));
    AUTH_TRY(const Secret key, make_mac_key());
    const fs::path path = file_of(issuer);
    if (!check_private_file(entry_role, path))
        AUTH_CHECK(remove_private_file(path));
    const std::string body = issuer_entry_text(issuer, entry);
    AUTH_CHECK(replace_private_file(
        path, fmt::format("{}\n{}", to_hex(hmac_sha256(key, body)), body), *random_));
    sweep_leftovers(path);
    forget_old(path, now);
    return {};
}

void IssuerCache::forget_old(const fs::path& kept, Time now) const {
    std::error_code failed;
    for (fs::directory_iterator entry(place_.directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const fs::path& path = entry->path();
        if (path == kept || !is_entry_name(path.filename().string()) ||
            file_state(path, unix_seconds(now)).age < unused_for)
            continue;
        std::error_code ignored;
        fs::remove(path, ignored);
        fs::remove(lock_beside(path), ignored);
    }
}

} // namespace auth
