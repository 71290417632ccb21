#include "core/provisioning/declared_passwords.h"

#include "core/accounts/credentials.h"
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/given_secret.h"
#include "core/base/ordered_workers.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/passwords/forms.h"
#include "core/provisioning/applied_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <deque>

namespace auth {

namespace fs = std::filesystem;
using Kind = DeclaredCredential::Kind;

namespace {

std::string_view member_of(Kind kind) {
    switch (kind) {
    case Kind::password_file:
        return "password_file";
    case Kind::password_hash:
        return "password_hash";
    case Kind::generate:
        return "generate";
    }
    return {};
}

bool matches(const Secret& content, Kind kind, const std::string& hash) {
    return kind == Kind::password_hash ? content.reveal() == hash : verify_password(content, hash);
}

Result<std::string> hash_of(Realm& realm, const Secret& content, Kind kind, const User& user) {
    if (kind == Kind::password_hash)
        return std::string(content.reveal());
    auto hash = hash_new_password(realm, content, user);
    if (!hash && hash.error().reason == "password_is_hash")
        hash.error().hint = "declare a hash as credentials: {password_hash: …}";
    return hash;
}

// Fails as the first of them that does.
template <class Job, class Run> Status on_threads(unsigned threads, std::deque<Job> jobs, Run run) {
    if (jobs.empty())
        return {};
    OrderedWorkers<Job, Status> workers(
        static_cast<unsigned>(std::min<std::size_t>(threads, jobs.size())),
        [&]() -> std::optional<Job> {
            if (jobs.empty())
                return std::nullopt;
            std::optional<Job> next(std::move(jobs.front()));
            jobs.pop_front();
            return next;
        },
        [&](Job next, unsigned) { return run(std::move(next)); });
    while (auto done = workers.next())
        AUTH_CHECK(*std::move(done));
    return {};
}

// As the user will be called: a password must not be built of that.
User as_declared(const DeclaredUser& declared, const std::optional<User>& present) {
    User user = present.value_or(User());
    user.email = declared.email.original();
    user.email_key = declared.email.canonical();
    apply_profile(user, declared.profile);
    return user;
}

} // namespace

// What a thread needs to find out whether a password is due, and its hash.
struct DeclaredPasswords::Job {
    Password* password;
    User user;
    std::optional<std::string> stored; // to be compared with first

    Status run(Realm& realm) {
        Password& own = *password;
        const Kind kind = own.declared.kind;
        if (stored) {
            own.fits.emplace(*stored, matches(*own.content, kind, *stored));
            if (own.fits->second)
                return {};
        }
        auto hash = hash_of(realm, *own.content, kind, user);
        if (!hash)
            return fail(at_path(own.path, std::move(hash).error()));
        own.hash = *std::move(hash);
        return {};
    }
};

DeclaredPasswords::DeclaredPasswords(Realm& realm, const Manifest& manifest, fs::path directory,
                                     std::function<void(const fs::path&)> open_to_all)
    : realm_(realm), manifest_(manifest), directory_(std::move(directory)),
      open_to_all_(std::move(open_to_all)) {
    for (std::size_t i = 0; i < manifest.users.size(); ++i)
        if (const auto& declared = manifest.users[i].credential;
            declared && !manifest.users[i].absent)
            passwords_.emplace(i, Password{fmt::format("{}.credentials.{}", path_of_user(i),
                                                       member_of(declared->kind)),
                                           *declared});
}

DeclaredPasswords::~DeclaredPasswords() {
    for (const fs::path& file : written_)
        (void)remove_private_file(file);
}

fs::path DeclaredPasswords::file_of(const Password& password) const {
    return directory_ / password.declared.text;
}

Status DeclaredPasswords::read(Password& password) const {
    if (password.declared.kind == Kind::password_hash) {
        AUTH_TRY(const KnownHash hash, accept_hash(password.declared.text, realm_.test));
        password.content.emplace(hash.stored);
        return {};
    }
    const fs::path file = file_of(password);
    AUTH_TRY(GivenSecret given, read_given_secret("password file", file));
    if (given.open_to_all && open_to_all_)
        open_to_all_(file);
    password.content = std::move(given.text);
    return {};
}

// A file that is there was made by a run that was cut short, or put there: it is as good.
Status DeclaredPasswords::read_or_make(Password& password) const {
    if (password.content)
        return {};
    AUTH_TRY(auto text, read_private_file("password file", file_of(password)));
    password.made = !text;
    password.content = text ? without_newline(*std::move(text)) : generate_password(realm_.random);
    return {};
}

std::optional<std::string> DeclaredPasswords::mac(std::size_t user) const {
    const auto found = passwords_.find(user);
    return found == passwords_.end() ? std::nullopt : found->second.mac;
}

std::string DeclaredPasswords::compute_mac(std::size_t user, const Password& password) const {
    const std::string address = manifest_.users[user].email.canonical();
    Secret text(fmt::format("{} {} ", address, member_of(password.declared.kind)));
    if (password.declared.kind == Kind::password_hash) {
        text.append(password.content->reveal());
    } else {
        // Of a cost that no setting changes, and a salt that is the same at each run.
        const Secret salt(sha256("applied password of " + address).substr(0, 16));
        text.append(hash_password(*password.content,
                                  realm_.test ? test_password_cost : PasswordCost{19456, 2}, salt));
    }
    return realm_.vault.mac(MacPurpose::applied, text.reveal());
}

DeclaredPasswords::Need
DeclaredPasswords::need(std::size_t user,
                        const std::optional<passwords_table::StoredPassword>& stored,
                        const std::optional<std::string>& applied) const {
    if (!stored)
        return Need::change;
    if (passwords_.at(user).declared.kind == Kind::generate)
        return Need::nothing;
    if (!applied)
        return Need::comparison;
    return mac(user) == applied ? Need::nothing : Need::change;
}

Result<std::optional<DeclaredPasswords::Job>> DeclaredPasswords::job(std::size_t user,
                                                                     Password& password) {
    const DeclaredUser& declared = manifest_.users[user];
    const auto present =
        users_table::find_by_email_key(realm_.database, declared.email.canonical());
    std::optional<passwords_table::StoredPassword> stored;
    std::optional<std::string> applied;
    if (present) {
        stored = passwords_table::find(realm_.database, present->id);
        if (auto known = applied_table::find_user(realm_.database, manifest_.owner, present->id))
            applied = std::move(known->credential_mac);
    }
    const Need wanted = need(user, stored, applied);
    if (wanted == Need::nothing)
        return std::nullopt;
    if (password.declared.kind == Kind::generate)
        AUTH_CHECK(read_or_make(password));
    Job out{&password, as_declared(declared, present), {}};
    if (wanted == Need::comparison)
        out.stored = stored->hash;
    return std::optional(std::move(out));
}

Status DeclaredPasswords::prepare(unsigned threads) {
    std::deque<std::pair<const std::size_t, Password>*> declared;
    for (auto& each : passwords_) {
        if (each.second.declared.kind == Kind::generate)
            continue;
        if (auto known = read(each.second); !known)
            return fail(at_path(each.second.path, std::move(known).error()));
        declared.push_back(&each);
    }
    AUTH_CHECK(realm_.vault.require_key()); // read at first use, and not by several threads
    AUTH_CHECK(on_threads(threads, std::move(declared), [this](auto* each) -> Status {
        each->second.mac = compute_mac(each->first, each->second);
        return {};
    }));
    std::deque<Job> jobs;
    for (auto& [user, password] : passwords_) {
        auto next = job(user, password);
        if (!next)
            return fail(at_path(password.path, std::move(next).error()));
        if (*next)
            jobs.push_back(std::move(**next));
    }
    SharedRandom shared(realm_.random);
    Realm realm = realm_.with(shared);
    return on_threads(threads, std::move(jobs), [&](Job next) { return next.run(realm); });
}

Result<std::optional<std::string>>
DeclaredPasswords::due(std::size_t user, const User& current,
                       const std::optional<std::string>& applied) {
    const auto found = passwords_.find(user);
    if (found == passwords_.end())
        return std::nullopt;
    Password& password = found->second;
    const auto stored = passwords_table::find(realm_.database, current.id);
    const Need wanted = need(user, stored, applied);
    if (wanted == Need::nothing)
        return std::nullopt;
    // Somebody else may have changed the user since: then the hash is computed under the lock.
    const Kind kind = password.declared.kind;
    if (wanted == Need::comparison) {
        if (!password.fits || password.fits->first != stored->hash)
            password.fits.emplace(stored->hash, matches(*password.content, kind, stored->hash));
        if (password.fits->second)
            return std::nullopt;
    }
    if (!password.hash) {
        if (kind == Kind::generate)
            AUTH_CHECK(read_or_make(password));
        auto hash = hash_of(realm_, *password.content, kind, current);
        if (!hash)
            return fail(at_path(password.path, std::move(hash).error()));
        password.hash = *std::move(hash);
    }
    password.is_due = true;
    return password.hash;
}

Status DeclaredPasswords::write_files() {
    if (realm_.dry_run)
        return {};
    for (const auto& [user, password] : passwords_) {
        if (!password.made || !password.is_due)
            continue;
        const fs::path file = file_of(password);
        Secret line = password.content->copy();
        line.append("\n");
        // Under another name first: half a password must not be taken for one.
        const fs::path fresh =
            file.parent_path() / fmt::format(".{}.{}", file.filename().string(),
                                             to_hex(random_bytes(realm_.random, 8).reveal()));
        AUTH_CHECK(create_private_file(fresh, line.reveal()));
        AUTH_CHECK(publish_private_file(fresh, file));
        written_.push_back(file);
    }
    return {};
}

} // namespace auth
