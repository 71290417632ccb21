#include "cli/output/output.h"

#include "cli/output/document.h"
#include "cli/output/exit_code.h"
#include "cli/output/field_choice.h"
#include "cli/output/table.h"
#include "core/base/text.h"
#include "core/jose/exact_json.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Error write_failed() {
    return error(ErrorCode::io, "cannot write to stdout");
}

// A value as a script wants it: strings bare, nothing for null, JSON for the rest.
std::string raw(const Json& value) {
    if (value.is_null())
        return "";
    return value.is_string() ? value.get<std::string>() : write_json(value);
}

// A TSV cell: tabs and line ends would break the row.
std::string cell(const Json& value) {
    std::string text = raw(value);
    if (value.is_array()) {
        text.clear();
        for (const Json& element : value)
            text += (text.empty() ? "" : ",") + raw(element);
    }
    for (char& c : text)
        if (c == '\t' || c == '\n' || c == '\r')
            c = ' ';
    return text;
}

class Printer {
  public:
    Printer(const OutputOptions& options, Streams& streams)
        : options_(options), streams_(streams) {}

    Status document(const Reply& reply) {
        if (!options_.field.empty()) {
            AUTH_TRY(const Json* value, find_field(reply.document, options_.field));
            return data_line(raw(*value));
        }
        if (options_.form == OutputForm::text && options_.fields.empty())
            return write(reply.text);
        if (reply.document.is_null())
            return write(reply.text);
        AUTH_TRY(const Json picked, pick_fields(reply.document, options_.fields));
        switch (options_.form) {
        case OutputForm::json:
            return line(json(picked, 2));
        case OutputForm::jsonl:
            return line(json(picked));
        case OutputForm::plain:
            return plain_row(picked);
        case OutputForm::text:
            break;
        }
        return name_values(picked);
    }

    // Text that nobody asked to have changed goes straight through.
    Status records(RecordLines& lines) {
        const bool wanted = options_.form != OutputForm::text || !options_.field.empty() ||
                            !options_.fields.empty();
        if (lines.machines_only && !wanted)
            return {};
        const bool straight = options_.fields.empty() && options_.field.empty() &&
                              options_.form != OutputForm::plain && !streams_.out_is_terminal;
        while (const auto text = lines.next()) {
            if (lines.raw)
                AUTH_CHECK(write(streams_.out_is_terminal ? printable_lines(*text) : *text));
            else if (straight)
                AUTH_CHECK(write(*text));
            else
                AUTH_CHECK(each_record(*text));
        }
        return {};
    }

    // What follows the records of a batch.
    Status summary(const Json& document) { return line(json(document)); }

    Status list(List& list) {
        // A pointer, or a member beside the records, means the whole document.
        if (options_.field.starts_with('/') || options_.field == "next_after")
            return whole_list(list);
        if (!options_.field.empty())
            return each(list, [&](const Json& record) -> Status {
                AUTH_TRY(const Json* value, find_field(record, options_.field));
                return data_line(raw(*value));
            });
        switch (options_.form) {
        case OutputForm::json:
            return json_list(list);
        case OutputForm::jsonl:
            return each(list, [&](const Json& record) -> Status {
                AUTH_TRY(const Json picked, pick_fields(record, options_.fields));
                return line(json(picked));
            });
        case OutputForm::plain:
            return each(list, [&](const Json& record) -> Status {
                AUTH_TRY(const Json picked, pick_fields(record, members(list)));
                return plain_row(picked);
            });
        case OutputForm::text:
            break;
        }
        return text_list(list);
    }

  private:
    bool is_time(std::string_view name) const {
        name.remove_prefix(name.starts_with('/') ? 1 : 0);
        return std::ranges::any_of(options_.members, [&](const Member& member) {
            return member.name == name && member.kind == MemberKind::time;
        });
    }
    std::string text_cell(const std::string& key, const Json& value) const {
        if (options_.show_time && value.is_string() && is_time(key))
            if (const auto time = parse_rfc3339(value.get<std::string>()))
                return options_.show_time(*time);
        return cell(value);
    }

    Status write(std::string_view text) {
        if (!text.empty() && !streams_.out(text))
            return fail(write_failed());
        return {};
    }
    Status line(const std::string& text) { return write(text + "\n"); }
    // One line of data. A terminal must not obey what a token or a name holds.
    Status data_line(const std::string& text) {
        return line(streams_.out_is_terminal ? printable(text) : text);
    }
    std::string json(const Json& value, int indent = -1) const {
        return write_json(value, indent, streams_.out_is_terminal);
    }

    // What one record of a stream lacks is no reason to withhold those behind it.
    static Json value_in(const Json& record, const std::string& name) {
        const auto found = find_field(record, name);
        return found ? **found : Json();
    }

    static std::string printable_lines(const std::string& lines) {
        std::string out;
        for (const std::string& text : split(lines, '\n'))
            out += text.empty() ? "" : printable(text) + "\n";
        return out;
    }

    Status each_record(const std::string& lines) {
        for (const std::string& text : split(lines, '\n')) {
            if (text.empty())
                continue;
            AUTH_TRY(const Json record, parse_exact_json(text, 64));
            if (!options_.field.empty()) {
                AUTH_CHECK(data_line(raw(value_in(record, options_.field))));
                continue;
            }
            Json picked = options_.fields.empty() ? record : Json::object();
            for (const std::string& name : options_.fields)
                picked[name] = value_in(record, name);
            AUTH_CHECK(options_.form == OutputForm::plain ? plain_row(picked) : line(json(picked)));
        }
        return {};
    }

    template <class Show> Status each(List& list, Show show) {
        while (const auto record = list.next())
            AUTH_CHECK(show(*record));
        return {};
    }

    std::vector<std::string> members(const List& list) const {
        if (!options_.fields.empty())
            return options_.fields;
        std::vector<std::string> out;
        for (const Column& column : list.columns)
            out.push_back(column.member);
        return out;
    }

    Status plain_row(const Json& record) {
        std::string row;
        for (const auto& [key, value] : record.items()) {
            if (key == "schema")
                continue;
            const std::string text = cell(value);
            row += (row.empty() ? "" : "\t") + (streams_.out_is_terminal ? printable(text) : text);
        }
        return line(row);
    }

    Status name_values(const Json& record) {
        std::string text;
        for (const auto& [key, value] : record.items())
            text += fmt::format("{}: {}\n", key, printable(cell(value)));
        return write(text);
    }

    static Json tail_of(const List& list) { return list.tail ? list.tail() : Json::object(); }

    Status json_list(List& list) {
        AUTH_CHECK(write(
            fmt::format("{{\"schema\":{},{}:[", write_json(list.schema), write_json(list.key))));
        std::string_view before = "\n";
        AUTH_CHECK(each(list, [&](const Json& record) -> Status {
            AUTH_TRY(const Json picked, pick_fields(record, options_.fields));
            const std::string_view comma = std::exchange(before, ",\n");
            return write(std::string(comma) + json(picked));
        }));
        std::string end = "]";
        const Json tail = tail_of(list);
        for (const auto& [key, value] : tail.items())
            end += fmt::format(",{}:{}", write_json(key), write_json(value));
        return line(end + "}");
    }

    Status whole_list(List& list) {
        Json document = {{"schema", list.schema}, {list.key, Json::array()}};
        AUTH_CHECK(each(list, [&](const Json& record) -> Status {
            document[list.key].push_back(record);
            return {};
        }));
        document.update(tail_of(list));
        AUTH_TRY(const Json* value, find_field(document, options_.field));
        return data_line(raw(*value));
    }

    Status text_list(List& list) {
        if (list.columns.empty() && options_.fields.empty())
            return {};
        std::vector<std::string> titles;
        if (options_.fields.empty())
            for (const Column& column : list.columns)
                titles.push_back(column.title);
        else
            titles = options_.fields;
        Table table(titles, options_.colour);
        AUTH_CHECK(each(list, [&](const Json& record) -> Status {
            AUTH_TRY(const Json picked, pick_fields(record, members(list)));
            std::vector<std::string> row;
            for (const auto& [key, value] : picked.items())
                row.push_back(printable(text_cell(key, value)));
            return write(table.add(std::move(row)));
        }));
        return write(table.finish());
    }

    const OutputOptions& options_;
    Streams& streams_;
};

Status show_all(Printer& printer, Reply& reply) {
    return reply.lines  ? printer.records(*reply.lines)
           : reply.list ? printer.list(*reply.list)
                        : printer.document(reply);
}

// Where the answer is the only copy, a reader who has gone is a failure as well.
Status show_or_undo(Printer& printer, Reply& reply) {
    Status shown;
    try {
        shown = show_all(printer, reply);
    } catch (const ReaderGone&) {
        if (!reply.if_lost)
            throw;
        shown = fail(write_failed());
    }
    if (!shown && reply.if_lost)
        reply.if_lost();
    return shown;
}

} // namespace

int show(Reply& reply, const OutputOptions& options, Streams& streams) {
    Printer printer(options, streams);
    if (const Status shown = show_or_undo(printer, reply); !shown)
        return show_error(shown.error(), options, streams);
    // A document says all there is; beside it the line would be noise.
    bool machine = options.form == OutputForm::json || options.form == OutputForm::jsonl;
    if (reply.lines) {
        RecordLines::Ending ending = reply.lines->ending();
        reply.note = std::move(ending.note);
        reply.exit = ending.exit;
        machine = options.form == OutputForm::json && !ending.document.is_null();
        if (machine && options.field.empty())
            if (const Status last = printer.summary(ending.document); !last)
                return show_error(last.error(), options, streams);
    }
    if (!reply.note.empty() && !options.quiet && !machine)
        streams.err(reply.note + "\n");
    return reply.exit;
}

int show_error(const Error& error, const OutputOptions& options, Streams& streams) {
    const int exit = exit_code(error.code);
    const std::string hint = in_words(error.hint, options.given);
    if (options.form == OutputForm::json || options.form == OutputForm::jsonl) {
        const Json document = {
            {"schema", "auth-cli.error/1"},
            {"code", to_name(error.code)},
            {"exit", exit},
            {"message", error.message},
            {"hint", or_null(hint)},
            {"reason", or_null(error.reason)},
            {"field", or_null(error.field)},
            {"retry_after", error.retry_after ? Json(error.retry_after->count()) : Json()},
            {"problems", problem_records(error.problems)}};
        // A terminal must not obey what an error repeats, as with data.
        streams.err(write_json(document, -1, streams.err_is_terminal) + "\n");
        return exit;
    }
    std::string text = fmt::format("auth-cli: error: {}\n", printable(error.message));
    if (!hint.empty())
        text += fmt::format("auth-cli: hint: {}\n", printable(hint));
    streams.err(text);
    return exit;
}

} // namespace auth
