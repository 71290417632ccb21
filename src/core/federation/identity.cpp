#include "core/federation/identity.h"

#include "core/accounts/notices.h"
#include "core/audit/audit.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/mail/letters.h"
#include "core/sessions/session.h"
#include "core/users/identities_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::string_view google = "https://accounts.google.com";

Json detail_of(const Provider& provider, std::string_view subject) {
    return {{"provider", provider.name}, {"issuer", provider.issuer}, {"subject", subject}};
}

} // namespace

bool vouches_for_address(const ProvedIdentity& identity) {
    const auto address = Email::parse(identity.email);
    if (!address || !identity.email_verified)
        return false;
    return identity.issuer != google || !identity.hosted_domain.empty() ||
           address->canonical().ends_with("@gmail.com") ||
           address->canonical().ends_with("@googlemail.com");
}

Result<IdentityRef> parse_identity_ref(std::string_view typed) {
    const std::size_t sign = typed.find('=');
    IdentityRef ref{std::string(typed.substr(0, sign)), ""};
    if (sign == std::string_view::npos)
        return ref;
    ref.subject = typed.substr(sign + 1);
    if (!is_subject(ref.subject))
        return fail(
            error(ErrorCode::usage,
                  fmt::format("{} is not a subject of a provider: it takes 1 to 255 printable"
                              " ASCII characters",
                              in_quotes(ref.subject)))
                .with_field("subject"));
    return ref;
}

Locks locks_of_subject(std::string_view subject) {
    return Locks::named(fmt::format("subject {}", subject));
}

void link_identity(Realm& realm, const User& user, const Provider& provider,
                   std::string_view subject, std::string_view by) {
    identities_table::insert(realm.database, {provider.issuer, std::string(subject), user.id,
                                              realm.now(), std::nullopt});
    Json detail = detail_of(provider, subject);
    detail["by"] = by;
    record(realm, {"identity_linked", user.id, true, std::move(detail)});
    notify(realm, user, login_added_letter(fmt::format("login with {}", provider.name)));
}

Result<bool> link_identity(Realm& realm, const User& user, const IdentityRef& ref) {
    AUTH_TRY(const Provider provider, find_provider(realm, ref.provider));
    AUTH_CHECK(check_for_people(provider));
    if (ref.subject.empty())
        return fail(error(ErrorCode::usage, fmt::format("who is '{}' at {}? want {}=SUBJECT",
                                                        user.email, provider.name, provider.name))
                        .with_field("subject")
                        .with_hint("a login that finds no user here says which subject it was"));
    if (const auto linked = identities_table::find(realm.database, provider.issuer, ref.subject)) {
        if (linked->user_id == user.id)
            return false;
        return fail(error(ErrorCode::exists, fmt::format("{} of {} is linked with another user",
                                                         in_quotes(ref.subject), provider.name))
                        .with_field("subject"));
    }
    link_identity(realm, user, provider, ref.subject, "operator");
    return true;
}

Result<bool> unlink_identity(Realm& realm, User& user, const IdentityRef& ref) {
    AUTH_TRY(const Provider provider, find_provider(realm, ref.provider));
    bool any = false;
    for (const LinkedIdentity& identity : identities_of(realm, user)) {
        if (identity.issuer != provider.issuer ||
            (!ref.subject.empty() && identity.subject != ref.subject))
            continue;
        identities_table::remove(realm.database, identity.issuer, identity.subject);
        record(realm, {"identity_unlinked", user.id, true, detail_of(provider, identity.subject)});
        any = true;
    }
    if (any)
        end_all_sessions(realm, user);
    return any;
}

std::vector<LinkedIdentity> identities_of(Realm& realm, const User& user) {
    return identities_table::of_user(realm.database, user.id);
}

} // namespace auth
