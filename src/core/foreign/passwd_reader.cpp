// Files of one user a line, with colons between the fields; and tables of hashes.
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/foreign/foreign_readers.h"
#include "core/foreign/shut_out.h"
#include "core/formats/lines.h"
#include "core/formats/record_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

using Fields = std::vector<std::string>;
using GatherFields = Status (*)(const Fields& fields, ForeignUser& user, Time now);

class PasswdReader : public UserReader {
  public:
    PasswdReader(ByteSource source, std::string domain, GatherFields gather, Time now)
        : lines_(std::move(source)), domain_(std::move(domain)), gather_(gather), now_(now) {}

    Result<bool> next(UserRecord& record) override {
        for (Line line;;) {
            AUTH_TRY(const bool more, lines_.next(line));
            if (!more)
                return false;
            const std::string_view text = line.view();
            if (!line.too_long &&
                (text.find_first_not_of(" \t") == std::string_view::npos || text.starts_with('#')))
                continue;
            record = UserRecord();
            record.line = line.number;
            Status status = line.too_long ? fail(record_too_long()) : read_line(text, record);
            if (!status)
                mark_failed(record, std::move(status).error());
            return true;
        }
    }

  private:
    Status read_line(std::string_view text, UserRecord& record) {
        if (!valid_utf8(text))
            return fail(error(ErrorCode::usage, "the line is not valid UTF-8"));
        const Fields fields = split(text, ':');
        if (fields.size() < 2 || fields[0].empty())
            return fail(error(ErrorCode::usage, "the line is not NAME:HASH"));
        ForeignUser user(record);
        const std::string& name = fields[0];
        if (name.find('@') == std::string::npos)
            AUTH_CHECK(Username::parse(name));
        user.set_username(name);
        AUTH_CHECK(gather_(fields, user, now_));
        return user.finish(domain_);
    }

    Lines lines_;
    std::string domain_;
    GatherFields gather_;
    Time now_;
};

Status gather_htpasswd(const Fields& fields, ForeignUser& user, Time) {
    if (fields.size() != 2)
        return fail(error(ErrorCode::usage,
                          fmt::format("the line has {} fields, not NAME:HASH", fields.size())));
    if (fields[1].empty())
        user.set_hash(unusable_hash("the user has no hash"));
    else
        user.set_lockable_hash(fields[1]);
    return {};
}

// What a system's account has and a user of ours has not: NAME:HASH:UID:GID:GECOS:HOME:SHELL.
void leave_account(const Fields& fields, ForeignUser& user) {
    for (const auto& [at, name] :
         {std::pair(2, "uid"), std::pair(3, "gid"), std::pair(5, "home"), std::pair(6, "shell")})
        if (static_cast<std::size_t>(at) < fields.size() &&
            !fields[static_cast<std::size_t>(at)].empty())
            user.leave_behind(name);
}

std::optional<Time> day(const std::string& text) {
    constexpr std::int64_t year_10000 = 2'932'897;
    const auto days = parse_integer(text);
    if (!days || *days <= 0 || *days >= year_10000)
        return std::nullopt;
    return Time{std::chrono::days{*days}};
}

// NAME:HASH:CHANGED:… with nine fields, or NAME:HASH:UID:GID:GECOS:HOME:SHELL.
Status gather_days(const Fields& fields, ForeignUser& user, Time now) {
    ShadowDays days;
    AUTH_TRY(days.changed, shadow_number("day of the last change", fields[2]));
    AUTH_TRY(days.most, shadow_number("maximum age", fields[4]));
    AUTH_TRY(days.inactive, shadow_number("inactivity period", fields[6]));
    AUTH_TRY(days.expires, shadow_number("day of expiry", fields[7]));
    apply_shadow_days(user, days, now);
    return {};
}

Status gather_shadow(const Fields& fields, ForeignUser& user, Time now) {
    constexpr std::size_t shadow_fields = 9;
    constexpr std::size_t passwd_fields = 7;
    UserRecord& record = user.record();
    if (fields.size() == shadow_fields) {
        record.password_changed_at = day(fields[2]);
        AUTH_CHECK(gather_days(fields, user, now));
    } else if (fields.size() == passwd_fields) {
        user.set_name(fields[4].substr(0, fields[4].find(',')), std::nullopt, std::nullopt);
        leave_account(fields, user);
    } else {
        return fail(
            error(ErrorCode::usage, fmt::format("the line has {} fields; shadow(5) has {}, "
                                                "passwd(5) {}",
                                                fields.size(), shadow_fields, passwd_fields)));
    }
    user.set_lockable_hash(fields[1]);
    record.disabled = record.disabled.value_or(false);
    // 'x' says that the hash is elsewhere, "NP" that there is none.
    if (record.password_hash == "x" || record.password_hash == "NP")
        record.password_hash.reset();
    return {};
}

// What is behind the shell of a passwd-file of Dovecot: words, and NAME=VALUE.
void gather_extra(std::string_view text, ForeignUser& user) {
    for (const std::string& word : split(text, ' ')) {
        const std::string name = word.substr(0, word.find('='));
        if (name == "nologin")
            user.shut_out("nologin");
        else if (!name.empty())
            user.leave_behind(name);
    }
}

// NAME:PASSWORD, or NAME:PASSWORD:UID:GID:GECOS:HOME:SHELL:EXTRA, cut off anywhere.
Status gather_dovecot(const Fields& fields, ForeignUser& user, Time) {
    constexpr std::size_t gecos = 4;
    constexpr std::size_t extra = 7;
    const std::string& stored = fields[1];
    const std::string scheme = lower_ascii(stored.substr(0, stored.find('}') + 1));
    if (scheme == "{plain}" || scheme == "{clear}" || scheme == "{cleartext}")
        user.record().password.emplace(std::string_view(stored).substr(scheme.size()));
    else
        user.set_lockable_hash(stored);
    if (fields.size() > gecos)
        user.set_name(fields[gecos].substr(0, fields[gecos].find(',')), std::nullopt, std::nullopt);
    leave_account(fields, user);
    if (fields.size() > extra)
        gather_extra(fmt::format("{}", fmt::join(fields.begin() + extra, fields.end(), ":")), user);
    return {};
}

Result<bool> gather_row(const Json& row, ForeignUser& user) {
    UserRecord& record = user.record();
    record.email = text_at(row, "email").value_or("");
    user.set_username(text_at(row, "username").value_or(""));
    user.set_name(text_at(row, "name"), std::nullopt, std::nullopt);
    const auto hash = text_at(row, "hash");
    const std::string stored = hash ? *hash : text_at(row, "password_hash").value_or("");
    if (stored.empty())
        user.set_hash(unusable_hash("the user has no hash"));
    else
        user.set_lockable_hash(stored);
    user.leave_rest(row, {"email", "username", "name", "hash", "password_hash"});
    return true;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_htpasswd(ByteSource source, std::string domain) {
    return std::make_unique<PasswdReader>(std::move(source), std::move(domain), gather_htpasswd,
                                          Time());
}

Result<std::unique_ptr<UserReader>> open_dovecot(ByteSource source, std::string domain) {
    return std::make_unique<PasswdReader>(std::move(source), std::move(domain), gather_dovecot,
                                          Time());
}

Result<std::unique_ptr<UserReader>> open_shadow(ByteSource source, std::string domain, Time now) {
    return std::make_unique<PasswdReader>(std::move(source), std::move(domain), gather_shadow, now);
}

Result<std::unique_ptr<UserReader>> open_passlib_csv(ByteSource source, std::string domain) {
    return read_table(std::move(source), {}, std::move(domain), gather_row);
}

} // namespace auth
