// Byte sources and readers over texts.
#pragma once

#include "core/formats/user_reader.h"
#include "support/catch.h"

#include <algorithm>

namespace auth {

// Gives the text in pieces of at most `step` bytes, as a pipe may.
inline ByteSource source_of(std::string text, std::size_t step = 1U << 20U) {
    return [text = std::move(text), step,
            at = std::size_t{0}](std::span<char> room) mutable -> Result<std::size_t> {
        const std::size_t count = text.copy(room.data(), std::min(room.size(), step), at);
        at += count;
        return count;
    };
}

inline std::vector<UserRecord> read_users(ImportFormat format, std::string text,
                                          std::size_t step = 1U << 20U,
                                          const ReaderOptions& options = {}) {
    auto reader = open_reader(format, source_of(std::move(text), step), options);
    INFO((reader ? std::string() : reader.error().message));
    REQUIRE(reader.has_value());
    std::vector<UserRecord> users;
    for (;;) {
        UserRecord user;
        const auto more = (*reader)->next(user);
        INFO((more ? std::string() : more.error().message));
        REQUIRE(more.has_value());
        if (!*more)
            return users;
        users.push_back(std::move(user));
    }
}

// The same of a text that is detected as what it is.
inline std::vector<UserRecord> read_detected(ImportFormat format, std::string text,
                                             const ReaderOptions& options = {}) {
    const auto detected = detect_format(text, "");
    INFO((detected ? std::string() : detected.error().message));
    REQUIRE(detected.has_value());
    CHECK(format_name(*detected) == format_name(format));
    return read_users(format, std::move(text), 1000, options);
}

// What stops the file from being read, wherever it is found.
inline Error read_failure(ImportFormat format, std::string text,
                          const ReaderOptions& options = {}) {
    auto reader = open_reader(format, source_of(std::move(text)), options);
    if (!reader)
        return reader.error();
    for (;;) {
        UserRecord user;
        const auto more = (*reader)->next(user);
        if (!more)
            return more.error();
        if (!*more)
            return error(ErrorCode::internal, "nothing failed");
    }
}

} // namespace auth
