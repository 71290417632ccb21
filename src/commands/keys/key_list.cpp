#include "cli/output/document.h"
#include "commands/keys/key_view.h"
#include "commands/registry.h"
#include "core/keys/signing_keys_table.h"

namespace auth {
namespace {

Result<Reply> run(World& world) {
    AUTH_TRY(auto& realm, world.realm());
    const Snapshot snapshot(realm.database);
    std::vector<Json> records;
    for (const KeyRecord& key : signing_keys_table::list(realm.database))
        records.push_back(key_record(realm, key));
    return list_reply("auth-cli.keys/1", "keys",
                      {{"KID", "kid"},
                       {"ALG", "algorithm"},
                       {"STATE", "state"},
                       {"SIGNS", "signs"},
                       {"SIGNS FROM", "signs_from"},
                       {"VERIFIES UNTIL", "verifies_until"},
                       {"ISSUER", "issuer"}},
                      std::move(records));
}

Action bind(Flags&) {
    return run;
}

} // namespace

const Command key_list_command{
    .path = "key list",
    .group = "Keys",
    .summary = "List the keys of access tokens, newest first",
    .examples = "auth-cli key list",
    .bind = bind,
    .fields = fields::key,
};

} // namespace auth
