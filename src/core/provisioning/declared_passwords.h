// The passwords that a manifest declares: read from their files, made, hashed once they are due.
#pragma once

#include "core/accounts/passwords_table.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/provisioning/manifest.h"
#include "core/realm.h"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace auth {

class DeclaredPasswords {
  public:
    // Relative paths are meant from `directory`. `open_to_all` is as in ApplyOptions.
    DeclaredPasswords(Realm& realm, const Manifest& manifest, std::filesystem::path directory,
                      std::function<void(const std::filesystem::path&)> open_to_all);
    DeclaredPasswords(const DeclaredPasswords&) = delete;
    DeclaredPasswords& operator=(const DeclaredPasswords&) = delete;
    // Removes the files that write_files() made, unless keep_files() was called.
    ~DeclaredPasswords();

    // Reads all, and on several threads computes what mac() gives and hashes what the users, as
    // they are now, will want. Call it before the Transaction. Fails with io, unsafe_permissions,
    // usage or refused.
    [[nodiscard]] Status prepare(unsigned threads);

    // What stands for the password in applied_table; nothing for none and for one made here. It
    // costs as much as a password hash: whoever has database and key is not to guess faster.
    [[nodiscard]] std::optional<std::string> mac(std::size_t user) const;
    // The hash to be stored, or nothing where the user keeps what there is: the declared one was
    // applied before (`applied` is its mac), or fits. Fails as prepare() does.
    [[nodiscard]] Result<std::optional<std::string>> due(std::size_t user, const User& current,
                                                         const std::optional<std::string>& applied);

    // Writes the passwords that were made here and are due, each into a new file that only its
    // owner may read. Nothing in a dry run.
    [[nodiscard]] Status write_files();
    void keep_files() { written_.clear(); }

  private:
    struct Password {
        std::string path; // in the manifest
        DeclaredCredential declared;
        std::optional<Secret> content{}; // the password, or the hash as it is to be stored
        bool made = false;               // here, and not in its file yet
        bool is_due = false;
        // What was found out on the way.
        std::optional<std::string> hash{};
        std::optional<std::string> mac{};
        std::optional<std::pair<std::string, bool>> fits{};
    };
    enum class Need { nothing, comparison, change };
    struct Job;

    [[nodiscard]] std::filesystem::path file_of(const Password& password) const;
    [[nodiscard]] Status read(Password& password) const;
    [[nodiscard]] Status read_or_make(Password& password) const;
    [[nodiscard]] Need need(std::size_t user,
                            const std::optional<passwords_table::StoredPassword>& stored,
                            const std::optional<std::string>& applied) const;
    [[nodiscard]] std::string compute_mac(std::size_t user, const Password& password) const;
    [[nodiscard]] Result<std::optional<Job>> job(std::size_t user, Password& password);

    Realm& realm_;
    const Manifest& manifest_;
    std::filesystem::path directory_;
    std::function<void(const std::filesystem::path&)> open_to_all_;
    std::map<std::size_t, Password> passwords_; // by the index of the user
    std::vector<std::filesystem::path> written_;
};

} // namespace auth
