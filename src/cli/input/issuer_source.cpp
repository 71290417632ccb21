#include "cli/input/issuer_source.h"

#include "cli/input/ask.h"
#include "core/base/text.h"
#include "core/federation/issuer_keys.h"
#include "core/federation/provider.h"

#include <fmt/format.h>

namespace auth {
namespace {

// A cache that cannot be written costs time, and nothing else.
bool concerns_everybody(const Error& why) {
    return why.code != ErrorCode::io || !why.reason.empty();
}

void warn_of_keys(const World& world, const Error& why) {
    if (world.quiet || !(world.verbose || concerns_everybody(why)))
        return;
    const bool of_issuer = why.code == ErrorCode::delivery;
    world.streams.err(
        fmt::format("auth-cli: warning: {}{}\n",
                    of_issuer ? "" : "cached keys are not used: ", printable(why.message)));
}

} // namespace

Result<FindKey> issuer_keys(World& world, const std::string& issuer, bool offline) {
    AUTH_CHECK(check_issuer_address(issuer));
    // Without a home directory there is no database that nobody named.
    if (world.places().database_name())
        AUTH_CHECK(world.realm_if_any());
    std::optional<IssuerCache> cache;
    if (const auto place = world.places().issuer_cache())
        cache.emplace(IssuerCache::Place{place->directory, place->mac_key}, world.random());
    const auto keys = std::make_shared<IssuerKeys>(
        issuer, IssuerKeys::Needs{
                    .http = offline ? nullptr : world.http(),
                    .clock = world.clock(),
                    // Nothing has to be finished, so a signal may end the process.
                    .stopped = [] { return false; },
                    .cache = std::move(cache),
                    .warn = [&world](const Error& why) { warn_of_keys(world, why); },
                    .remark = [&world](const Remarks& remarks) { say_remarks(world, remarks); }});
    return [keys](const Json& header) { return keys->answer(header); };
}

void IssuerSource::bind(Flags& flags) {
    flags.option("--issuer", issuer, "URL",
                 "by the keys that this issuer publishes, fetched and cached; its iss is required");
    flags.flag("--offline", offline, "with --issuer: ask nobody, and use cached keys");
    flags.needs("--offline", "--issuer");
}

} // namespace auth
