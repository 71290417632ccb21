// Rows on their way into one table: gathered in the format they travel in, then sent together.
#pragma once

#include "adapters/modules/postgres/kept_values.h"
#include "core/store/plain_insert.h"

#include <cstddef>
#include <libpq-fe.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

class Wire;

class TableRows {
  public:
    // `types` are those of the columns, bigint, text or bytea, for a table that takes no COPY: its
    // rows go as an array a column into one INSERT. Without them rows go by COPY.
    TableRows(PlainInsert insert, std::vector<Oid> types);

    void add(std::span<const KeptValue> values);
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; } // bytes
    [[nodiscard]] const PlainInsert& insert() const { return insert_; }
    void clear();
    // The gathered rows; leaves none.
    [[nodiscard]] TableRows take();

    // Sends them between other commands, which are empty or end with a semicolon, and waits until
    // the server has them. Throws Failure.
    void send(Wire& wire, std::string_view before, std::string_view after) const;

  private:
    [[nodiscard]] bool copied() const { return types_.empty(); }
    void insert(Wire& wire) const;

    PlainInsert insert_;
    std::vector<Oid> types_;
    std::vector<std::string> columns_; // or all of it in one, for COPY
    std::size_t count_ = 0;
    std::size_t size_ = 0;
};

} // namespace auth
