#include "commands/bulk/import_source.h"

#include "core/base/text.h"
#include "core/passwords/forms.h"
#include "core/passwords/password.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace auth {

Result<std::unique_ptr<UserReader>> ImportSource::open() {
    AUTH_TRY(FileSource file, source());
    size_ = file.size;
    *read_ = 0;
    AUTH_TRY(Opening opening, look_ahead(std::move(file.source)));
    if (options_.from == "auto") {
        AUTH_TRY(format_, detect_format(opening.head(), is_stdin() ? "" : options_.file));
    } else {
        AUTH_TRY(format_, parse_format(options_.from));
    }
    ReaderOptions options;
    options.raw_csv = options_.raw;
    options.domain = options_.domain;
    options.now = world_.clock().now();
    if (!options_.hash_config.empty()) {
        AUTH_TRY(const Secret text,
                 read_secret_file(world_, "hash configuration", options_.hash_config));
        options.hash_config = text.reveal();
    }
    count_lines(opening.head());
    return world_.open_users(
        format_,
        [source = std::move(opening.source), read = read_](std::span<char> room) {
            auto count = source(room);
            *read += count ? *count : 0;
            return count;
        },
        options);
}

// As many as there seem to be, by those in the part that was looked at.
void ImportSource::count_lines(std::string_view head) {
    const auto lines = static_cast<double>(std::ranges::count(head, '\n'));
    lines_ = size_ && lines > 1
                 ? lines * static_cast<double>(*size_) / static_cast<double>(head.size())
                 : 0;
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
        {"--domain", options.domain}, {"--hash-config", options.hash_config}};
    for (const auto& [flag, value] : given)
        if (!value.empty())
            add(step, flag, value);
    if (options.from != "auto")
        add(step, "--from", options.from);
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
    AUTH_TRY(const Email wanted, Email::parse(options.check_login));
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
        const auto email = Email::parse(record.email);
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
