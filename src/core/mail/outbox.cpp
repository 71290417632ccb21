#include "core/mail/outbox.h"

#include "core/audit/audit.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/mail/outbox_table.h"

#include <nlohmann/json.hpp>

namespace auth {
namespace {

SealedPlace place_of(std::string_view id) {
    return {"outbox", "sealed_mail", id};
}

std::string seal(Realm& realm, const Mail& mail) {
    const Json content = {{"to", mail.to},
                          {"subject", mail.subject},
                          {"body", mail.body},
                          {"code", mail.code},
                          {"link", mail.link}};
    std::string text = content.dump();
    std::string sealed = realm.vault.seal(place_of(mail.id), text, realm.random);
    wipe(text);
    return sealed;
}

Mail open(Realm& realm, const outbox_table::Row& row) {
    const Secret text = realm.vault.open(place_of(row.id), row.sealed);
    const Json content = Json::parse(text.reveal());
    return {row.id,
            row.user_id,
            row.kind,
            content.at("to"),
            content.at("subject"),
            content.at("body"),
            content.at("code"),
            content.at("link"),
            row.state,
            row.created_at};
}

} // namespace

Mail post(Realm& realm, std::string_view user_id, std::string_view address, const Letter& letter) {
    Mail mail;
    mail.created_at = realm.now();
    mail.id = new_uuid(realm.random, mail.created_at);
    mail.user_id = user_id;
    mail.kind = letter.kind;
    mail.to = address;
    mail.subject = letter.subject;
    mail.body = letter.body;
    mail.code = letter.code;
    mail.link = letter.link;
    mail.state = "kept";
    outbox_table::insert(realm.database, {mail.id, mail.user_id, mail.kind, mail.state,
                                          seal(realm, mail), mail.created_at});
    return mail;
}

void unpost(Realm& realm, const Mail& mail) {
    outbox_table::remove(realm.database, mail.id);
}

Status deliver(Realm& realm, const Mail& mail, Mailer* mailer) {
    if (mailer == nullptr || realm.dry_run)
        return {};
    const Status sent = mailer->send(mail);
    Transaction transaction(realm.database);
    outbox_table::set_state(realm.database, mail.id, sent ? "sent" : "failed");
    if (!sent)
        record(realm, {"mail_failed", mail.user_id, false, {{"kind", mail.kind}}});
    transaction.commit();
    return sent;
}

std::vector<Mail> list_mail(Realm& realm, const MailFilter& filter) {
    std::vector<Mail> mails;
    for (const auto& row : outbox_table::list(realm.database, filter))
        mails.push_back(open(realm, row));
    return mails;
}

std::optional<Mail> find_mail(Realm& realm, std::string_view id) {
    const auto row = outbox_table::find(realm.database, id);
    return row ? std::optional(open(realm, *row)) : std::nullopt;
}

std::int64_t purge_mail(Realm& realm, Time until) {
    const std::int64_t removed = outbox_table::remove_before(realm.database, until);
    if (removed > 0)
        record(realm, {"outbox_purged", "", true, {{"mails", removed}}});
    return removed;
}

} // namespace auth
