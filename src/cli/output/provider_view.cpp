#include "cli/output/provider_view.h"

#include "cli/output/document.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {

Json provider_record(const Provider& provider) {
    return {{"name", provider.name},
            {"issuer", provider.issuer},
            {"client_id", or_null(provider.workload ? "" : provider.client_id)},
            {"workload", provider.workload},
            {"audience", or_null(provider.workload ? provider.client_id : "")},
            {"confidential", provider.confidential},
            {"scope", provider.scope},
            {"domains", provider.domains},
            {"redirect_path", or_null(provider.redirect_path)},
            {"redirect_port", provider.redirect_port == 0 ? Json() : Json(provider.redirect_port)},
            {"auto_create", provider.auto_create},
            {"link_verified_email", provider.link_verified_email},
            {"users", provider.users},
            {"created_at", to_rfc3339(provider.created_at)}};
}

Reply provider_reply(const Provider& provider, bool changed, std::string note) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.provider/1"}};
    reply.document.update(provider_record(provider));
    reply.document["changed"] = changed;
    reply.note = std::move(note);
    return reply;
}

Json workload_rule_record(const WorkloadRule& rule, std::string_view email) {
    return {{"id", rule.id},           {"provider", rule.provider},
            {"user_id", rule.user_id}, {"email", email},
            {"claims", rule.claims},   {"roles", rule.roles},
            {"ttl", rule.ttl.count()}, {"created_at", to_rfc3339(rule.created_at)}};
}

Reply workload_rule_reply(const Allowed& allowed, std::string note) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.workload_rule/1"}};
    reply.document.update(workload_rule_record(allowed.rule, allowed.user.email));
    reply.document["changed"] = true;
    reply.note = std::move(note);
    return reply;
}

Json identity_records(Realm& realm, const User& user) {
    const std::vector<Provider> providers = list_providers(realm);
    const auto name_of = [&](const std::string& issuer) {
        for (const Provider& provider : providers)
            if (provider.issuer == issuer && !provider.workload)
                return Json(provider.name);
        return Json();
    };
    Json records = Json::array();
    for (const LinkedIdentity& identity : identities_of(realm, user))
        records.push_back({{"provider", name_of(identity.issuer)},
                           {"issuer", identity.issuer},
                           {"subject", identity.subject},
                           {"linked_at", to_rfc3339(identity.linked_at)},
                           {"last_login_at", time_or_null(identity.last_login_at)}});
    return records;
}

std::string identity_words(const Json& identities) {
    std::string words;
    for (const Json& identity : identities) {
        const Json& name = identity.at("provider");
        words += fmt::format(
            "{}{} {}", words.empty() ? "" : ", ",
            printable((name.is_null() ? identity.at("issuer") : name).get<std::string>()),
            printable(identity.at("subject").get<std::string>()));
    }
    return words;
}

} // namespace auth
