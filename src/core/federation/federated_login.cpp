#include "core/federation/federated_login.h"

#include "core/accounts/accounts.h"
#include "core/accounts/first_proof.h"
#include "core/accounts/lockout.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/users/identities_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

// Who it is here. Not linked yet: known by the address alone.
struct Match {
    User user;
    bool linked = false;
};

Error refused(std::string_view reason, std::string message) {
    return error(ErrorCode::refused, std::move(message)).with_reason(std::string(reason));
}

class FederatedLogin {
  public:
    FederatedLogin(Realm& realm, const Provider& provider, const ProvedIdentity& identity)
        : realm_(realm), provider_(provider), identity_(identity),
          vouched_(vouches_for_address(identity)) {
        if (auto address = Email::parse(identity.email))
            address_ = *std::move(address);
    }

    [[nodiscard]] Result<Grant> run(const std::optional<UserRef>& whose, std::optional<Seconds> ttl,
                                    const AskFactor& ask);

  private:
    [[nodiscard]] Status check_domain() const;
    [[nodiscard]] std::optional<Match> find() const;
    [[nodiscard]] Status check_wanted(const std::optional<UserRef>& whose,
                                      const std::optional<Match>& match) const;
    [[nodiscard]] Status check_may_create() const;
    [[nodiscard]] Error unlinked() const;
    [[nodiscard]] bool proves_address_of(const User& user) const;
    [[nodiscard]] Status check_user(User user) const;

    [[nodiscard]] Result<Grant> log_in(const Match& match, std::optional<Seconds> ttl,
                                       const AskFactor& ask);
    [[nodiscard]] Result<Grant> create_and_log_in(std::optional<Seconds> ttl);
    [[nodiscard]] Result<Grant> open(const Match& match, const ProvedFactor& factor,
                                     std::optional<Seconds> ttl);
    [[nodiscard]] Grant open(const User& user, SessionOpening& opening, std::optional<Seconds> ttl);
    tl::unexpected<Error> refuse(std::string_view user_id, const Error& why);
    void record_failure(std::string_view user_id, const Error& why);

    Realm& realm_;
    const Provider& provider_;
    const ProvedIdentity& identity_;
    bool vouched_;
    std::optional<Email> address_; // as it claims; owned only where it is vouched for
};

Status FederatedLogin::check_domain() const {
    if (provider_.domains.empty())
        return {};
    const std::string domain =
        vouched_ ? address_->canonical().substr(address_->canonical().rfind('@') + 1) : "";
    if (std::ranges::find(provider_.domains, domain) != provider_.domains.end())
        return {};
    return fail(refused("domain_not_allowed",
                        fmt::format("{} lets in verified addresses of {} only", provider_.name,
                                    fmt::join(provider_.domains, ", "))));
}

std::optional<Match> FederatedLogin::find() const {
    if (const auto known =
            identities_table::find(realm_.database, identity_.issuer, identity_.subject))
        if (auto user = users_table::find_by_id(realm_.database, known->user_id))
            return Match{*std::move(user), true};
    if (!provider_.link_verified_email || !vouched_)
        return std::nullopt;
    if (auto user = users_table::find_by_email_key(realm_.database, address_->canonical()))
        return Match{*std::move(user), false};
    return std::nullopt;
}

Status FederatedLogin::check_wanted(const std::optional<UserRef>& whose,
                                    const std::optional<Match>& match) const {
    if (!whose)
        return {};
    const auto wanted = users_table::find(realm_.database, *whose);
    const auto* email = std::get_if<Email>(&*whose);
    const bool fits =
        match ? wanted && wanted->id == match->user.id
              : email != nullptr && address_ && email->canonical() == address_->canonical();
    if (fits)
        return {};
    return fail(refused("other_user", fmt::format("whoever signed in at {} is not {}",
                                                  provider_.name, in_quotes(to_text(*whose)))));
}

Status FederatedLogin::check_may_create() const {
    if (!provider_.auto_create ||
        (vouched_ && users_table::find_by_email_key(realm_.database, address_->canonical())))
        return fail(unlinked());
    // A user made for an unproved address would belong to two: whoever signed in, and whoever
    // reads its mail.
    if (!vouched_)
        return fail(refused(
            "unverified_address",
            fmt::format("{} does not vouch for an address, so no user is made", provider_.name)));
    return {};
}

Error FederatedLogin::unlinked() const {
    const std::string ref = fmt::format("{}={}", provider_.name, identity_.subject);
    return refused("unlinked",
                   fmt::format("no user here is linked with this account of {}", provider_.name))
        .with_hint({"an operator can run", NextStep{"update", {"EMAIL", "--link-provider", ref}}});
}

bool FederatedLogin::proves_address_of(const User& user) const {
    return vouched_ && address_->canonical() == user.email_key;
}

// What only who was proved is told.
Status FederatedLogin::check_user(User user) const {
    AUTH_CHECK(check_not_locked(realm_, address_mac(realm_, user.email_key)));
    if (proves_address_of(user) && !user.verified_at)
        user.verified_at = realm_.now(); // which the login is about to do
    AUTH_CHECK(check_may(realm_, user, Purpose::log_in));
    return check_factor_policy(realm_, user);
}

void FederatedLogin::record_failure(std::string_view user_id, const Error& why) {
    record(realm_, {.event = "authn_login_fail",
                    .target = user_id,
                    .ok = false,
                    .detail = {{"reason", why.reason.empty() ? "locked_out" : why.reason},
                               {"by", "provider"},
                               {"provider", provider_.name},
                               {"subject", identity_.subject}}});
}

tl::unexpected<Error> FederatedLogin::refuse(std::string_view user_id, const Error& why) {
    Transaction transaction(realm_.database, Locks::user(user_id));
    record_failure(user_id, why);
    transaction.commit_for_certain();
    return fail(why);
}

Grant FederatedLogin::open(const User& user, SessionOpening& opening, std::optional<Seconds> ttl) {
    identities_table::note_login(realm_.database, identity_.issuer, identity_.subject,
                                 realm_.now());
    record(realm_, {.event = "authn_provider_success",
                    .target = user.id,
                    .detail = {{"provider", provider_.name}, {"subject", identity_.subject}}});
    return opening.open(user, ttl);
}

Result<Grant> FederatedLogin::open(const Match& match, const ProvedFactor& factor,
                                   std::optional<Seconds> ttl) {
    Transaction transaction(realm_.database, Locks::user(match.user.id) +
                                                 Locks::address(factor.address) +
                                                 locks_of_subject(identity_.subject));
    SessionOpening opening(realm_, match.user.id);
    expect_factor(realm_, match.user, factor);
    const auto current = find();
    if (!current || current->user.id != match.user.id)
        return fail(unlinked()); // taken away meanwhile
    AUTH_TRY(User user,
             read_again(realm_, match.user, Purpose::log_in, proves_address_of(current->user)));
    AUTH_CHECK(opening.read(user));
    if (!user.verified_at && proves_address_of(user)) {
        (void)prove_address(realm_, user, provider_.name);
        users_table::update(realm_.database, user);
    }
    AUTH_CHECK(use_factor(realm_, user, factor));
    if (!current->linked)
        link_identity(realm_, user, provider_, identity_.subject, "address");
    // The proof stands, even if it dropped the factor that a login needs.
    if (const auto fit = check_factor_policy(realm_, user); !fit) {
        record_failure(user.id, fit.error());
        transaction.commit();
        return fail(fit.error());
    }
    Grant grant = open(user, opening, ttl);
    transaction.commit();
    return grant;
}

Result<Grant> FederatedLogin::create_and_log_in(std::optional<Seconds> ttl) {
    NewUser wanted(*address_);
    if (!identity_.name.empty())
        wanted.profile.name = identity_.name;
    wanted.verified = true;
    Transaction transaction(realm_.database, locks_of_creation(realm_, wanted) +
                                                 locks_of_subject(identity_.subject));
    // Another login of the same person may have been quicker, with another address.
    if (identities_table::find(realm_.database, identity_.issuer, identity_.subject))
        return fail(email_taken(wanted.email));
    AUTH_TRY(const User created, create_user(realm_, wanted));
    link_identity(realm_, created, provider_, identity_.subject, "first login");
    if (const auto fit = check_user(created); !fit) {
        record_failure(created.id, fit.error());
        transaction.commit();
        return fail(fit.error());
    }
    SessionOpening opening(realm_, created.id);
    AUTH_CHECK(opening.read(created));
    Grant grant = open(created, opening, ttl);
    transaction.commit();
    return grant;
}

Result<Grant> FederatedLogin::log_in(const Match& match, std::optional<Seconds> ttl,
                                     const AskFactor& ask) {
    const User& user = match.user;
    if (const auto fit = check_user(user); !fit)
        return refuse(user.id, fit.error());
    const std::string address = address_mac(realm_, user.email_key);
    ProvedFactor factor{address};
    if (!proves_address_of(user) || !factor_is_unproved(realm_, user)) {
        if (user.mfa)
            AUTH_CHECK(count_password_attempt(realm_, address, user.id));
        AUTH_TRY(factor, prove_factor(realm_, user, address, ask));
    }
    auto grant = open(match, factor, ttl);
    if (!grant)
        release_factor(realm_, user, factor, grant.error().code);
    return grant;
}

Result<Grant> FederatedLogin::run(const std::optional<UserRef>& whose, std::optional<Seconds> ttl,
                                  const AskFactor& ask) {
    if (const auto let_in = check_domain(); !let_in)
        return refuse("", let_in.error());
    auto match = find();
    if (const auto wanted = check_wanted(whose, match); !wanted)
        return refuse("", wanted.error());
    if (!match) {
        if (const auto may = check_may_create(); !may)
            return refuse("", may.error());
        auto grant = create_and_log_in(ttl);
        if (grant || grant.error().code != ErrorCode::exists)
            return grant;
        match = find(); // another login of the same person was quicker
    }
    if (!match)
        return refuse("", unlinked());
    return log_in(*match, ttl, ask);
}

} // namespace

Result<Grant> log_in_by_provider(Realm& realm, const Provider& provider,
                                 const ProvedIdentity& identity,
                                 const std::optional<UserRef>& whose, std::optional<Seconds> ttl,
                                 const AskFactor& ask) {
    return FederatedLogin(realm, provider, identity).run(whose, ttl, ask);
}

void record_sign_in_failure(Realm& realm, const Provider& provider, const Error& failure) {
    const std::string reason = failure.code == ErrorCode::cancelled ? "cancelled"
                               : failure.reason.empty()             ? "failed"
                                                                    : failure.reason;
    Transaction transaction(realm.database, Locks::user(""));
    record(realm,
           {.event = "authn_login_fail",
            .ok = false,
            .detail = {{"reason", reason}, {"by", "provider"}, {"provider", provider.name}}});
    transaction.commit_for_certain();
}

} // namespace auth
