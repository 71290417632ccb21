#include "core/mail/sealed_mail.h"

#include "core/base/json.h"
#include "core/store/broken_database.h"

#include <nlohmann/json.hpp>

namespace auth {
namespace {

SealedPlace place_of(std::string_view id) {
    return {"outbox", "sealed_mail", id};
}

Mail read(const outbox_table::Row& row, const Secret& text) {
    const Json content = Json::parse(text.reveal());
    Mail mail = row.outside;
    mail.to = content.at("to");
    mail.name = text_member(content, "name"); // the first schema had neither name nor HTML
    mail.subject = content.at("subject");
    mail.body = content.at("body");
    mail.html = text_member(content, "html");
    mail.code = content.at("code");
    mail.link = content.at("link");
    return mail;
}

} // namespace

std::string seal_mail(Realm& realm, const Mail& mail) {
    const Json content = {{"to", mail.to},     {"name", mail.name}, {"subject", mail.subject},
                          {"body", mail.body}, {"html", mail.html}, {"code", mail.code},
                          {"link", mail.link}};
    std::string text = content.dump();
    std::string sealed = realm.vault.seal(place_of(mail.id), text, realm.random);
    wipe(text);
    return sealed;
}

Mail open_mail(const Realm& realm, const outbox_table::Row& row) {
    return read(row, realm.vault.open(place_of(row.outside.id), row.sealed));
}

std::optional<Mail> try_open_mail(const Realm& realm, const outbox_table::Row& row) {
    auto text = realm.vault.unseal(place_of(row.outside.id), row.sealed);
    if (text)
        return read(row, *text);
    if (text.error().code != ErrorCode::database_corrupt)
        broken_database(std::move(text).error());
    return std::nullopt;
}

} // namespace auth
