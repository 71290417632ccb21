#include "support/test_realm.h"

#include "core/audit/audit.h"
#include "core/mail/outbox.h"
#include "core/settings/setting.h"
#include "core/settings/settings_table.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/new_database.h"
#include "core/users/users_table.h"

#include <stdexcept>

namespace auth::test {
namespace {

std::string tester() {
    return "os:tester";
}

template <class T> T must(Result<T> result) {
    if (!result)
        throw std::logic_error(result.error().message);
    return *std::move(result);
}

} // namespace

TestRealm::TestRealm(RealmKind kind) : kind_(kind) {
    must(make_database(database_path(),
                       {.key = key_path(), .test = kind == RealmKind::test, .actor = tester},
                       settings, clock, random));
    // Its tests set what they need: those of the ladder of waits are many.
    (void)settings_table::remove(*must(SqliteDatabase::open(database_path())),
                                 setting<"lockout.waits">);
    if (kind == RealmKind::normal) {
        texts_["password.memory"] = "19456";
        texts_["password.passes"] = "2";
    }
    reopen();
}

void TestRealm::set(std::string_view name, std::string_view value) {
    const SettingDefinition* definition = must(find_setting(name));
    texts_[std::string(name)] =
        must(canonical_setting(*definition, value, kind_ == RealmKind::test));
    settings.set_layer(SettingSource::database, texts_);
}

void TestRealm::reopen() {
    settings.set_layer(SettingSource::database, texts_);
    const bool operated = !realm_ || realm_->operated;
    realm_.reset();
    database_.reset();
    database_ = must(SqliteDatabase::open(database_path()));
    meta_ = must(meta_table::load(*database_));
    vault_.emplace(key_path(), meta_);
    const auto typed = [](const NextStep& step) {
        std::string out = "auth-cli " + step.command;
        for (const std::string& argument : step.arguments)
            out += " " + argument;
        return out;
    };
    realm_.emplace(Realm{.database = *database_,
                         .vault = *vault_,
                         .settings = settings,
                         .clock = clock,
                         .random = random,
                         .actor = tester,
                         .test = meta_.test,
                         .operated = operated,
                         .typed = typed});
}

std::unique_ptr<Database> TestRealm::connect() const {
    return must(SqliteDatabase::open(database_path()));
}

std::string TestRealm::query(std::string_view sql) {
    Statement& row = database_->prepare(sql);
    if (!row.step())
        throw std::logic_error("no row for: " + std::string(sql));
    std::string value = row.is_null(0) ? "NULL" : row.blob(0);
    row.reset();
    return value;
}

std::int64_t TestRealm::count(std::string_view sql) {
    return std::stoll(query(sql));
}

std::vector<std::string> TestRealm::events() {
    std::vector<std::string> names;
    list_audit(*database_, {}, [&](const AuditRow& row) { names.push_back(row.event); });
    return names;
}

OtherProcess::OtherProcess(const TestRealm& first, std::uint64_t seed)
    : database_(first.connect()), vault_(first.key_path(), first.meta()), clock_(first.clock.now()),
      random_(seed), realm_{.database = *database_,
                            .vault = vault_,
                            .settings = first.settings,
                            .clock = clock_,
                            .random = random_,
                            .actor = tester,
                            .test = first.meta().test} {}

UserRef user_ref(std::string_view text) {
    return must(parse_user_ref(text));
}

Email email(std::string_view text) {
    return must(Email::parse(text));
}

RoleName role(std::string_view text) {
    return must(RoleName::parse(text));
}

User add_user(Realm& realm, const SomeUser& wanted) {
    NewUser user(email(wanted.email));
    if (wanted.password)
        user.password = Secret(*wanted.password);
    user.verified = wanted.verified;
    user.disabled = wanted.disabled;
    user.must_change_password = wanted.must_change_password;
    return must(create_user(realm, user));
}

User stored_user(Realm& realm, std::string_view address) {
    return must(require_user(realm, user_ref(address)));
}

std::vector<Mail> posted_mails(Realm& realm, Departure departure) {
    std::vector<Mail> mails;
    for (const PostedMail& posted : *realm.posted)
        if (posted.departure == departure)
            if (auto mail = find_mail(realm, posted.id))
                mails.push_back(*std::move(mail));
    return mails;
}

Secret mailed_code(Realm& realm, std::string_view kind, std::string_view address) {
    const MailFilter filter{stored_user(realm, address).id, std::string(kind), 1};
    const auto mails = list_mail(realm, filter);
    if (mails.empty())
        throw std::logic_error("no such mail");
    return Secret(mails.front().code);
}

Secret wrong_code(const Secret& right) {
    std::string digits(right.reveal());
    digits.back() = digits.back() == '0' ? '1' : '0';
    return Secret(digits);
}

} // namespace auth::test
