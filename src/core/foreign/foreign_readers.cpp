#include "core/foreign/foreign_readers.h"

#include "core/base/text.h"
#include "core/formats/csv_rows.h"
#include "core/formats/json_pieces.h"
#include "core/formats/json_shape.h"
#include "core/formats/record_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

// Wipes every text in what a password was taken from.
void wipe_texts(Json& value) {
    if (value.is_string())
        wipe(value.get_ref<std::string&>());
    else if (value.is_structured())
        for (Json& element : value)
            wipe_texts(element);
}

class ForeignReader : public UserReader {
  public:
    ForeignReader(std::string domain, GatherUser gather)
        : domain_(std::move(domain)), gather_(std::move(gather)) {}

    Result<bool> next(UserRecord& record) override {
        for (;;) {
            record = UserRecord();
            Json element;
            AUTH_TRY(const bool more, next_element(element, record));
            if (!more || record.error)
                return more;
            ForeignUser user(record);
            const auto gathered = gather_(element, user);
            if (record.password || record.totp)
                wipe_texts(element);
            if (gathered && !*gathered)
                continue;
            if (gathered && !record.is_user)
                return true;
            Status status = gathered ? user.finish(domain_) : fail(gathered.error());
            if (!status)
                mark_failed(record, std::move(status).error());
            return true;
        }
    }

  protected:
    // Sets the line, too, and the error of one that cannot be read; false at the end.
    virtual Result<bool> next_element(Json& element, UserRecord& record) = 0;

  private:
    std::string domain_;
    GatherUser gather_;
};

class ElementReader : public ForeignReader {
  public:
    ElementReader(std::unique_ptr<JsonPieces> pieces, std::string domain, GatherUser gather)
        : ForeignReader(std::move(domain), std::move(gather)), pieces_(std::move(pieces)) {}

  private:
    Result<bool> next_element(Json& element, UserRecord& record) override {
        JsonPiece piece;
        AUTH_TRY(const bool more, pieces_->next(piece));
        if (!more)
            return false;
        record.line = piece.line;
        if (piece.error) {
            record.error = std::move(piece.error);
            return true;
        }
        auto parsed = parse_json({piece.text.data(), piece.text.size()});
        if (!parsed)
            record.error = std::move(parsed).error();
        else if (!parsed->is_object())
            record.error = error(ErrorCode::usage, "a user must be a JSON object");
        else
            element = *std::move(parsed);
        return true;
    }

    std::unique_ptr<JsonPieces> pieces_;
};

class ObjectReader : public ForeignReader {
  public:
    ObjectReader(std::vector<PlacedObject> objects, std::string domain, GatherUser gather)
        : ForeignReader(std::move(domain), std::move(gather)), objects_(std::move(objects)) {}

  private:
    Result<bool> next_element(Json& element, UserRecord& record) override {
        if (next_ == objects_.size())
            return false;
        record.line = objects_[next_].line;
        element = std::move(objects_[next_++].object);
        return true;
    }

    std::vector<PlacedObject> objects_;
    std::size_t next_ = 0;
};

class TableReader : public ForeignReader {
  public:
    TableReader(CsvRows rows, TableColumns columns, std::string domain, GatherUser gather)
        : ForeignReader(std::move(domain), std::move(gather)), rows_(std::move(rows)),
          columns_(std::move(columns.names)), least_(columns.least),
          named_by_file_(columns_.empty()) {}

    Status read_header() {
        if (!named_by_file_)
            return {};
        AUTH_TRY(const bool more, rows_.next(row_));
        if (!more)
            return fail(ErrorCode::usage, "the file is empty: no row names the columns");
        for (const CsvRow::Cell& cell : row_.cells)
            columns_.emplace_back(cell.text);
        return {};
    }

  private:
    Result<bool> next_element(Json& element, UserRecord& record) override {
        AUTH_TRY(const bool more, rows_.next(row_));
        if (!more)
            return false;
        record.line = row_.line;
        if (named_by_file_ && row_.cells.size() != columns_.size()) {
            record.error =
                error(ErrorCode::usage, fmt::format("the row has {} cells, the header names {}",
                                                    row_.cells.size(), columns_.size()));
            return true;
        }
        if (row_.cells.size() < least_) {
            record.error =
                error(ErrorCode::usage,
                      fmt::format("the row is cut off: it has {} cells, and whole ones at least {}",
                                  row_.cells.size(), least_))
                    .with_hint("a line break in a name cuts a row in two; put quotes around it");
            return true;
        }
        element = Json::object();
        for (std::size_t i = 0; i < std::min(row_.cells.size(), columns_.size()); ++i) {
            const CsvRow::Cell& cell = row_.cells[i];
            if (!valid_utf8(cell.text)) {
                record.error = not_utf8(fmt::format("the {}", columns_[i]));
                return true;
            }
            if (cell.given && !cell.text.empty())
                element[columns_[i]] = cell.text;
        }
        return true;
    }

    CsvRows rows_;
    CsvRow row_;
    std::vector<std::string> columns_;
    std::size_t least_;
    bool named_by_file_;
};

} // namespace

Result<std::unique_ptr<UserReader>> read_elements(ByteSource source, std::string_view collection,
                                                  std::string domain, GatherUser gather) {
    AUTH_TRY(auto pieces, cut_json(std::move(source), collection, false));
    return std::make_unique<ElementReader>(std::move(pieces), std::move(domain), std::move(gather));
}

std::unique_ptr<UserReader> read_objects(std::vector<PlacedObject> objects, std::string domain,
                                         GatherUser gather) {
    return std::make_unique<ObjectReader>(std::move(objects), std::move(domain), std::move(gather));
}

Result<std::unique_ptr<UserReader>> read_table(ByteSource source, TableColumns columns,
                                               std::string domain, GatherUser gather) {
    // A file that names no columns is by a program, which has one delimiter.
    auto rows = columns.names.empty() ? CsvRows::open(std::move(source), std::nullopt)
                                      : Result<CsvRows>(CsvRows(std::move(source)));
    if (!rows)
        return fail(std::move(rows).error());
    auto reader = std::make_unique<TableReader>(*std::move(rows), std::move(columns),
                                                std::move(domain), std::move(gather));
    AUTH_CHECK(reader->read_header());
    return reader;
}

Result<std::unique_ptr<UserReader>> read_elements_or_table(ByteSource source,
                                                           std::string_view collection,
                                                           TableColumns columns, std::string domain,
                                                           GatherUser gather) {
    AUTH_TRY(Opening opening, look_ahead(without_byte_order_mark(std::move(source))));
    const char first = outline_json(opening.head()).opener;
    if (first == '{' || first == '[')
        return read_elements(std::move(opening.source), collection, std::move(domain),
                             std::move(gather));
    return read_table(std::move(opening.source), std::move(columns), std::move(domain),
                      std::move(gather));
}

} // namespace auth
