// Where the key of a database comes from: a private file of this program, or somebody who keeps it
// and hands it out. A key is 32 bytes, as the file holds them.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <filesystem>
#include <functional>
#include <string>

namespace auth {

inline constexpr std::size_t key_size = 32;

class KeySource {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor): most keys are files
    KeySource(std::filesystem::path file) : file_(std::move(file)) {}
    // `name` is for messages: "the output of '/usr/bin/pass'". `fetch` may fail with any code.
    KeySource(std::string name, std::function<Result<Secret>()> fetch)
        : name_(std::move(name)), fetch_(std::move(fetch)) {}
    // A key in memory.
    KeySource(std::string name, const Secret& key);

    // Empty where somebody else keeps the key.
    [[nodiscard]] const std::filesystem::path& file() const { return file_; }
    [[nodiscard]] bool is_file() const { return !file_.empty(); }
    // "the key file 'auth.key'"
    [[nodiscard]] std::string name() const;
    // Fails with key_mismatch where there is no key or it does not have 32 bytes, with
    // unsafe_permissions or io.
    [[nodiscard]] Result<Secret> read() const;

  private:
    std::filesystem::path file_;
    std::string name_;
    std::function<Result<Secret>()> fetch_;
};

// Beside a key file: the key that takes its place once a rekey is committed, and the one that it
// took the place of.
[[nodiscard]] std::filesystem::path next_key_file(const std::filesystem::path& key_file);
[[nodiscard]] std::filesystem::path old_key_file(const std::filesystem::path& key_file);

} // namespace auth
