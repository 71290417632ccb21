#include "core/formats/decoded_source.h"
#include "support/sources.h"

using namespace auth;

namespace {

using namespace std::string_literals;

// gzip of "email\nann@example.org\n" by Python's gzip, without its checksum.
const std::string cut_off =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xcd\x4d\xcc\xcc\xe1\x4a\xcc\xcb\x73\x48\xad\x48"
    "\xcc\x2d\xc8\x49\xd5\xcb\x2f\x4a\xe7\x02\x00"s;

Result<std::string> text_of(std::string bytes, std::size_t step = 1U << 20U) {
    AUTH_TRY(Decoded text, decoded(source_of(std::move(bytes), step)));
    std::string out;
    char room[7];
    for (;;) {
        AUTH_TRY(const std::size_t count, text.source(room));
        if (count == 0)
            return out;
        out.append(room, count);
    }
}

std::string decoding_refusal(std::string bytes) {
    const auto text = text_of(std::move(bytes));
    return text ? "" : text.error().message;
}

} // namespace

TEST_CASE("plain text comes as it is, without its mark", "[decoded]") {
    CHECK(*text_of("") == "");
    CHECK(*text_of("email\n") == "email\n");
    CHECK(*text_of("\xef\xbb\xbf"
                   "email\n") == "email\n");
}

TEST_CASE("UTF-16 becomes UTF-8, in whatever pieces it comes", "[decoded]") {
    const std::string little = "\xff\xfe"
                               "Z\0o\0\xeb\0 \0=\xd8\xbb\xdc\n\0"s;
    const std::string big = "\xfe\xff\0Z\0o\0\xeb\0 \xd8=\xdc\xbb\0\n"s;
    for (const std::size_t step : {1U, 3U, 1000U}) {
        CHECK(*text_of(little, step) == "Zoë 💻\n");
        CHECK(*text_of(big, step) == "Zoë 💻\n");
    }
    CHECK(decoding_refusal(little + "a") == "the UTF-16 text is damaged or cut off");
    CHECK(decoding_refusal("e\0m\0a\0i\0l\0"s) ==
          "the file is text in UTF-16 without a byte order mark");
}

TEST_CASE("archives and other encodings are named", "[decoded]") {
    CHECK(decoding_refusal("PK\x03\x04...").find("zip") != std::string::npos);
    CHECK(decoding_refusal("BZh91AY").find("bzip2") != std::string::npos);
    CHECK(decoding_refusal("\xff\xfe\0\0a\0\0\0"s).find("UTF-32") != std::string::npos);
    CHECK(decoding_refusal(std::string(257, 'x') + "ustar").find("tar") != std::string::npos);
    CHECK(decoding_refusal("SQLite format 3\0..."s).find("SQLite") != std::string::npos);
}

TEST_CASE("gzip that ends early is damaged", "[decoded]") {
    CHECK(decoding_refusal(cut_off) == "the gzip data is damaged or cut off");
    CHECK(decoding_refusal("\x28\xb5\x2f\xfd\x20") == "the zstd data is damaged or cut off");
}

TEST_CASE("all members of a gzip file and frames of a zstd file are read", "[decoded]") {
    // "a,b\n" and "c\n", by Python's gzip, and twice "a,b\n" by zstd 1.5.4 --no-check.
    const std::string members =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xd4\x49\xe2\x02\x00\xc5\x10\x97\x24\x04\x00"
        "\x00"
        "\x00\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xe6\x02\x00\x85\xc3\xdc\xef\x02\x00\x00\x00"s;
    const std::string frame = "\x28\xb5\x2f\xfd\x00\x58\x21\x00\x00\x61\x2c\x62\x0a"s;
    for (const std::size_t step : {1U, 1000U}) {
        CHECK(*text_of(members, step) == "a,b\nc\n");
        CHECK(*text_of(frame + frame, step) == "a,b\na,b\n");
    }
}
