#include "core/formats/decoded_source.h"

#include "core/base/broken.h"
#include "core/formats/unpacking.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iconv.h>
#include <utility>

namespace auth {
namespace {

constexpr std::string_view gzip_start = "\x1f\x8b";
constexpr std::string_view zstd_start = "\x28\xb5\x2f\xfd";

// What nobody can import as it is.
struct Other {
    std::string_view start;
    std::string_view name;
    std::string_view hint;
    std::size_t at = 0;
};
using namespace std::string_view_literals;
constexpr auto others = std::to_array<Other>({
    {"PK\x03\x04"sv, "a zip archive (also an .xlsx or .ods file)",
     "unpack it, or export it as CSV"},
    {"PK\x05\x06"sv, "an empty zip archive", "unpack it, or export it as CSV"},
    {"\xd0\xcf\x11\xe0"sv, "a file of an office program", "export it as CSV"},
    {"BZh"sv, "compressed with bzip2", "unpack it with bunzip2"},
    {"\xfd"
     "7zXZ"sv,
     "compressed with xz", "unpack it with unxz"},
    {"7z\xbc\xaf"sv, "a 7z archive", "unpack it with 7z"},
    {"Rar!"sv, "a rar archive", "unpack it"},
    {"%PDF-"sv, "a PDF document", "export it as CSV"},
    {"SQLite format 3\0"sv, "an SQLite database", "export its table as CSV with sqlite3"},
    {"\xff\xfe\0\0"sv, "text in UTF-32", "write it in UTF-8"},
    {"\0\0\xfe\xff"sv, "text in UTF-32", "write it in UTF-8"},
    {"ustar"sv, "a tar archive", "unpack it with tar", 257},
});

tl::unexpected<Error> refused(std::string_view name, std::string hint) {
    return fail(
        error(ErrorCode::usage, fmt::format("the file is {}", name)).with_hint(std::move(hint)));
}

Status check_head(std::string_view head) {
    for (const Other& other : others)
        if (head.size() > other.at && head.substr(other.at).starts_with(other.start))
            return refused(other.name, std::string(other.hint));
    return {};
}

// No text of UTF-8 has NUL; what most letters of UTF-16 have is one in every second byte.
bool looks_like_utf16(std::string_view head) {
    return head.size() >= 4 && (head[0] == '\0') != (head[1] == '\0') &&
           (head[0] == '\0') == (head[2] == '\0') && (head[1] == '\0') == (head[3] == '\0');
}

// UTF-16 without its mark as UTF-8, by iconv.
class Utf16 {
  public:
    Utf16(ByteSource source, const char* encoding)
        : source_(std::move(source)), converter_(iconv_open("UTF-8", encoding)), read_(64U << 10U) {
        // NOLINTNEXTLINE(performance-no-int-to-ptr): iconv's own sign of failure
        if (converter_ == reinterpret_cast<iconv_t>(-1))
            broken_machine(error(ErrorCode::internal, "iconv does not know UTF-16"));
    }
    ~Utf16() {
        iconv_close(converter_);
        wipe(read_);
    }
    Utf16(const Utf16&) = delete;
    Utf16& operator=(const Utf16&) = delete;

    Result<std::size_t> read(std::span<char> room) {
        for (;;) {
            if (begin_ == end_ || short_) {
                std::memmove(read_.data(), read_.data() + begin_, end_ - begin_);
                end_ -= std::exchange(begin_, 0);
                AUTH_TRY(const std::size_t count, source_(std::span(read_).subspan(end_)));
                if (count == 0 && end_ == 0)
                    return std::size_t{0};
                if (count == 0)
                    return damaged();
                end_ += count;
            }
            char* from = read_.data() + begin_;
            std::size_t left = end_ - begin_;
            char* to = room.data();
            std::size_t free = room.size();
            const std::size_t outcome = iconv(converter_, &from, &left, &to, &free);
            if (outcome == static_cast<std::size_t>(-1) && errno == EILSEQ)
                return damaged();
            // Half a character is left.
            short_ = outcome == static_cast<std::size_t>(-1) && errno == EINVAL;
            begin_ = end_ - left;
            if (free < room.size())
                return room.size() - free;
        }
    }

  private:
    static tl::unexpected<Error> damaged() {
        return fail(error(ErrorCode::usage, "the UTF-16 text is damaged or cut off"));
    }

    ByteSource source_;
    iconv_t converter_;
    std::vector<char> read_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool short_ = false;
};

ByteSource from_utf16(ByteSource source, const char* encoding) {
    return [text = std::make_shared<Utf16>(std::move(source), encoding)](std::span<char> room) {
        return text->read(room);
    };
}

using Unpack = ByteSource (*)(ByteSource);

// Null for what is not compressed.
Unpack unpacker_of(std::string_view head) {
    if (head.starts_with(gzip_start))
        return unpacked_gzip;
    return head.starts_with(zstd_start) ? unpacked_zstd : nullptr;
}

} // namespace

Result<Decoded> decoded(ByteSource source) {
    AUTH_TRY(Opening opening, look_ahead(std::move(source)));
    const Unpack unpack = unpacker_of(opening.head());
    if (unpack != nullptr) {
        AUTH_TRY(opening, look_ahead(unpack(std::move(opening.source))));
    }
    const std::string_view head = opening.head();
    AUTH_CHECK(check_head(head));
    for (const auto& [mark, encoding] :
         {std::pair("\xff\xfe", "UTF-16LE"), std::pair("\xfe\xff", "UTF-16BE")})
        if (head.starts_with(mark)) {
            AUTH_CHECK(skip(opening.source, std::strlen(mark)));
            return Decoded{from_utf16(std::move(opening.source), encoding), false};
        }
    if (looks_like_utf16(head))
        return refused("text in UTF-16 without a byte order mark", "write it in UTF-8");
    return Decoded{without_byte_order_mark(std::move(opening.source)), unpack == nullptr};
}

} // namespace auth
