#include "commands/views.h"

#include "core/accounts/lockout.h"
#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace auth {
namespace {

std::string text_of(const Json& record, const char* member) {
    const Json& value = record.at(member);
    return value.is_string() ? printable(value.get<std::string>()) : "";
}

std::string shown_time(World& world, const Json& record, const char* member) {
    const Json& value = record.at(member);
    if (!value.is_string())
        return "";
    const auto time = parse_rfc3339(value.get<std::string>());
    return time ? show_time(world, *time) : value.get<std::string>();
}

std::string joined(const Json& list) {
    std::string out;
    for (const Json& element : list)
        out += (out.empty() ? "" : ", ") + printable(element.get<std::string>());
    return out;
}

std::string state_words(const Json& user) {
    std::string words = user.at("verified").get<bool>() ? "verified" : "unverified";
    if (user.at("disabled").get<bool>())
        words += ", disabled";
    if (const std::string reason = text_of(user, "disabled_reason"); !reason.empty())
        words += fmt::format(" ({})", reason);
    if (user.at("mfa").get<bool>())
        words += ", second factor";
    if (user.at("must_change_password").get<bool>())
        words += ", must change password";
    return words;
}

} // namespace

Json problem_records(const std::vector<Problem>& problems) {
    Json records = Json::array();
    for (const Problem& problem : problems)
        records.push_back({{"code", problem.code},
                           {"claim", or_null(problem.claim)},
                           {"detail", problem.detail}});
    return records;
}

Json or_null(std::string_view text) {
    return text.empty() ? Json() : Json(text);
}

Json time_or_null(const std::optional<Time>& time) {
    return time ? Json(to_rfc3339(*time)) : Json();
}

std::string show_time(World& world, Time time) {
    std::string format = world.settings.text("time_format");
    if (format.empty())
        format = world.streams.out_is_terminal ? "relative" : "rfc3339";
    if (format == "relative")
        return relative(time, world.clock().now());
    if (format == "epoch")
        return std::to_string(unix_seconds(time));
    if (format == "local")
        return fmt::format("{:%Y-%m-%d %H:%M:%S %z}", fmt::localtime(unix_seconds(time)));
    return to_rfc3339(time);
}

std::string name_value_lines(const Lines& lines) {
    std::size_t width = 0;
    for (const auto& [name, value] : lines)
        if (!value.empty())
            width = std::max(width, display_width(name));
    std::string out;
    for (const auto& [name, value] : lines)
        if (!value.empty())
            out += fmt::format("{}{}  {}\n", name, std::string(width - display_width(name), ' '),
                               value);
    return out;
}

Json user_record(Realm& realm, const User& user) {
    return user_record(user, locked_until(realm, user.email_key));
}

Json user_record(const User& user, const std::optional<Time>& locked_until) {
    return {{"id", user.id},
            {"email", user.email},
            {"username", or_null(user.username)},
            {"name", or_null(user.name)},
            {"phone", or_null(user.phone)},
            {"address", or_null(user.address)},
            {"national_id", or_null(user.national_id)},
            {"roles", user.roles},
            {"attributes", Json(user.attributes)},
            {"verified", user.verified_at.has_value()},
            {"disabled", user.disabled_at.has_value()},
            {"disabled_reason", or_null(user.disabled_reason)},
            {"must_change_password", user.must_change_password},
            {"mfa", user.mfa},
            {"locked_until", time_or_null(locked_until)},
            {"created_at", to_rfc3339(user.created_at)},
            {"updated_at", to_rfc3339(user.updated_at)},
            {"last_login_at", time_or_null(user.last_login_at)}};
}

Json user_document(Realm& realm, const User& user) {
    Json document = {{"schema", "auth-cli.user/1"}};
    document.update(user_record(realm, user));
    return document;
}

Lines user_lines(World& world, const Json& user) {
    Lines lines{{"email", text_of(user, "email")},
                {"id", text_of(user, "id")},
                {"username", text_of(user, "username")},
                {"name", text_of(user, "name")},
                {"phone", text_of(user, "phone")},
                {"address", text_of(user, "address")},
                {"national id", text_of(user, "national_id")},
                {"roles", joined(user.at("roles"))},
                {"state", state_words(user)},
                {"locked until", shown_time(world, user, "locked_until")},
                {"created", shown_time(world, user, "created_at")},
                {"updated", shown_time(world, user, "updated_at")},
                {"last login", shown_time(world, user, "last_login_at")}};
    for (const auto& [key, value] : user.at("attributes").items())
        lines.emplace_back(key, printable(value.get<std::string>()));
    return lines;
}

Reply user_reply(World& world, const User& user, Mutation mutation) {
    Reply reply;
    reply.document = user_document(world.realm(), user);
    reply.document["changed"] = mutation.changed;
    reply.document["generated_password"] = or_null(mutation.generated_password);
    reply.document["next"] = mutation.next;
    if (mutation.generated_password)
        reply.text = *mutation.generated_password + "\n";
    reply.note = std::move(mutation.note);
    for (const std::string& command : mutation.next)
        reply.note += "; next: " + command;
    return reply;
}

Reply users_reply(World& world, const std::vector<Updated>& users, std::string_view done,
                  std::string_view already) {
    const auto note_of = [&](const Updated& updated) {
        return fmt::format("{} {}", updated.changed ? done : already,
                           printable(updated.user.email));
    };
    if (users.size() == 1)
        return user_reply(world, users.front().user,
                          {users.front().changed, std::nullopt, {}, note_of(users.front())});
    bool changed = false;
    std::string note;
    std::vector<Json> records;
    for (const Updated& updated : users) {
        Json record = user_record(world.realm(), updated.user);
        record["changed"] = updated.changed;
        changed = changed || updated.changed;
        records.push_back(std::move(record));
        note += (note.empty() ? "" : "\n") + note_of(updated);
    }
    Reply reply = list_reply("auth-cli.users/1", "users", {}, std::move(records));
    reply.list->tail = [changed] { return Json{{"next_after", nullptr}, {"changed", changed}}; };
    reply.note = std::move(note);
    return reply;
}

Json login_document(World& world, const User& user, const Session& session, Time expires,
                    bool stored) {
    return {{"schema", "auth-cli.login/1"},
            {"user", user_record(world.realm(), user)},
            {"session",
             {{"id", session.id},
              {"expires_at", to_rfc3339(session.expires_at)},
              {"idle_expires_at", to_rfc3339(session.idle_expires_at())}}},
            {"token_type", "Bearer"},
            {"expires_in", (expires - world.clock().now()).count()},
            {"expires_at", to_rfc3339(expires)},
            {"token_file", stored ? Json(world.token_files().token.string()) : Json()}};
}

std::string token_expires(World& world, Time expires, bool stored) {
    const std::string place =
        stored ? fmt::format(" in {}", printable(world.token_files().token.string())) : "";
    return fmt::format("the token{} expires {}", place,
                       world.streams.err_is_terminal ? relative(expires, world.clock().now())
                                                     : to_rfc3339(expires));
}

Reply login_reply(World& world, const Grant& grant, bool stored, bool tokens) {
    Reply reply;
    reply.document =
        login_document(world, grant.user, grant.session, grant.access_expires_at, stored);
    // A dry run opens no session, so nothing that would pass for one is handed out.
    if (tokens && !world.dry_run) {
        reply.document["access_token"] = grant.access_token.reveal();
        reply.document["refresh_token"] = grant.refresh_token.reveal();
        reply.text = std::string(grant.access_token.reveal()) + "\n";
    }
    reply.note = fmt::format("logged in as {}; {}", printable(grant.user.email),
                             token_expires(world, grant.access_expires_at, stored));
    return reply;
}

Reply request_reply(const UserRef& ref, std::string_view kind, std::string note) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.request/1"},
                      {"email", to_text(ref)},
                      {"kind", kind},
                      {"changed", true}};
    reply.note = std::move(note);
    return reply;
}

Json role_record(const Role& role) {
    return {{"name", role.name},
            {"description", or_null(role.description)},
            {"users", role.users},
            {"created_at", to_rfc3339(role.created_at)}};
}

Json mail_record(const Mail& mail, bool with_content) {
    Json record = {
        {"id", mail.id}, {"to", or_null(mail.to)}, {"kind", mail.kind},
        {"subject", or_null(mail.subject)}};
    if (with_content) {
        record["code"] = or_null(mail.code);
        record["link"] = or_null(mail.link);
        record["body"] = or_null(mail.body);
        record["html"] = or_null(mail.html);
    }
    record["created_at"] = to_rfc3339(mail.created_at);
    record["state"] = mail.state;
    record["attempts"] = mail.attempts;
    record["next_attempt_at"] = time_or_null(mail.next_attempt_at);
    record["error"] = or_null(mail.error);
    return record;
}

Json audit_record(const AuditRow& row) {
    return {{"seq", row.seq},
            {"at", to_rfc3339(row.at)},
            {"actor", row.actor},
            {"event", row.event},
            {"target", or_null(row.target)},
            {"result", row.result},
            {"detail", Json::parse(row.detail, nullptr, false)},
            {"hash", to_hex(row.hash)}};
}

Reply list_reply(std::string schema, std::string key, std::vector<Column> columns,
                 std::vector<Json> records) {
    Reply reply;
    List list;
    list.schema = std::move(schema);
    list.key = std::move(key);
    list.columns = std::move(columns);
    list.next = [kept = std::move(records), at = std::size_t{0}]() mutable -> std::optional<Json> {
        return at < kept.size() ? std::optional(kept[at++]) : std::nullopt;
    };
    reply.list = std::move(list);
    return reply;
}

} // namespace auth
