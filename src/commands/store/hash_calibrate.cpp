#include "cli/next_step.h"
#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/store/measure.h"
#include "core/accounts/credentials.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace auth {
namespace {

constexpr PasswordCost usual{};
constexpr PasswordCost least_memory{19456, 2}; // OWASP's floor, in both its forms
constexpr PasswordCost least_passes{47104, 1};
constexpr std::uint32_t most_memory_kib = 1U << 18U; // several logins at once need it each
constexpr std::uint32_t most_passes = 10;

// "250ms", or a duration of whole seconds.
Result<std::int64_t> parse_target(std::string_view text) {
    std::int64_t milliseconds = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, milliseconds);
    if (problem == std::errc{} && std::string_view(stop, end) == "ms" && milliseconds > 0 &&
        milliseconds <= 60'000)
        return milliseconds;
    const auto span = parse_duration(text);
    if (!span || span->count() < 1 || span->count() > 60)
        return fail(error(ErrorCode::usage,
                          fmt::format("'{}' is not a time for a hash: it must be 1ms to 60s", text))
                        .with_field("target"));
    return span->count() * 1000;
}

double time_of(PasswordCost cost) {
    const Secret nobodys("a password of nobody at all");
    const Secret salt(std::string_view("salt of nobody's"));
    return best_milliseconds([&] { (void)hash_password(nobodys, cost, salt); });
}

// Memory first (RFC 9106 section 4), for that is what an attacker's hardware lacks: the usual
// amount and as many passes as fit, more memory once there are enough passes, less only to stay in
// time. Never below the floor.
PasswordCost recommend(double target) {
    const double one_pass = time_of({usual.memory_kib, 1});
    const double two_passes = time_of({usual.memory_kib, 2});
    const double each = std::max(two_passes - one_pass, 0.1);
    const auto passes = [&](double scale) {
        return std::max(1.0, 1 + (target / scale - one_pass) / each);
    };
    double scale = 1;
    while (passes(scale) > most_passes && usual.memory_kib * scale * 2 <= most_memory_kib)
        scale *= 2;
    if (one_pass <= target) {
        PasswordCost found{
            static_cast<std::uint32_t>(usual.memory_kib * scale),
            static_cast<std::uint32_t>(std::min<double>(passes(scale), most_passes))};
        while (found.passes > 1 && time_of(found) > target)
            --found.passes;
        return found;
    }
    return time_of(least_passes) <= target ? least_passes : least_memory;
}

// Raising comes first: what is set in between must not be below the floor either.
std::vector<NextStep> steps(PasswordCost wanted, PasswordCost now) {
    std::vector<NextStep> out;
    if (wanted.memory_kib != now.memory_kib)
        out.push_back({"config set", {"password.memory", std::to_string(wanted.memory_kib)}});
    if (wanted.passes != now.passes)
        out.push_back({"config set", {"password.passes", std::to_string(wanted.passes)}});
    if (out.size() == 2 && wanted.passes > now.passes)
        std::swap(out[0], out[1]);
    return out;
}

Json cost_record(PasswordCost cost) {
    return {{"memory", cost.memory_kib}, {"passes", cost.passes}, {"milliseconds", time_of(cost)}};
}

std::string cost_text(const Json& cost) {
    return fmt::format("{} KiB, t={}: {} ms", cost.at("memory").dump(), cost.at("passes").dump(),
                       cost.at("milliseconds").dump());
}

Result<Reply> run(World& world, const std::string& text) {
    AUTH_TRY(const std::int64_t target, parse_target(text));
    AUTH_TRY(const Realm* const realm, world.realm_if_any());
    const PasswordCost now = realm != nullptr ? password_cost(*realm) : usual;
    const PasswordCost wanted = recommend(static_cast<double>(target));
    Reply reply;
    reply.document = {{"schema", "auth-cli.calibration/1"},
                      {"target", target},
                      {"recommended", cost_record(wanted)},
                      {"current", cost_record(now)},
                      {"next", Json::array()}};
    Lines lines{
        {"recommended", cost_text(reply.document.at("recommended"))},
        {realm != nullptr ? "this database" : "default", cost_text(reply.document.at("current"))}};
    for (const NextStep& step : steps(wanted, now)) {
        const std::string command = as_typed(step, given_flags(world.settings));
        reply.document["next"].push_back(command);
        lines.emplace_back(lines.size() == 2 ? "to use it" : "", printable(command));
    }
    reply.text = name_value_lines(lines);
    return reply;
}

Action bind(Flags& flags) {
    auto target = std::make_shared<std::string>("250ms");
    flags.option("--target", *target, "TIME", "how long one hash may take, as 250ms or 1s");
    return [target](World& world) { return run(world, *target); };
}

} // namespace

const Command hash_calibrate_command{
    .path = "hash calibrate",
    .group = "Store",
    .summary = "Measure Argon2id here and recommend a cost for new passwords",
    .examples = "auth-cli hash calibrate --target 100ms",
    .bind = bind,
    .fields = fields::calibration,
};

} // namespace auth
