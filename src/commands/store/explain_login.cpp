#include "cli/input/one_argument.h"
#include "cli/next_step.h"
#include "cli/output/document.h"
#include "commands/registry.h"
#include "core/accounts/lockout.h"
#include "core/base/text.h"
#include "core/sessions/login_gates.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Json gate_records(const LoginGates& found, const GivenFlags& given) {
    Json records = Json::array();
    for (const Gate& gate : found.gates)
        records.push_back({{"gate", gate.name},
                           {"passed", gate.passed ? Json(*gate.passed) : Json()},
                           {"detail", or_null(gate.detail)},
                           {"repair", or_null(in_words(gate.repair, given))}});
    return records;
}

Json password_record(const LoginGates& found) {
    if (!found.password)
        return nullptr;
    const auto& [hash, rehash, set_by, changed_at] = *found.password;
    return {{"scheme", hash ? Json(hash->scheme) : Json()},
            {"cost", hash ? Json(hash->cost) : Json()},
            {"strength", hash ? Json(to_name(hash->strength)) : Json()},
            {"rehash", rehash},
            {"set_by", set_by},
            {"changed_at", to_rfc3339(changed_at)}};
}

Json attempts_record(const LoginGates& found, Time now) {
    const Attempts& attempts = found.attempts;
    const Time until = blocked_until(attempts, now);
    return {{"failures", attempts.failures},
            {"code_failures", attempts.code_failures},
            {"factor_failures", attempts.factor_failures},
            {"blocked_until", until > now ? Json(to_rfc3339(until)) : Json()}};
}

Json code_records(const LoginGates& found, std::int64_t tries) {
    Json records = Json::array();
    for (const auto& [purpose, code] : found.codes)
        records.push_back({{"purpose", purpose},
                           {"tries_left", std::max<std::int64_t>(tries - code.tries, 0)},
                           {"expires_at", to_rfc3339(code.expires_at)}});
    return records;
}

Json document_of(const Realm& realm, const LoginGates& found, const UserRef& ref) {
    const auto& user = found.user;
    const Gate* shut = found.first_shut();
    return {{"schema", "auth-cli.explanation/1"},
            {"email", user ? user->email : to_text(ref)},
            {"id", user ? Json(user->id) : Json()},
            {"can_log_in", shut == nullptr},
            {"stopped_by", shut == nullptr ? Json() : Json(shut->name)},
            {"gates", gate_records(found, given_flags(realm.settings))},
            {"password", password_record(found)},
            {"attempts", attempts_record(found, realm.now())},
            {"codes", code_records(found, realm.settings.get(setting<"codes.tries">))},
            {"second_factor",
             {{"enrolled", user && user->mfa},
              {"required", found.factor_required},
              {"recovery_codes", found.recovery_codes}}},
            {"roles", user ? Json(user->roles) : Json::array()},
            {"live_sessions", found.live_sessions},
            {"last_login_at", user ? time_or_null(user->last_login_at) : Json()}};
}

std::string codes_text(World& world, const LoginGates& found) {
    const std::int64_t tries = world.settings.get(setting<"codes.tries">);
    std::string text = fmt::format("{} of {} wrong codes", found.attempts.code_failures, lock_at);
    for (const auto& [purpose, code] : found.codes)
        text += fmt::format("; {}: {} of {} tries used, expires {}", purpose, code.tries, tries,
                            show_time(world, code.expires_at));
    return text;
}

std::string text_of(World& world, const LoginGates& found) {
    std::size_t width = 0;
    for (const Gate& gate : found.gates)
        width = std::max(width, gate.name.size());
    std::string out;
    const auto line = [&](std::string_view mark, std::string_view name, const std::string& text) {
        std::string whole = fmt::format("{:<4}  {:<{}}  {}", mark, name, width, printable(text));
        whole.erase(whole.find_last_not_of(' ') + 1);
        out += whole + "\n";
    };
    for (const Gate& gate : found.gates) {
        line(gate.passed ? *gate.passed ? "pass" : "FAIL" : "-", gate.name, gate.detail);
        if (!gate.repair.empty())
            line("", "", "repair: " + in_words(gate.repair, given_flags(world.settings)));
    }
    if (found.user) {
        line("", "codes", codes_text(world, found));
        line("", "sessions", fmt::format("{} live", found.live_sessions));
        line("", "last login",
             found.user->last_login_at ? show_time(world, *found.user->last_login_at) : "never");
    }
    return out;
}

Result<Reply> run(World& world, const std::string& who) {
    AUTH_TRY(const UserRef ref, parse_user_ref(who));
    AUTH_TRY(auto& realm, world.realm());
    const LoginGates found = login_gates(realm, ref);
    Reply reply;
    reply.document = document_of(realm, found, ref);
    reply.text = text_of(world, found);
    if (world.wants_records)
        return reply;
    const Gate* shut = found.first_shut();
    const std::string name = printable(reply.document.at("email").get<std::string>());
    const std::string ways = found.password
                                 ? "the right password"
                                 : fmt::format("{}", fmt::join(found.other_ways, " or "));
    reply.note = shut == nullptr
                     ? fmt::format("{} can log in with {}{}", name, ways,
                                   found.user->mfa ? " and second factor" : "")
                     : fmt::format("{} cannot log in: {}", name, printable(shut->detail));
    return reply;
}

Action bind(Flags& flags) {
    return bind_argument(flags, "EMAIL", "an address, @username or id:UUID", run);
}

} // namespace

const Command explain_login_command{
    .path = "explain login",
    .group = "Store",
    .summary = "Show why a user can or cannot log in, without trying",
    .examples = "auth-cli create ann@example.org --no-password\n"
                "auth-cli explain login ann@example.org\n"
                "auth-cli explain login ann@example.org --field stopped_by",
    .bind = bind,
    .fields = fields::explanation,
};

} // namespace auth
