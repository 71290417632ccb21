// Rows on their way to the server, in COPY's text format (PostgreSQL manual, COPY, "Text Format").
#pragma once

#include "core/store/plain_insert.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

class CopyBuffers {
  public:
    struct Buffer {
        const PlainInsert* insert; // which is forgotten before it ends
        std::string rows;
    };

    // Begins the next row of an insert; then its values, then end_row.
    void begin_row(const PlainInsert& insert);
    void add_null();
    void add(std::int64_t value);
    void add_text(std::string_view text);
    void add_bytes(std::string_view bytes);
    void end_row();

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }  // bytes
    [[nodiscard]] std::int64_t rows() const { return rows_; } // ended since they were counted anew
    void count_anew() { rows_ = 0; }
    // Rows come after those they refer to. Leaves nothing.
    [[nodiscard]] std::vector<Buffer> take();
    void drop() {
        (void)take();
        lost_ = false;
    }
    // That insert is gone: what it still has is lost, until drop().
    void forget(const PlainInsert& insert);
    [[nodiscard]] bool lost() const { return lost_; }

  private:
    void separate();

    std::vector<Buffer> buffers_;
    std::string* row_ = nullptr;
    bool first_ = true;
    std::size_t before_ = 0;
    std::size_t size_ = 0;
    std::int64_t rows_ = 0;
    bool lost_ = false;
};

} // namespace auth
