#include "cli/output/user_view.h"

#include "core/accounts/lockout.h"
#include "core/base/text.h"

#include <fmt/format.h>

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

Reply user_reply(Realm& realm, const User& user, Mutation mutation) {
    Reply reply;
    reply.document = user_document(realm, user);
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

Reply users_reply(Realm& realm, const std::vector<Updated>& users, std::string_view done,
                  std::string_view already) {
    const auto note_of = [&](const Updated& updated) {
        return fmt::format("{} {}", updated.changed ? done : already,
                           printable(updated.user.email));
    };
    if (users.size() == 1)
        return user_reply(realm, users.front().user,
                          {users.front().changed, std::nullopt, {}, note_of(users.front())});
    bool changed = false;
    std::string note;
    std::vector<Json> records;
    for (const Updated& updated : users) {
        Json record = user_record(realm, updated.user);
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

Reply request_reply(const UserRef& ref, std::string_view kind, std::string note) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.request/1"},
                      {"email", to_text(ref)},
                      {"kind", kind},
                      {"changed", true}};
    reply.note = std::move(note);
    return reply;
}

} // namespace auth
