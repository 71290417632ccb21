#include "commands/bulk/import_source.h"

#include "commands/bulk/renames.h"
#include "core/base/text.h"
#include "core/passwords/forms.h"
#include "core/passwords/password.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace auth {
namespace {

Result<std::optional<char>> delimiter_of(const std::string& text) {
    if (text.empty())
        return std::nullopt;
    if (text == "tab" || text == "\\t")
        return std::optional('\t');
    if (text.size() == 1 && text != "\"" && text != "\n" && text != "\r")
        return std::optional(text.front());
    return fail(error(ErrorCode::usage,
                      fmt::format("invalid value {} for --delimiter: must be one character, or tab",
                                  in_quotes(text)))
                    .with_field("delimiter"));
}

} // namespace

Result<std::unique_ptr<UserReader>> ImportSource::open() {
    AUTH_TRY(FileSource file, source());
    size_ = file.size;
    *read_ = 0;
    std::optional<ImportFormat> format;
    if (options_.from != "auto") {
        AUTH_TRY(format, parse_format(options_.from));
    }
    AUTH_TRY(const ReaderOptions options, reader_options());
    const auto counted = [source = std::move(file.source), read = read_](std::span<char> room) {
        auto count = source(room);
        *read += count ? *count : 0;
        return count;
    };
    AUTH_TRY(UsersFile users,
             world_.open_users(counted, format, is_stdin() ? "" : options_.file, options));
    format_ = users.format;
    lines_ = size_ && users.bytes_a_line > 0 ? static_cast<double>(*size_) / users.bytes_a_line : 0;
    return std::move(users.reader);
}

Result<ReaderOptions> ImportSource::reader_options() const {
    ReaderOptions options;
    options.raw_csv = options_.raw;
    options.domain = options_.domain;
    options.parse_yaml = world_.parse_yaml();
    AUTH_TRY(options.delimiter, delimiter_of(options_.delimiter));
    AUTH_TRY(options.columns, read_renames("columns", options_.columns));
    AUTH_TRY(options.ignored_columns, read_names("ignore-columns", options_.ignore_columns));
    AUTH_TRY(options.role_names, read_renames("role-names", options_.role_names));
    options.now = world_.clock().now();
    if (!options_.hash_config.empty()) {
        AUTH_TRY(const Secret text,
                 read_secret_file(world_, "hash configuration", options_.hash_config));
        options.hash_config = text.reveal();
    }
    return options;
}

double ImportSource::share(std::int64_t line) const {
    if (lines_ > 0)
        return std::min(static_cast<double>(line) / lines_, 1.0);
    return size_ && *size_ > 0 ? static_cast<double>(*read_) / static_cast<double>(*size_) : -1;
}

Result<FileSource> ImportSource::source() {
    if (!is_stdin())
        return open_source(options_.file);
    AUTH_CHECK(world_.claim_stdin("users"));
    return FileSource{world_.streams.read, std::nullopt};
}

namespace {

void add(NextStep& step, std::string_view flag, const std::string& value) {
    step.arguments.emplace_back(flag);
    step.arguments.push_back(value);
}

// How the file is read.
void add_reading(NextStep& step, const ImportOptions& options) {
    const std::pair<std::string_view, const std::string&> given[] = {
        {"--delimiter", options.delimiter},
        {"--domain", options.domain},
        {"--hash-config", options.hash_config}};
    for (const auto& [flag, value] : given)
        if (!value.empty())
            add(step, flag, value);
    if (options.from != "auto")
        add(step, "--from", options.from);
    const std::pair<std::string_view, const std::vector<std::string>&> lists[] = {
        {"--columns", options.columns},
        {"--ignore-columns", options.ignore_columns},
        {"--role-names", options.role_names}};
    for (const auto& [flag, values] : lists)
        for (const std::string& words : values)
            add(step, flag, words);
}

// What rows may do.
void add_rules(NextStep& step, const ImportOptions& options) {
    for (const std::string& words : options.allow)
        add(step, "--allow", words);
    for (const std::string& words : options.ignore)
        add(step, "--ignore", words);
    if (options.unusable_hashes != "refuse")
        add(step, "--unusable-hashes", options.unusable_hashes);
    for (const auto& [flag, set] :
         {std::pair("--create-roles", options.create_roles), std::pair("--raw", options.raw)})
        if (set)
            step.arguments.emplace_back(flag);
}

std::string past_those_there(const ImportOptions& options) {
    return options.on_conflict == "fail" ? "skip" : options.on_conflict;
}

} // namespace

NextStep import_again(const ImportOptions& options) {
    const std::string& results = options.resume.empty() ? options.results : options.resume;
    NextStep again{"import", {options.file, "--keep-going"}};
    add_reading(again, options);
    if (!results.empty())
        add(again, "--resume", results);
    if (results.empty() || options.on_conflict != "fail")
        add(again, "--on-conflict", past_those_there(options));
    add_rules(again, options);
    return again;
}

NextStep import_as_given(const ImportOptions& options) {
    NextStep again{"import", {options.file}};
    if (options.keep_going)
        again.arguments.emplace_back("--keep-going");
    add_reading(again, options);
    if (options.keep_going || options.on_conflict != "fail")
        add(again, "--on-conflict",
            options.keep_going ? past_those_there(options) : options.on_conflict);
    add_rules(again, options);
    return again;
}

Status check_login(World& world, const ImportOptions& options, ImportSource& source) {
    if (options.check_login.empty())
        return {};
    if (source.is_stdin())
        return fail(error(ErrorCode::usage, "--check-login reads the users twice; give a file")
                        .with_field("check-login"));
    AUTH_TRY(const Email wanted, Email::parse(options.check_login, Email::Dots::odd));
    AUTH_TRY(const Secret password, ask_password(world, options.password));
    AUTH_TRY(const auto reader, source.open());
    UserRecord record;
    while (true) {
        AUTH_TRY(const bool more, reader->next(record));
        if (!more)
            return fail(error(ErrorCode::not_found, fmt::format("{} is not in the file; nothing was"
                                                                " imported",
                                                                in_quotes(options.check_login)))
                            .with_field("check-login"));
        const auto email = Email::parse(record.email, Email::Dots::odd);
        if (record.is_user && email && email->canonical() == wanted.canonical())
            break;
    }
    if (record.hash_error)
        record.error = std::move(record.hash_error);
    if (record.error) {
        record.error->message = fmt::format("line {}: {}", record.line, record.error->message);
        return fail(*std::move(record.error));
    }
    if (!record.password && !record.password_hash)
        return fail(error(ErrorCode::not_found,
                          fmt::format("{} on line {} has no password; nothing was imported",
                                      in_quotes(options.check_login), record.line))
                        .with_field("check-login"));
    const bool right = record.password_hash
                           ? verify_password(password, stored_form(*record.password_hash))
                           : record.password && record.password->reveal() == password.reveal();
    if (right)
        return {};
    return fail(error(ErrorCode::bad_credentials,
                      fmt::format("the password does not fit {} on line {}; nothing was imported",
                                  in_quotes(options.check_login), record.line))
                    .with_hint("see to the format, and to the parameters of its hashes"));
}

} // namespace auth
