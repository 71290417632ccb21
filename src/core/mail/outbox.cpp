#include "core/mail/outbox.h"

#include "core/audit/audit.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/mail/outbox_table.h"
#include "core/mail/sealed_mail.h"
#include "core/settings/setting.h"

namespace auth {
namespace {

Words words_for(Realm& realm, const Recipient& recipient, const Letter& letter) {
    auto words =
        write_words(letter, recipient, realm.now(), realm.settings.get(setting<"mail.templates">));
    if (words)
        return *std::move(words);
    record(realm, {.event = "mail_template_failed",
                   .target = recipient.user_id,
                   .ok = false,
                   .detail = {{"letter", letter.words}, {"problem", words.error().message}}});
    return *write_words(letter, recipient, realm.now(), {});
}

} // namespace

Mail post(Realm& realm, const Recipient& recipient, const Letter& letter, Departure departure) {
    Words words = words_for(realm, recipient, letter);
    Mail mail;
    mail.created_at = realm.now();
    mail.id = new_uuid(realm.random, mail.created_at);
    mail.user_id = recipient.user_id;
    mail.kind = letter.kind;
    mail.to = recipient.address;
    mail.name = one_line(recipient.name);
    mail.subject = std::move(words.subject);
    mail.body = std::move(words.text);
    mail.html = std::move(words.html);
    mail.code = letter.code;
    mail.link = letter.link;
    if (letter.life)
        mail.expires_at = mail.created_at + *letter.life;
    outbox_table::insert(realm.database, {mail, seal_mail(realm, mail)});
    realm.posted->push_back({mail.id, departure});
    return mail;
}

std::string_view to_name(MailState state) {
    switch (state) {
    case MailState::kept:
        return "kept";
    case MailState::sent:
        return "sent";
    case MailState::failed:
        return "failed";
    }
    return {};
}

void unpost(Realm& realm, const Mail& mail) {
    outbox_table::remove(realm.database, mail.id);
}

std::vector<Mail> list_mail(Realm& realm, const MailFilter& filter) {
    std::vector<Mail> mails;
    for (auto& row : outbox_table::list(realm.database, filter)) {
        auto mail = try_open_mail(realm, row);
        if (!mail)
            row.outside.error = unreadable;
        mails.push_back(mail ? *std::move(mail) : std::move(row.outside));
    }
    return mails;
}

std::optional<Mail> latest_mail(Realm& realm, MailFilter filter) {
    filter.limit = 1;
    const auto rows = outbox_table::list(realm.database, filter);
    return rows.empty() ? std::nullopt : std::optional(open_mail(realm, rows.front()));
}

std::optional<Mail> find_mail(Realm& realm, std::string_view id) {
    const auto row = outbox_table::find(realm.database, id);
    return row ? std::optional(open_mail(realm, *row)) : std::nullopt;
}

std::int64_t purge_mail(Realm& realm, const MailPurge& purge) {
    const std::int64_t removed = outbox_table::remove(realm.database, purge, realm.now());
    if (removed > 0)
        record(realm, {"outbox_purged", "", true, {{"mails", removed}}});
    return removed;
}

} // namespace auth
