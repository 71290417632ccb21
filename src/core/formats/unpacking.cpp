#include "core/formats/unpacking.h"

#include "core/base/broken.h"

#include <fmt/format.h>

#include <utility>
#include <zlib.h>
#include <zstd.h>

namespace auth {
namespace {

constexpr std::size_t packed_block = 64U << 10U;

tl::unexpected<Error> damaged(std::string_view what) {
    return fail(error(ErrorCode::usage, fmt::format("the {} data is damaged or cut off", what)));
}

// What an unpacker reads from.
class Packed {
  public:
    explicit Packed(ByteSource source) : source_(std::move(source)), block_(packed_block) {}
    ~Packed() { wipe(block_); }
    Packed(const Packed&) = delete;
    Packed& operator=(const Packed&) = delete;

    // What is left of the block, or the next one; empty at the end.
    Result<std::span<const char>> bytes() {
        if (left_.empty()) {
            AUTH_TRY(const std::size_t count, source_(block_));
            left_ = std::span<const char>(block_).first(count);
        }
        return left_;
    }
    void drop_all_but(std::size_t count) { left_ = left_.last(count); }

  private:
    ByteSource source_;
    std::vector<char> block_;
    std::span<const char> left_;
};

class Gzip {
  public:
    explicit Gzip(ByteSource source) : packed_(std::move(source)) {
        constexpr int gzip_of_any_window = 16 + MAX_WBITS;
        if (inflateInit2(&stream_, gzip_of_any_window) != Z_OK)
            out_of_memory();
    }
    ~Gzip() { inflateEnd(&stream_); }
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    Result<std::size_t> read(std::span<char> room) {
        for (;;) {
            AUTH_TRY(const std::span<const char> bytes, packed_.bytes());
            if (bytes.empty())
                return within_ ? Result<std::size_t>(damaged("gzip")) : std::size_t{0};
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
            stream_.avail_in = static_cast<uInt>(bytes.size());
            stream_.next_out = reinterpret_cast<Bytef*>(room.data());
            stream_.avail_out = static_cast<uInt>(room.size());
            within_ = true;
            const int outcome = inflate(&stream_, Z_NO_FLUSH);
            packed_.drop_all_but(stream_.avail_in);
            if (outcome == Z_STREAM_END) {
                within_ = false;
                inflateReset(&stream_);
            } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
                return damaged("gzip");
            }
            if (const std::size_t count = room.size() - stream_.avail_out; count > 0)
                return count;
        }
    }

  private:
    Packed packed_;
    z_stream stream_{};
    bool within_ = false; // a member
};

class Zstd {
  public:
    explicit Zstd(ByteSource source) : packed_(std::move(source)), stream_(ZSTD_createDStream()) {
        if (stream_ == nullptr)
            out_of_memory();
    }

    Result<std::size_t> read(std::span<char> room) {
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        for (;;) {
            AUTH_TRY(const std::span<const char> bytes, packed_.bytes());
            // More may be held back of what was read before.
            if (bytes.empty() && !within_)
                return std::size_t{0};
            ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
            const std::size_t outcome = ZSTD_decompressStream(stream_.get(), &out, &in);
            if (ZSTD_isError(outcome) != 0 || (bytes.empty() && out.pos == 0))
                return damaged("zstd");
            within_ = outcome != 0;
            packed_.drop_all_but(bytes.size() - in.pos);
            if (out.pos > 0)
                return out.pos;
        }
    }

  private:
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    Packed packed_;
    std::unique_ptr<ZSTD_DStream, Free> stream_;
    bool within_ = false; // a frame
};

template <class Unpacker> ByteSource by(ByteSource source) {
    return [unpacker = std::make_shared<Unpacker>(std::move(source))](std::span<char> room) {
        return unpacker->read(room);
    };
}

} // namespace

ByteSource unpacked_gzip(ByteSource source) {
    return by<Gzip>(std::move(source));
}

ByteSource unpacked_zstd(ByteSource source) {
    return by<Zstd>(std::move(source));
}

} // namespace auth
