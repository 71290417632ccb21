#include "commands/import_source.h"

#include "core/accounts/password.h"
#include "core/accounts/password_forms.h"
#include "core/base/text.h"

#include <fmt/format.h>

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
    if (!options_.hash_config.empty()) {
        AUTH_TRY(const Secret text,
                 read_secret_file(world_, "hash configuration", options_.hash_config));
        options.hash_config = text.reveal();
    }
    return world_.open_users(format_, std::move(opening.source), options);
}

double ImportSource::share() const {
    return size_ && *size_ > 0 ? static_cast<double>(*read_) / static_cast<double>(*size_) : -1;
}

Result<FileSource> ImportSource::source() {
    if (!is_stdin())
        return open_source(options_.file, read_);
    AUTH_CHECK(world_.claim_stdin("users"));
    return FileSource{world_.streams.read, std::nullopt};
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
        if (!record.error && email && email->canonical() == wanted.canonical())
            break;
    }
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
