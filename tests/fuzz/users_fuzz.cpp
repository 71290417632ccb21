#include "core/base/text.h"
#include "core/formats/user_reader.h"
#include "core/writers/user_writer.h"

#include <algorithm>
#include <cstdlib>

using namespace auth;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

ByteSource source_of(std::string text, std::size_t step) {
    return [text = std::move(text), step,
            at = std::size_t{0}](std::span<char> room) mutable -> Result<std::size_t> {
        const std::size_t count = text.copy(room.data(), std::min(room.size(), step), at);
        at += count;
        return count;
    };
}

struct Users {
    std::string written; // those that could be read, as NDJSON
    std::string told;    // lines and errors of all
    bool operator==(const Users&) const = default;
};

Users read(ImportFormat format, const std::string& text, std::size_t step) {
    Users users;
    const ReaderOptions options{.domain = "example.org",
                                .hash_config = "algorithm: SCRYPT,\nbase64_signer_key: AAAA,"};
    auto reader = open_reader(format, source_of(text, step), options);
    if (!reader) {
        users.told = reader.error().message;
        return users;
    }
    const auto writer = make_jsonl_writer({.secrets = true});
    LeftBehind left;
    std::int64_t line = 0;
    for (UserRecord user;;) {
        const auto more = (*reader)->next(user);
        if (!more)
            users.told += more.error().message;
        if (!more || !*more)
            return users;
        require(user.line >= line);
        line = user.line;
        users.told += std::to_string(line) + (user.error ? user.error->message : "") + '\n';
        require(user.error || !user.email.empty());
        if (!user.error)
            writer->add(users.written, user, left);
    }
}

} // namespace

// A file reads the same in whatever pieces it comes; what is written of it is valid and reads the
// same again.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0)
        return 0;
    // The first byte names a format; what detection says is read, too.
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto names = format_names();
    std::vector<ImportFormat> formats{*parse_format(names[data[0] % names.size()])};
    if (const auto detected = detect_format(text, ""))
        formats.push_back(*detected);
    for (const ImportFormat format : formats) {
        const Users users = read(format, text, 1U << 20U);
        require(read(format, text, 5) == users);
        require(valid_utf8(users.written));
        require(read(ImportFormat::jsonl, users.written, 1U << 20U).written == users.written);
    }
    return 0;
}
