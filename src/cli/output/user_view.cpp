#include "cli/output/user_view.h"

#include "cli/next_step.h"
#include "core/accounts/lockout.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {

namespace {

std::string shown(const std::optional<std::string>& text) {
    return text ? printable(*text) : "";
}

std::string shown(World& world, const std::optional<Time>& time) {
    return time ? show_time(world, *time) : "";
}

std::string listed(const std::vector<std::string>& roles) {
    std::string out;
    for (const std::string& role : roles)
        out += (out.empty() ? "" : ", ") + printable(role);
    return out;
}

std::string state_words(const User& user) {
    std::string words = user.verified_at ? "verified" : "unverified";
    if (user.disabled_at)
        words += ", disabled";
    if (!user.disabled_reason.empty())
        words += fmt::format(" ({})", printable(user.disabled_reason));
    if (user.mfa)
        words += ", second factor";
    if (user.must_change_password)
        words += ", must change password";
    return words;
}

} // namespace

Json user_record(const User& user, const std::optional<Time>& locked_until) {
    Json record = {{"id", user.id}, {"email", user.email}};
    for (const ProfileField& field : profile_fields)
        record[std::string(field.name)] = or_null(user.*field.place);
    record.update(Json{{"roles", user.roles},
                       {"attributes", Json(user.attributes)},
                       {"verified", user.verified_at.has_value()},
                       {"disabled", user.disabled_at.has_value()},
                       {"disabled_reason", or_null(user.disabled_reason)},
                       {"must_change_password", user.must_change_password},
                       {"mfa", user.mfa},
                       {"locked_until", time_or_null(locked_until)},
                       {"created_at", to_rfc3339(user.created_at)},
                       {"updated_at", to_rfc3339(user.updated_at)},
                       {"last_login_at", time_or_null(user.last_login_at)}});
    return record;
}

Json user_record(Realm& realm, const User& user) {
    return user_record(user, locked_until(realm, user.email_key));
}

Json user_document(const User& user, const std::optional<Time>& locked_until) {
    Json document = {{"schema", "auth-cli.user/1"}};
    document.update(user_record(user, locked_until));
    return document;
}

Lines user_lines(World& world, const User& user, const std::optional<Time>& locked_until) {
    Lines lines{{"email", printable(user.email)}, {"id", user.id}};
    for (const ProfileField& field : profile_fields)
        lines.emplace_back(field.label, shown(user.*field.place));
    lines.emplace_back("roles", listed(user.roles));
    lines.emplace_back("state", state_words(user));
    lines.emplace_back("locked until", shown(world, locked_until));
    lines.emplace_back("created", show_time(world, user.created_at));
    lines.emplace_back("updated", show_time(world, user.updated_at));
    lines.emplace_back("last login", shown(world, user.last_login_at));
    for (const auto& [key, value] : user.attributes)
        lines.emplace_back(key, printable(value));
    return lines;
}

Reply user_reply(Realm& realm, const User& user, Mutation mutation) {
    Reply reply;
    reply.document = user_document(user, locked_until(realm, user.email_key));
    reply.document["changed"] = mutation.changed;
    reply.document["generated_password"] = or_null(mutation.generated_password);
    Json& next = reply.document["next"] = Json::array();
    reply.only_copy = mutation.generated_password.has_value();
    if (mutation.generated_password)
        reply.text = *mutation.generated_password + "\n";
    reply.note = std::move(mutation.note);
    for (const NextStep& step : mutation.next) {
        const std::string command = as_typed(step, given_flags(realm.settings));
        next.push_back(command);
        reply.note += "; next: " + printable(command);
    }
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
                          {.changed = users.front().changed, .note = note_of(users.front())});
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
