#include "commands/sessions/provider_login.h"

#include "cli/input/ask.h"
#include "cli/output/qr_view.h"
#include "core/base/text.h"
#include "core/federation/federated_login.h"
#include "core/federation/sign_in.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::chrono::milliseconds glance{250}; // between looks at whether to stop

void show_page(World& world, const ProviderSource& source, const std::string& url) {
    const bool opened = !source.no_browser && world.open_browser(url);
    world.streams.err(fmt::format("{} to log in with {}:\n  {}\n",
                                  opened ? "the browser opens this page" : "open this page",
                                  source.name, printable(url)));
}

void show_code(World& world, const ProviderSource& source, const DeviceCode& code) {
    world.streams.err(fmt::format("to log in with {}, open {} and enter {}\n", source.name,
                                  printable(code.verification_uri), printable(code.user_code)));
    if (!world.streams.err_is_terminal)
        return;
    const std::string& uri = code.complete_uri.empty() ? code.verification_uri : code.complete_uri;
    const bool dumb = world.surroundings.variable("TERM") == "dumb";
    world.streams.err(draw_qr_text(world.qr().encode(uri), !dumb).reveal());
}

Status pause(World& world, Seconds span) {
    for (std::chrono::milliseconds left = span; left > std::chrono::milliseconds::zero();
         left -= glance) {
        if (world.interrupted())
            return fail(error(ErrorCode::cancelled, "cancelled"));
        world.clock().sleep(std::min(left, glance));
    }
    return {};
}

Result<ProvedIdentity> sign_in(World& world, const Provider& provider, const ProviderSource& source,
                               const std::string& email) {
    AUTH_TRY(auto& realm, world.realm());
    const auto http = world.http();
    const auto stopped = [&] { return world.interrupted(); };
    AUTH_TRY(ProviderMetadata metadata, discover_for_login(*http, stopped, provider));
    ProviderClient client(provider, client_secret(realm, provider), std::move(metadata), *http,
                          realm.clock, stopped);
    const Pause do_nothing = [&](Seconds span) { return pause(world, span); };
    if (source.device)
        return sign_in_by_device(client, do_nothing,
                                 [&](const DeviceCode& code) { show_code(world, source, code); });
    return sign_in_by_browser(
        client, world.open_loopback(), realm.settings.get(setting<"federation.wait">), email,
        realm.random, do_nothing, [&](const std::string& url) { show_page(world, source, url); });
}

} // namespace

void ProviderSource::bind(Flags& flags) {
    flags.option("--provider", name, "NAME", "log in with an identity provider, in a browser");
    flags.flag("--device", device, "the same with a code, on any other device");
    flags.flag("--no-browser", no_browser, "print the address and open nothing");
    flags.needs("--device", "--provider");
    flags.needs("--no-browser", "--provider");
    flags.exclusive({"--device", "--no-browser"});
}

Result<ProviderMetadata> discover_for_login(Http& http, const std::function<bool()>& stopped,
                                            const Provider& provider) {
    auto metadata = discover(http, stopped, provider.issuer, endpoints_of(provider));
    if (metadata || metadata.error().reason != "wrong_issuer" || metadata.error().hint.empty())
        return metadata;
    Error failure = std::move(metadata).error();
    failure.hint.words =
        fmt::format("an operator can add the provider anew: {}", failure.hint.words);
    return fail(std::move(failure));
}

Result<Grant> log_in_with(World& world, const ProviderSource& source, const std::string& email,
                          std::optional<Seconds> ttl, const AskFactor& ask) {
    std::optional<UserRef> whose;
    if (!email.empty()) {
        AUTH_TRY(whose, parse_user_ref(email));
    }
    const auto* address = whose ? std::get_if<Email>(&*whose) : nullptr;
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Provider provider, find_provider(realm, source.name));
    AUTH_CHECK(check_for_people(provider));
    auto identity =
        sign_in(world, provider, source, address != nullptr ? address->canonical() : "");
    if (!identity) {
        record_sign_in_failure(realm, provider, identity.error());
        return fail(std::move(identity).error());
    }
    say_remarks(world, identity->remarks);
    return log_in_by_provider(realm, provider, *identity, whose, ttl, ask);
}

} // namespace auth
