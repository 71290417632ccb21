#include "cli/output/delivery.h"
#include "commands/registry.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/mail/letters.h"
#include "core/mail/templates.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
};

// A mail that is nobody's, so it is not kept.
Result<Mail> test_mail(World& world, const Email& to) {
    const std::string directory = world.settings.get(setting<"mail.templates">);
    if (!directory.empty())
        AUTH_CHECK(check_templates(directory));
    Mail mail;
    mail.created_at = world.clock().now();
    mail.id = new_uuid(world.random(), mail.created_at);
    mail.kind = test_letter().kind;
    mail.to = to.canonical();
    AUTH_TRY(const Words words,
             write_words(test_letter(), {"", mail.to}, mail.created_at, directory));
    mail.subject = words.subject;
    mail.body = words.text;
    mail.html = words.html;
    return mail;
}

void record_test(Realm& realm, const Mail& mail, const Status& sent) {
    Transaction transaction(realm.database, Locks::mail(mail.id));
    Json detail = {{"to", mail.to}, {"transport", realm.settings.get(setting<"mail.transport">)}};
    if (!sent)
        detail["reason"] = sent.error().reason;
    record(realm, {"mail_tested", "", sent.has_value(), std::move(detail)});
    transaction.commit();
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const Email to, Email::parse(options.email));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(Mailer* const mailer, require_transport(world));
    AUTH_TRY(const Mail mail, test_mail(world, to));
    if (!world.dry_run) {
        const Status sent = mailer->send(mail);
        record_test(realm, mail, sent);
        AUTH_CHECK(sent);
    }
    const std::string transport = world.settings.get(setting<"mail.transport">);
    Reply reply;
    reply.document = {{"schema", "auth-cli.mail_test/1"},
                      {"to", mail.to},
                      {"transport", transport},
                      {"message_id", mail.id},
                      {"changed", true}};
    reply.note = fmt::format("sent a test mail to {} by {}", printable(mail.to), transport);
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("EMAIL", options->email, "any address");
    flags.takes("EMAIL", ValueKind::text);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command outbox_test_command{
    .path = "outbox test",
    .group = "Mail",
    .summary = "Send a test mail, and say what is wrong where it fails",
    .examples = "auth-cli config set mail.transport file\n"
                "auth-cli outbox test ann@example.org",
    .mutates = true,
    .bind = bind,
    .fields = fields::mail_test,
};

} // namespace auth
