#include "core/codes/login_link.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/codes/login_links_table.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::string_view parameter = "token=";

std::string mac_of(const Realm& realm, const Secret& token) {
    return realm.vault.mac(MacPurpose::link, token.reveal());
}

} // namespace

Secret issue_link(Realm& realm, std::string_view user_id) {
    Secret token = random_token(realm.random, token_bytes);
    const Time now = realm.now();
    links_table::put(realm.database, {std::string(user_id), mac_of(realm, token), now,
                                      now + realm.settings.get(setting<"links.ttl">)});
    return token;
}

std::optional<StoredLink> find_link(const Realm& realm, const Secret& token) {
    return links_table::find(realm.database, mac_of(realm, token));
}

CodeVerdict judge(const StoredLink& link, Time now) {
    // A clock set back to before the link was made is no clock to trust.
    return now >= link.expires_at || now < link.issued_at ? CodeVerdict::expired
                                                          : CodeVerdict::right;
}

bool consume_link(Realm& realm, const StoredLink& link) {
    return links_table::remove(realm.database, link.mac);
}

std::string link_url(const Settings& settings, const Secret& token) {
    const std::string base = settings.get(setting<"links.base_url">);
    if (base.empty())
        return "";
    return fmt::format("{}{}{}{}", base, base.find('?') == std::string::npos ? '?' : '&', parameter,
                       token.reveal());
}

Result<Secret> parse_link(std::string_view typed) {
    typed = trimmed(typed, white_space);
    if (const std::size_t at = typed.rfind(parameter); at != std::string_view::npos)
        typed.remove_prefix(at + parameter.size());
    const auto bytes = from_base64url(typed);
    if (!bytes || bytes->size() != token_bytes)
        return fail(error(ErrorCode::usage, "that is not a link: give the whole link, or the token"
                                            " at its end, as in the mail")
                        .with_field("link"));
    return Secret(typed);
}

bool link_is_dead(Realm& realm, const Mail& mail) {
    if (mail.link.empty())
        return false;
    const auto token = parse_link(mail.link);
    const auto link = token ? find_link(realm, *token) : std::nullopt;
    return !link || judge(*link, realm.now()) != CodeVerdict::right;
}

} // namespace auth
