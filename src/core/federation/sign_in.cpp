#include "core/federation/sign_in.h"

namespace auth {
Result<ProvedIdentity> sign_in_by_browser(ProviderClient& client, const OpenLoopback& open_loopback,
                                          Seconds patience, std::string_view login_hint,
                                          Random& random, const Pause& pause,
                                          const std::function<void(const std::string& url)>& show) {
    const Provider& provider = client.provider();
    AUTH_TRY(const auto listener, open_loopback(provider.redirect_port));
    const Authorization authorization = make_authorization(provider, listener->port(), random);
    show(authorization_url(provider, client.metadata(), authorization, login_hint));
    Result<ProvedIdentity> proved;
    const auto finish = [&](Callback& callback) -> Result<ProvedIdentity> {
        if (callback.refusal)
            return fail(*callback.refusal);
        AUTH_TRY(const ProviderTokens tokens, client.redeem(callback.code, authorization, pause));
        return client.identify(tokens, authorization.nonce.reveal());
    };
    // The page tells how it went, so it waits for that.
    const auto answer = [&](const PageRequest& request) -> PageAnswer {
        Callback callback = judge_callback(request, authorization, client.metadata());
        if (!callback.ours())
            return {callback.status, stray_page(callback.status), false};
        proved = finish(callback);
        return {200, proved ? success_page(provider) : failure_page(provider), true};
    };
    AUTH_CHECK(listener->serve(patience, client.stopped(), answer));
    return proved;
}

Result<ProvedIdentity> sign_in_by_device(ProviderClient& client, const Pause& pause,
                                         const std::function<void(const DeviceCode&)>& show) {
    AUTH_TRY(const DeviceCode code, client.ask_device_code());
    show(code);
    const Time end = client.clock().now() + code.expires_in;
    Seconds interval = code.interval;
    while (client.clock().now() < end) {
        AUTH_CHECK(pause(interval));
        AUTH_TRY(const DevicePoll poll, client.poll(code, interval));
        if (poll.tokens)
            return client.identify(*poll.tokens, std::nullopt);
        interval = poll.interval;
    }
    return fail(refusal_of({"expired_token"}));
}

} // namespace auth
