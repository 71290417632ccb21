// The key file of a database that is being made, and the databases that a key file opens.
#pragma once

#include "core/base/random.h"
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// The reason of a refusal to use an existing key file.
inline constexpr std::string_view key_in_use = "key_in_use";

// Has another name until its database is complete, so that a making that is cut short at any point
// can be repeated: that name tells which database the key is for, and is kept until finish().
class NewKey {
  public:
    struct Order {
        std::filesystem::path path;
        std::string database; // its name, the same when the making is repeated
        bool share = false;   // use an existing key file
    };
    // What a key file opens that existed before.
    struct Existing {
        bool used = false;
        std::vector<std::string> databases; // as far as they are known
    };

    // Fails with refused, reason key_in_use, for an existing key file that is not to be shared, and
    // with key_mismatch, unsafe_permissions or io.
    [[nodiscard]] static Result<NewKey> prepare(Order order, Random& random);
    NewKey(NewKey&& other) noexcept;
    NewKey& operator=(NewKey&&) = delete;
    ~NewKey();

    // Where the key is until publish().
    [[nodiscard]] const std::filesystem::path& path() const { return unfinished_; }
    [[nodiscard]] const Existing& existing() const { return existing_; }
    // Gives it its own name. Fails with key_mismatch if that has another key by now.
    [[nodiscard]] Status publish();
    // Once the database is complete.
    [[nodiscard]] Status finish();

  private:
    NewKey(Order order, std::filesystem::path unfinished)
        : order_(std::move(order)), unfinished_(std::move(unfinished)) {}
    [[nodiscard]] bool separate() const { return unfinished_ != order_.path; }

    Order order_;
    std::filesystem::path unfinished_; // empty once it was moved from
    Existing existing_;
    bool published_ = false;
};

// The SQLite databases and backups in the key file's directory that it opens, by their paths, but
// for those of the database `except`, an id. Whatever cannot be read is left out.
[[nodiscard]] std::vector<std::string> databases_opened_by(const std::filesystem::path& key_path,
                                                           std::string_view except = "");

} // namespace auth
