#include "core/accounts/totp_secret.h"

#include "core/accounts/recovery_codes_table.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/store/broken_database.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr int recovery_code_count = 10;
constexpr std::size_t recovery_code_bytes = 10;
constexpr std::size_t group = 4;

SealedPlace place_of(std::string_view user_id) {
    return {"totp", "sealed_secret", user_id};
}

Secret in_groups(std::string_view code) {
    Secret out;
    for (std::size_t i = 0; i < code.size(); i += group) {
        if (i > 0)
            out.append("-");
        out.append(code.substr(i, group));
    }
    return out;
}

} // namespace

std::optional<StoredTotp> find_totp(Realm& realm, std::string_view user_id,
                                    totp_table::State state) {
    const auto row = totp_table::find(realm.database, user_id, state);
    return row ? std::optional(open_totp(realm, *row)) : std::nullopt;
}

StoredTotp open_totp(const Realm& realm, const totp_table::Row& row) {
    const auto algorithm = parse_hash_function(row.algorithm);
    if (!algorithm)
        broken_database(error(ErrorCode::database_corrupt, "a row of totp is damaged"));
    return {{realm.vault.open(place_of(row.user_id), row.sealed_secret), *algorithm,
             static_cast<int>(row.digits), row.period},
            row.last_step,
            row.changed_at};
}

void store_totp(Realm& realm, std::string_view user_id, totp_table::State state, const Totp& totp,
                std::int64_t last_step, std::string_view set_by) {
    const auto before = totp_table::find(realm.database, user_id, state);
    totp_table::put(
        realm.database,
        {std::string(user_id), std::string(to_name(totp.algorithm)), totp.digits, totp.period,
         realm.vault.seal(place_of(user_id), totp.secret.reveal(), realm.random), last_step,
         realm.now(), before ? before->held_since : realm.now(), std::string(set_by)},
        state);
}

bool drop_factor(Realm& realm, std::string_view user_id) {
    (void)totp_table::remove(realm.database, user_id, totp_table::State::pending);
    recovery_codes_table::remove_all(realm.database, user_id);
    return totp_table::remove(realm.database, user_id, totp_table::State::confirmed);
}

std::vector<Secret> issue_recovery_codes(Realm& realm, std::string_view user_id,
                                         std::string_view set_by) {
    recovery_codes_table::remove_all(realm.database, user_id);
    std::vector<Secret> codes;
    for (int i = 0; i < recovery_code_count; ++i) {
        const Secret bytes = random_bytes(realm.random, recovery_code_bytes);
        std::string text = lower_ascii(to_base32(bytes.reveal()));
        const Secret code(text);
        wipe(text);
        recovery_codes_table::add(realm.database, user_id, recovery_code_mac(realm, user_id, code),
                                  set_by);
        codes.push_back(in_groups(code.reveal()));
    }
    return codes;
}

std::string recovery_code_mac(const Realm& realm, std::string_view user_id, const Secret& code) {
    std::string text = fmt::format("{}/{}", user_id, code.reveal());
    std::string mac = realm.vault.mac(MacPurpose::recovery_code, text);
    wipe(text);
    return mac;
}

} // namespace auth
