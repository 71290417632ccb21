#include "adapters/modules/postgres/table_rows.h"

#include "adapters/modules/postgres/wire.h"
#include "core/base/encoding.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

namespace auth {
namespace {

// pg_type.dat: of elements, and of arrays of them.
constexpr Oid bytea_oid = 17;
constexpr Oid int8_oid = 20;
constexpr Oid bytea_array = 1001;
constexpr Oid text_array = 1009;
constexpr Oid int8_array = 1016;

Oid array_of(Oid element) {
    return element == int8_oid ? int8_array : element == bytea_oid ? bytea_array : text_array;
}

// COPY's text format (PostgreSQL manual, COPY, "Text Format").
void append_copied(std::string& out, std::string_view text) {
    while (true) {
        const std::size_t special = text.find_first_of("\\\t\n\r");
        out += text.substr(0, special);
        if (special == std::string_view::npos)
            return;
        const char c = text[special];
        out += '\\';
        out += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
        text.remove_prefix(special + 1);
    }
}

void append_copied(std::string& out, const KeptValue& value) {
    char digits[24];
    switch (value.kind) {
    case KeptValue::Kind::null:
        out += "\\N";
        break;
    case KeptValue::Kind::integer:
        out.append(digits, std::to_chars(digits, digits + sizeof digits, value.number).ptr);
        break;
    case KeptValue::Kind::text:
        append_copied(out, value.bytes);
        break;
    case KeptValue::Kind::blob:
        out += "\\\\x";
        out += to_hex(value.bytes);
        break;
    }
}

// The wire's byte order.
template <class Number> void append_number(std::string& out, Number number) {
    for (int shift = std::numeric_limits<Number>::digits - 8; shift >= 0; shift -= 8)
        out += static_cast<char>(number >> static_cast<unsigned>(shift) & 0xFFU);
}

// An element of an array in binary format: its length, and its bytes (array_recv).
void append_element(std::string& out, const KeptValue& value) {
    if (value.kind == KeptValue::Kind::null) {
        append_number(out, ~std::uint32_t{0});
    } else if (value.kind == KeptValue::Kind::integer) {
        append_number(out, std::uint32_t{sizeof value.number});
        append_number(out, std::bit_cast<std::uint64_t>(value.number));
    } else {
        append_number(out, static_cast<std::uint32_t>(value.bytes.size()));
        out += value.bytes;
    }
}

// One dimension that counts from 1 and may have nulls.
std::string array_head(Oid element, std::size_t count) {
    std::string out;
    for (const std::size_t number :
         {std::size_t{1}, std::size_t{1}, std::size_t{element}, count, std::size_t{1}})
        append_number(out, static_cast<std::uint32_t>(number));
    return out;
}

} // namespace

TableRows::TableRows(PlainInsert insert, std::vector<Oid> types)
    : insert_(std::move(insert)), types_(std::move(types)), columns_(copied() ? 1 : types_.size()) {
}

void TableRows::add(std::span<const KeptValue> values) {
    std::size_t column = 0;
    for (const KeptValue& value : values) {
        std::string& out = columns_[copied() ? 0 : column];
        const std::size_t before = out.size();
        if (copied()) {
            if (column > 0)
                out += '\t';
            append_copied(out, value);
        } else {
            append_element(out, value);
        }
        size_ += out.size() - before;
        ++column;
    }
    if (copied())
        columns_.front() += '\n';
    ++count_;
}

void TableRows::clear() {
    for (std::string& column : columns_)
        column.clear();
    count_ = 0;
    size_ = 0;
}

TableRows TableRows::take() {
    TableRows taken(insert_, types_);
    std::swap(taken.columns_, columns_);
    taken.count_ = std::exchange(count_, 0);
    taken.size_ = std::exchange(size_, 0);
    return taken;
}

void TableRows::send(Wire& wire, std::string_view before, std::string_view after) const {
    if (copied()) {
        wire.run(fmt::format("{}COPY {} ({}) FROM STDIN;{}", before, insert_.table, insert_.columns,
                             after),
                 columns_.front());
        return;
    }
    if (!before.empty())
        wire.run(std::string(before));
    insert(wire);
    if (!after.empty())
        wire.run(std::string(after));
}

void TableRows::insert(Wire& wire) const {
    std::string places;
    std::vector<Oid> types;
    std::vector<std::string> arrays;
    for (std::size_t i = 0; i < types_.size(); ++i) {
        places += fmt::format("{}${}", i > 0 ? ", " : "", i + 1);
        types.push_back(array_of(types_[i]));
        arrays.push_back(array_head(types_[i], count_) + columns_[i]);
    }
    wire.run(fmt::format("INSERT INTO {} ({}) SELECT * FROM unnest({})", insert_.table,
                         insert_.columns, places),
             types, arrays);
}

} // namespace auth
