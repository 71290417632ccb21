#include "core/provisioning/identity_links.h"

#include "core/base/text.h"
#include "core/users/identities_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Json detail_of(std::string_view issuer, std::string_view subject, std::int64_t line) {
    return {{"issuer", issuer}, {"subject", subject}, {"by", "import"}, {"line", line}};
}

bool same(const IdentityRecord& a, const LinkedIdentity& b) {
    return a.issuer == b.issuer && a.subject == b.subject;
}

} // namespace

Status IdentityLinks::resolve(IdentityRecord& identity) {
    if (!issuers_)
        issuers_ = identities_table::issuers(realm_.database);
    const auto missing = [](std::string message) {
        return fail(error(ErrorCode::not_found, std::move(message))
                        .with_field("identities")
                        .with_hint({"leave them out with --ignore identities, or add the provider",
                                    NextStep{"provider add", {"NAME", "--issuer", "URL"}}}));
    };
    if (identity.issuer.empty()) {
        const auto named = issuers_->find(identity.provider);
        if (named == issuers_->end())
            return missing(fmt::format("there is no provider {}", in_quotes(identity.provider)));
        identity.issuer = named->second;
        return {};
    }
    const auto is_its = [&](const auto& named) { return named.second == identity.issuer; };
    if (std::ranges::none_of(*issuers_, is_its))
        return missing(fmt::format("no provider has the issuer {}", in_quotes(identity.issuer)));
    return {};
}

Status IdentityLinks::check(std::vector<IdentityRecord>& identities, std::string_view user_id) {
    for (IdentityRecord& identity : identities) {
        AUTH_CHECK(resolve(identity));
        const auto is_this = [&](const IdentityRecord& one) {
            return one.issuer == identity.issuer && one.subject == identity.subject;
        };
        if (std::ranges::count_if(identities, is_this) > 1)
            return fail(error(ErrorCode::usage, fmt::format("the identity {} stands twice",
                                                            in_quotes(identity.subject)))
                            .with_field("identities"));
        const auto linked =
            identities_table::find(realm_.database, identity.issuer, identity.subject);
        if (linked && linked->user_id != user_id)
            return fail(error(ErrorCode::exists,
                              fmt::format("{} of {} is linked with another user",
                                          in_quotes(identity.subject), in_quotes(identity.issuer)))
                            .with_field("identities")
                            .with_hint(NextStep{"show", {"id:" + linked->user_id}}));
    }
    return {};
}

void IdentityLinks::add(std::span<const IdentityRecord> identities, std::string_view user_id,
                        std::int64_t line, AuditBatch& audit) {
    for (const IdentityRecord& identity : identities) {
        if (!added_)
            added_ = identities_table::bulk_insert(realm_.database);
        identities_table::add(*added_,
                              {identity.issuer, identity.subject, std::string(user_id),
                               identity.linked_at.value_or(realm_.now()), identity.last_login_at});
        audit.record(
            {"identity_linked", user_id, true, detail_of(identity.issuer, identity.subject, line)});
    }
}

Status IdentityLinks::finish() {
    return added_ ? added_->finish() : Status();
}

bool IdentityLinks::are_of(std::span<const IdentityRecord> identities,
                           std::string_view user_id) const {
    const auto present = identities_table::of_user(realm_.database, user_id);
    return present.size() == identities.size() &&
           std::ranges::all_of(identities, [&](const IdentityRecord& identity) {
               return std::ranges::any_of(
                   present, [&](const LinkedIdentity& linked) { return same(identity, linked); });
           });
}

bool IdentityLinks::replace(std::span<const IdentityRecord> identities, std::string_view user_id,
                            std::int64_t line, AuditBatch& audit) {
    bool removed = false;
    const auto present = identities_table::of_user(realm_.database, user_id);
    for (const LinkedIdentity& old : present) {
        if (std::ranges::any_of(identities, [&](const auto& one) { return same(one, old); }))
            continue;
        identities_table::remove(realm_.database, old.issuer, old.subject);
        audit.record(
            {"identity_unlinked", user_id, true, detail_of(old.issuer, old.subject, line)});
        removed = true;
    }
    for (const IdentityRecord& identity : identities) {
        if (std::ranges::any_of(present, [&](const auto& one) { return same(identity, one); }))
            continue;
        add(std::span(&identity, 1), user_id, line, audit);
    }
    return removed;
}

} // namespace auth
