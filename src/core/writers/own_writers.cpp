// NDJSON and CSV: read(write(x)) is x, and one user has one text.
#include "core/base/json.h"
#include "core/formats/csv_cells.h"
#include "core/formats/record_fields.h"
#include "core/writers/user_writer.h"

#include <fmt/format.h>

#include <iterator>

namespace auth {
namespace {

// One list has one text.
void append_identities(std::string& out, const std::vector<IdentityRecord>& identities) {
    out += '[';
    for (const IdentityRecord& identity : identities) {
        const auto member = [&](std::string_view name, std::string_view value) {
            fmt::format_to(std::back_inserter(out), "{}\"{}\":", out.back() == '{' ? "" : ",",
                           name);
            append_json_string(out, value);
        };
        out += out.back() == '[' ? "{" : ",{";
        if (!identity.issuer.empty())
            member("issuer", identity.issuer);
        else
            member("provider", identity.provider);
        member("subject", identity.subject);
        if (identity.linked_at)
            member("linked_at", to_rfc3339(*identity.linked_at));
        if (identity.last_login_at)
            member("last_login_at", to_rfc3339(*identity.last_login_at));
        out += '}';
    }
    out += ']';
}

// Appends a value as JSON; says whether there is one.
struct JsonValue {
    std::string& out;
    const UserRecord& record;

    bool text(std::string_view value) const { return append_json_string(out, value), true; }
    bool operator()(std::string UserRecord::*place) const { return text(record.*place); }
    bool operator()(std::optional<std::string> UserRecord::*place) const {
        return record.*place && text(*(record.*place));
    }
    bool operator()(ObjectText object) const {
        if (record.*object.place)
            out += *(record.*object.place);
        return (record.*object.place).has_value();
    }
    bool operator()(std::optional<std::vector<std::string>> UserRecord::*place) const {
        if (!(record.*place))
            return false;
        out += '[';
        for (const std::string& value : *(record.*place)) {
            if (out.back() != '[')
                out += ',';
            text(value);
        }
        out += ']';
        return true;
    }
    bool operator()(std::optional<bool> UserRecord::*place) const {
        if (record.*place)
            out += *(record.*place) ? "true" : "false";
        return (record.*place).has_value();
    }
    bool operator()(std::optional<Secret> UserRecord::*place) const {
        return record.*place && text((record.*place)->reveal());
    }
    bool operator()(std::optional<Time> UserRecord::*place) const {
        return record.*place && text(to_rfc3339(*(record.*place)));
    }
    bool operator()(std::optional<std::vector<IdentityRecord>> UserRecord::*place) const {
        if (record.*place)
            append_identities(out, *(record.*place));
        return (record.*place).has_value();
    }
};

// Appends a value as a cell, or nothing.
struct CsvCell {
    std::string& out;
    const UserRecord& record;
    bool raw;

    void text(std::string_view value) const {
        append_csv_cell(out, raw ? std::string(value) : without_formula(value));
    }
    void operator()(std::string UserRecord::*place) const { text(record.*place); }
    void operator()(std::optional<std::string> UserRecord::*place) const {
        if (record.*place)
            text(*(record.*place));
    }
    void operator()(ObjectText object) const { (*this)(object.place); }
    void operator()(std::optional<std::vector<std::string>> UserRecord::*place) const {
        if (record.*place)
            text(fmt::format("{}", fmt::join(*(record.*place), ";")));
    }
    void operator()(std::optional<bool> UserRecord::*place) const {
        if (record.*place)
            out += *(record.*place) ? "true" : "false";
    }
    void operator()(std::optional<Secret> UserRecord::*place) const {
        if (record.*place)
            text((record.*place)->reveal());
    }
    void operator()(std::optional<Time> UserRecord::*place) const {
        if (record.*place)
            out += to_rfc3339(*(record.*place));
    }
    void operator()(std::optional<std::vector<IdentityRecord>> UserRecord::*place) const {
        std::string list;
        if (record.*place)
            append_identities(list, *(record.*place));
        if (!list.empty())
            text(list);
    }
};

class JsonlWriter final : public UserWriter {
  public:
    void add(std::string& out, const UserRecord& user, LeftBehind& /*left*/) override {
        out += '{';
        for (const RecordField& field : record_fields()) {
            const std::size_t before = out.size();
            if (out.back() != '{')
                out += ',';
            out += '"';
            out += field.name;
            out += "\":";
            if (std::visit(JsonValue{out, user}, field.place))
                continue;
            if (field.written == Written::always)
                out += "null";
            else
                out.resize(before);
        }
        out += "}\n";
    }
};

class CsvWriter final : public UserWriter {
  public:
    explicit CsvWriter(const WriterOptions& options) : raw_(options.raw) {
        for (const RecordField& field : record_fields())
            if (options.secrets || field.written != Written::with_secrets)
                columns_.push_back(&field);
    }

    void begin(std::string& out) override {
        for (const RecordField* column : columns_) {
            out += column == columns_.front() ? "" : ",";
            out += column->name;
        }
        out += "\r\n";
    }
    void add(std::string& out, const UserRecord& user, LeftBehind& /*left*/) override {
        for (const RecordField* column : columns_) {
            out += column == columns_.front() ? "" : ",";
            std::visit(CsvCell{out, user, raw_}, column->place);
        }
        out += "\r\n";
    }

  private:
    bool raw_;
    std::vector<const RecordField*> columns_;
};

} // namespace

std::unique_ptr<UserWriter> make_jsonl_writer(const WriterOptions& /*options*/) {
    return std::make_unique<JsonlWriter>();
}

std::unique_ptr<UserWriter> make_csv_writer(const WriterOptions& options) {
    return std::make_unique<CsvWriter>(options);
}

} // namespace auth
