#include "core/federation/issuer_entry.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

namespace auth {
namespace {

constexpr std::string_view entry_schema = "auth-cli.issuer_keys/1";

std::optional<std::int64_t> number_member(const Json& object, std::string_view name) {
    const Json* found = find_member(object, name);
    if (found == nullptr || !found->is_number_integer())
        return std::nullopt;
    return found->get<std::int64_t>();
}

std::optional<Time> time_member(const Json& object, std::string_view name) {
    const auto seconds = number_member(object, name);
    return seconds ? std::optional(from_unix_seconds(*seconds)) : std::nullopt;
}

Json outage_json(const std::optional<Outage>& outage) {
    if (!outage)
        return nullptr;
    return {{"at", unix_seconds(outage->at)},
            {"reason", outage->reason},
            {"message", outage->message},
            {"passing", outage->passing}};
}

bool read_outage(const Json& value, std::optional<Outage>& outage) {
    if (value.is_null())
        return true;
    const auto at = time_member(value, "at");
    const std::string* reason = find_text(value, "reason");
    const std::string* message = find_text(value, "message");
    const Json* passing = find_member(value, "passing");
    if (!at || reason == nullptr || message == nullptr || passing == nullptr ||
        !passing->is_boolean())
        return false;
    outage = Outage{*at, *reason, *message, passing->get<bool>()};
    return true;
}

Json sought_json(const std::vector<SoughtKey>& sought) {
    Json list = Json::array();
    for (const SoughtKey& key : sought)
        list.push_back({{"kid_hash", key.kid_hash}, {"at", unix_seconds(key.at)}});
    return list;
}

bool read_sought(const Json& list, std::vector<SoughtKey>& sought) {
    if (!list.is_array())
        return false;
    for (const Json& item : list) {
        const auto at = time_member(item, "at");
        const std::string* hash = find_text(item, "kid_hash");
        if (!at || hash == nullptr)
            return false;
        sought.push_back({*hash, *at});
    }
    return true;
}

} // namespace

std::string issuer_entry_text(std::string_view issuer, const IssuerEntry& entry) {
    const Json document = {{"schema", entry_schema},
                           {"issuer", issuer},
                           {"serial", entry.serial},
                           {"keys", entry.keys},
                           {"fetched_at", unix_seconds(entry.fetched_at)},
                           {"fresh_until", unix_seconds(entry.fresh_until)},
                           {"outage", outage_json(entry.outage)},
                           {"sought", sought_json(entry.sought)}};
    return document.dump();
}

std::optional<IssuerEntry> read_issuer_entry(std::string_view text, std::string_view issuer) {
    const auto document = parse_json(text);
    if (!document || text_member(*document, "schema") != entry_schema ||
        text_member(*document, "issuer") != issuer)
        return std::nullopt;
    IssuerEntry entry;
    const auto serial = number_member(*document, "serial");
    const std::string* keys = find_text(*document, "keys");
    const auto fetched_at = time_member(*document, "fetched_at");
    const auto fresh_until = time_member(*document, "fresh_until");
    const Json* outage = find_member(*document, "outage");
    const Json* sought = find_member(*document, "sought");
    if (!serial || keys == nullptr || !fetched_at || !fresh_until || outage == nullptr ||
        !read_outage(*outage, entry.outage) || sought == nullptr ||
        !read_sought(*sought, entry.sought))
        return std::nullopt;
    entry.serial = *serial;
    entry.keys = *keys;
    entry.fetched_at = *fetched_at;
    entry.fresh_until = *fresh_until;
    return entry;
}

} // namespace auth
