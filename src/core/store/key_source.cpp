#include "core/store/key_source.h"

#include "core/base/private_file.h"

#include <fmt/format.h>

#include <memory>

namespace auth {

namespace fs = std::filesystem;

KeySource::KeySource(std::string name, const Secret& key)
    : KeySource(std::move(name), [kept = std::make_shared<Secret>(key.copy())]() -> Result<Secret> {
          return kept->copy();
      }) {}

std::string KeySource::name() const {
    return is_file() ? fmt::format("the key file '{}'", file_.string()) : name_;
}

Result<Secret> KeySource::read() const {
    const Hint other = "name the right one with --key-file";
    Secret key;
    if (is_file()) {
        AUTH_TRY(auto found, read_private_file("key file", file_));
        if (!found)
            return fail(ErrorCode::key_mismatch, name() + " is missing", "name it with --key-file");
        key = *std::move(found);
    } else {
        AUTH_TRY(key, fetch_());
    }
    if (key.size() != key_size)
        return fail(ErrorCode::key_mismatch, name() + " does not hold 32 bytes", other);
    return key;
}

fs::path next_key_file(const fs::path& key_file) {
    return key_file.string() + ".new";
}

fs::path old_key_file(const fs::path& key_file) {
    return key_file.string() + ".old";
}

} // namespace auth
