#include "cli/output/delivery.h"
#include "cli/output/document.h"
#include "cli/output/exit_code.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/codes/code.h"
#include "core/codes/login_link.h"
#include "core/mail/sending.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::optional<std::int64_t> limit;
};

std::string_view to_name(SendOutcome outcome) {
    switch (outcome) {
    case SendOutcome::sent:
        return "sent";
    case SendOutcome::retried:
        return "retried";
    case SendOutcome::failed:
        return "failed";
    case SendOutcome::dropped:
        return "dropped";
    case SendOutcome::due:
        return "due";
    }
    return {};
}

Json attempt_record(const Attempt& attempt) {
    const Mail& mail = attempt.mail;
    return {{"id", mail.id},
            {"to", or_null(mail.to)},
            {"kind", mail.kind},
            {"result", to_name(attempt.outcome)},
            {"error", or_null(mail.error)},
            {"detail", or_null(attempt.message)},
            {"next_attempt_at", time_or_null(mail.next_attempt_at)}};
}

// How many had each outcome, and how many were left.
Json counts_of(const Batch& batch) {
    Json counts;
    for (const SendOutcome each : {SendOutcome::sent, SendOutcome::retried, SendOutcome::failed,
                                   SendOutcome::dropped, SendOutcome::due})
        counts[std::string(to_name(each))] =
            std::count_if(batch.attempts.begin(), batch.attempts.end(),
                          [&](const Attempt& attempt) { return attempt.outcome == each; });
    counts["left"] = batch.left;
    return counts;
}

std::string note_of(const Json& counts) {
    std::string note;
    for (const auto& [name, count] : counts.items())
        if (count != 0)
            note += fmt::format("{}{} {}", note.empty() ? "" : ", ", count.dump(), name);
    return note.empty() ? "nothing is due" : note;
}

Result<Reply> run(World& world, const Options& options) {
    if (options.limit && *options.limit < 1)
        return fail(error(ErrorCode::usage, "--limit must be at least 1").with_field("limit"));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(Mailer* const mailer, require_transport(world));
    const Batch batch = send_due(realm, *mailer, options.limit.value_or(0), [&](const Mail& mail) {
        return code_is_dead(realm, mail) || link_is_dead(realm, mail);
    });
    std::vector<Json> records;
    for (const Attempt& attempt : batch.attempts)
        records.push_back(attempt_record(attempt));
    const Json counts = counts_of(batch);
    Reply reply = list_reply("auth-cli.sends/1", "mails",
                             {{"TO", "to"},
                              {"KIND", "kind"},
                              {"RESULT", "result"},
                              {"ERROR", "error"},
                              {"DETAIL", "detail"}},
                             std::move(records));
    reply.list->tail = [counts = Json(counts)] { return counts; };
    reply.note = note_of(counts);
    if (counts.at("retried") != 0 || counts.at("failed") != 0 || counts.at("left") != 0)
        reply.exit = exit_code(ErrorCode::partial);
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.option("--limit", options->limit, "N", "at most N mails; default: all that are due");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command outbox_send_command{
    .path = "outbox send",
    .group = "Mail",
    .summary = "Send the mails that are due",
    .examples = "auth-cli config set mail.transport file\n"
                "auth-cli outbox send",
    .mutates = true,
    .bind = bind,
    .fields = fields::sends,
};

} // namespace auth
