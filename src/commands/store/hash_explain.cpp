#include "cli/input/ask.h"
#include "cli/input/one_argument.h"
#include "cli/next_step.h"
#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/store/measure.h"
#include "core/accounts/credentials.h"
#include "core/passwords/forms.h"

#include <fmt/format.h>

namespace auth {
namespace {

Result<std::string> read_hash(World& world, const std::string& typed) {
    const auto revealed = [](const Secret& text) { return std::string(text.reveal()); };
    if (typed == "-")
        return read_secret_stdin(world, "password hash").map(revealed);
    if (!typed.empty())
        return typed;
    if (!world.interactive())
        return fail(error(ErrorCode::input_required, "no password hash was given")
                        .with_field("password_hash")
                        .with_hint(fmt::format(
                            "give it on stdin: {} < FILE",
                            as_typed({"hash explain", {"-"}}, given_flags(world.settings)))));
    return world.terminal().ask("Password hash: ");
}

// What the database at hand makes of a hash; all null where there is none.
Result<Json> verdict(World& world, const std::string& hash) {
    Json out = {{"accepted", nullptr}, {"reason", nullptr}, {"rehash", nullptr}};
    AUTH_TRY(const Realm* const realm, world.realm_if_any());
    if (realm == nullptr)
        return out;
    const auto accepted = accept_hash(hash, realm->test);
    out["accepted"] = accepted.has_value();
    if (!accepted)
        out["reason"] = accepted.error().reason;
    else
        out["rehash"] = needs_rehash(accepted->stored, password_cost(*realm));
    return out;
}

std::string text_of(const Json& document) {
    const auto text = [&](const char* member) { return document.at(member).get<std::string>(); };
    Lines lines{{"scheme", text("scheme")},
                {"cost", text("cost")},
                {"strength", text("strength")},
                {"time here", fmt::format("{} ms", document.at("milliseconds").dump())}};
    if (!document.at("accepted").is_null())
        lines.emplace_back("this database", document.at("accepted").get<bool>()
                                                ? "takes it"
                                                : fmt::format("refuses it: {}", text("reason")));
    if (!document.at("rehash").is_null())
        lines.emplace_back("at login", document.at("rehash").get<bool>()
                                           ? "replaced by Argon2id at this database's cost"
                                           : "kept: it is as new ones are");
    return name_value_lines(lines);
}

Result<Reply> run(World& world, const std::string& typed) {
    AUTH_TRY(const std::string hash, read_hash(world, typed));
    AUTH_TRY(const HashInfo info, inspect_hash(hash));
    AUTH_TRY(const Json database, verdict(world, hash));
    const Secret nobodys("a password of nobody at all");
    Reply reply;
    reply.document = {
        {"schema", "auth-cli.hash/1"},
        {"scheme", info.scheme},
        {"cost", info.cost},
        {"strength", to_name(info.strength)},
        {"milliseconds", best_milliseconds([&] { (void)verify_password(nobodys, hash); })}};
    reply.document.update(database);
    reply.text = text_of(reply.document);
    return reply;
}

Action bind(Flags& flags) {
    return bind_optional_argument(flags, "HASH",
                                  "a password hash, or - for stdin; asked for otherwise", run);
}

} // namespace

const Command hash_explain_command{
    .path = "hash explain",
    .group = "Store",
    .summary = "Show what a password hash is, how strong, and how long it takes",
    .examples = "printf '%s' '$1$peersalt$E.MJg8oGzCfSXSAgFG5ff/' | auth-cli hash explain -",
    .bind = bind,
    .fields = fields::hash,
};

} // namespace auth
