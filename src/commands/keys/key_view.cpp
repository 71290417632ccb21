#include "commands/keys/key_view.h"

#include "cli/output/document.h"
#include "core/base/text.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {

Json key_record(Realm& realm, const KeyRecord& key) {
    const Time now = realm.now();
    const auto signing = signing_record(realm);
    return {{"kid", key.kid},
            {"known_as", or_null(key.known_as)},
            {"algorithm", key.algorithm},
            {"state", to_name(key.state(now))},
            {"signs", signing && signing->kid == key.kid},
            {"private", key.has_private},
            {"imported", key.imported},
            {"issuer", or_null(key.issuer)},
            {"created_at", to_rfc3339(key.created_at)},
            {"signs_from", to_rfc3339(key.signs_from)},
            {"signs_until", time_or_null(key.signs_until)},
            {"verifies_until", time_or_null(key.last_use(now))},
            {"revoked_at", time_or_null(key.revoked_at)}};
}

Reply key_reply(Realm& realm, const KeyChange& change, std::string_view done,
                std::string_view already) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.key/1"}};
    reply.document.update(key_record(realm, change.key));
    reply.document["changed"] = change.changed;
    reply.document["successor"] = change.successor ? Json(change.successor->kid) : Json();
    Json retired = Json::array();
    for (const KeyRecord& key : change.retired)
        retired.push_back(key.kid);
    reply.document["retired"] = std::move(retired);
    reply.document["secret_file"] = nullptr;
    reply.note = fmt::format("{} key {} ({})", change.changed ? done : already, change.key.kid,
                             change.key.algorithm);
    if (change.successor)
        reply.note += fmt::format("; {} signs from now on", change.successor->kid);
    return reply;
}

Result<Algorithm> key_algorithm(const Realm& realm, const std::string& given) {
    const std::string name = given.empty() ? realm.settings.get(setting<"token.algorithm">) : given;
    const auto algorithm = parse_algorithm(name);
    if (algorithm && can_sign(*algorithm))
        return *algorithm;
    return fail(error(ErrorCode::usage,
                      fmt::format("{} is not an algorithm of this program's keys", in_quotes(name)))
                    .with_field("alg")
                    .with_hint("ES256, RS256, PS256, EdDSA or HS256"));
}

} // namespace auth
