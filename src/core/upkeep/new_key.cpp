#include "core/upkeep/new_key.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/store/meta_table.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/store/vault.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view any_database = "00000000-0000-0000-0000-000000000000";

// As doctor knows the files of processes that were killed.
fs::path name_until_finished(const NewKey::Order& order) {
    return order.path.string() + "." + to_hex(sha256(order.database)).substr(0, 16);
}

Result<std::string> fingerprint(const fs::path& key) {
    return Vault::key_check(key, std::string(any_database));
}

bool is_same_key(const fs::path& a, const fs::path& b) {
    const auto first = fingerprint(a);
    const auto second = fingerprint(b);
    return first && second && *first == *second;
}

tl::unexpected<Error> refuse_sharing(const fs::path& key) {
    const auto owners = databases_opened_by(key);
    std::string opens = "; which database it opens is not known";
    if (!owners.empty())
        opens = fmt::format(" and opens '{}'", fmt::join(owners, "', '"));
    return fail(error(ErrorCode::refused,
                      fmt::format("the key file '{}' already exists{}", key.string(), opens))
                    .with_reason(std::string(key_in_use))
                    .with_field("key_file"));
}

// Whether the file is a database or a backup that the key opens.
bool opens(const fs::path& key, const fs::path& file, std::string_view except) {
    try {
        const auto database = SqliteDatabase::open_to_look(file);
        if (!database)
            return false;
        const auto meta = meta_table::load(**database);
        return meta && meta->database_id != except &&
               Vault(key, meta->database_id, meta->key_check).require_key();
    } catch (const Failure&) {
        return false;
    }
}

} // namespace

Result<NewKey> NewKey::prepare(Order order, Random& random) {
    AUTH_CHECK(make_private_directory(directory_of(order.path)));
    AUTH_TRY(const bool present, check_private_file("key file", order.path));
    const fs::path unfinished = order.share ? order.path : name_until_finished(order);
    if (present) {
        AUTH_CHECK(fingerprint(order.path));
        if (!order.share && !is_same_key(order.path, unfinished))
            return refuse_sharing(order.path);
    }
    NewKey key(std::move(order), unfinished);
    if (present && key.order_.share)
        key.existing_ = {true, databases_opened_by(key.order_.path)};
    AUTH_CHECK(Vault::make_key(unfinished, random));
    return key;
}

NewKey::NewKey(NewKey&& other) noexcept
    : order_(std::move(other.order_)), unfinished_(std::exchange(other.unfinished_, {})),
      existing_(std::move(other.existing_)), published_(other.published_) {}

NewKey::~NewKey() {
    // A published key without its database is told from others by the other name.
    if (!unfinished_.empty() && separate() && !published_)
        (void)remove_private_file(unfinished_);
}

Status NewKey::publish() {
    if (!separate())
        return {};
    std::error_code problem;
    const auto mine = fingerprint(unfinished_);
    fs::create_hard_link(unfinished_, order_.path, problem);
    if (problem && problem != std::errc::file_exists)
        return fail(io_error("create", order_.path, problem.value()));
    // Another process that makes the same database may have been quicker, with the same key.
    const auto there = fingerprint(order_.path);
    if (!mine || !there || *mine != *there)
        return refuse_sharing(order_.path);
    published_ = true;
    return sync_directory(directory_of(order_.path));
}

Status NewKey::finish() {
    return separate() ? remove_private_file(unfinished_) : Status{};
}

std::vector<std::string> databases_opened_by(const fs::path& key_path, std::string_view except) {
    std::vector<std::string> out;
    std::error_code failed;
    for (fs::directory_iterator entry(directory_of(key_path), failed), end; !failed && entry != end;
         entry.increment(failed)) {
        std::error_code unknown;
        const bool may_be = entry->symlink_status(unknown).type() == fs::file_type::regular &&
                            entry->file_size(unknown) > 512;
        // By the name that the key file has, which may be relative.
        const fs::path file = key_path.parent_path() / entry->path().filename();
        if (may_be && opens(key_path, file, except))
            out.push_back(file.string());
    }
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace auth
