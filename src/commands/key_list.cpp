#include "commands/key_view.h"
#include "commands/registry.h"
#include "commands/views.h"
#include "core/tokens/signing_keys_table.h"

namespace auth {
namespace {

Result<Reply> run(World& world) {
    Realm& realm = world.realm();
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
                       {"VERIFIES UNTIL", "verifies_until"}},
                      std::move(records));
}

Action bind(Flags&) {
    return run;
}

} // namespace

const Command key_list_command{
    "key list",          "Keys", "List the keys of access tokens, newest first",
    "auth-cli key list", false,  bind,
    fields::key,
};

} // namespace auth
