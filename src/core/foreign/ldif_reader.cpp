// LDIF (RFC 2849), read entry by entry.
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/foreign/foreign_readers.h"
#include "core/foreign/ldif_entry.h"
#include "core/formats/lines.h"
#include "core/formats/record_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

// What is kept of an entry; photographs and the like are passed over while they are read.
constexpr std::string_view wanted[] = {"dn",
                                       "changetype",
                                       "objectclass",
                                       "samaccountname",
                                       "userprincipalname",
                                       "mail",
                                       "uid",
                                       "cn",
                                       "displayname",
                                       "sn",
                                       "givenname",
                                       "title",
                                       "ou",
                                       "telephonenumber",
                                       "postaladdress",
                                       "o",
                                       "l",
                                       "c",
                                       "entryuuid",
                                       "userpassword",
                                       "description",
                                       "createtimestamp",
                                       "modifytimestamp",
                                       "memberof",
                                       "employeenumber",
                                       "employeetype",
                                       "departmentnumber",
                                       "preferredlanguage"};

// Those that become attributes.
constexpr std::string_view kept_as_attributes[] = {"title",
                                                   "ou",
                                                   "o",
                                                   "l",
                                                   "c",
                                                   "description",
                                                   "employeenumber",
                                                   "employeetype",
                                                   "departmentnumber",
                                                   "preferredlanguage"};

// What directories keep for themselves, and what other attributes say again.
constexpr std::string_view bookkeeping[] = {
    "structuralobjectclass",
    "entrycsn",
    "entrydn",
    "entryid",
    "parentid",
    "parententryuuid",
    "creatorsname",
    "modifiersname",
    "subschemasubentry",
    "hassubordinates",
    "numsubordinates",
    "nsuniqueid",
    "contextcsn",
    "pwdchangedtime",
    "pwdhistory",
    "pwdfailuretime",
    "pwdgraceusetime",
    "passwordhistory",
    "instancetype",
    "whencreated",
    "whenchanged",
    "usncreated",
    "usnchanged",
    "objectguid",
    "objectsid",
    "samaccounttype",
    "objectcategory",
    "distinguishedname",
    "dscorepropagationdata",
    "badpwdcount",
    "badpasswordtime",
    "codepage",
    "countrycode",
    "lastlogon",
    "lastlogoff",
    "lastlogontimestamp",
    "logoncount",
    "primarygroupid",
    "name",
    "shadowmin",
    "shadowwarning",
    "shadowflag",
    "sambasid",
    "sambapwdcanchange",
    "sambapwdmustchange",
    "passwordretrycount",
    "retrycountresettime",
};

template <std::size_t size>
bool is_one_of(const std::string_view (&names)[size], std::string_view name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

tl::unexpected<Error> malformed(std::string message) {
    return fail(error(ErrorCode::usage, std::move(message)));
}

// The name of a line's attribute, without options like ";lang-en"; "" for a line that has none.
std::string name_of(std::string_view line) {
    const std::size_t colon = line.find(':');
    return colon == std::string_view::npos
               ? ""
               : lower_ascii(line.substr(0, std::min(line.find(';'), colon)));
}

bool passes_over(std::string_view line) {
    const std::string name = name_of(line);
    return !name.empty() && !is_one_of(wanted, name) && !is_mark(name);
}

void count_passed_over(LdifEntry& entry, std::string_view line) {
    if (!is_one_of(bookkeeping, name_of(line)))
        ++entry.passed_over[std::string(line.substr(0, line.find_first_of(":;")))];
}

// "NAME: TEXT", "NAME:: BASE64" or "NAME:< URL", unfolded.
Status add_line(LdifEntry& entry, std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return malformed(
            fmt::format("the line {} is not NAME: VALUE", in_quotes(text.substr(0, 20))));
    const std::string name = name_of(text);
    std::string_view rest = text.substr(colon + 1);
    const char kind = rest.empty() ? '\0' : rest.front();
    if (kind == ':' || kind == '<')
        rest.remove_prefix(1);
    while (rest.starts_with(' '))
        rest.remove_prefix(1);
    if (kind == '<' || passes_over(text)) {
        count_passed_over(entry, text);
        return {};
    }
    std::string value(rest);
    if (kind == ':') {
        auto decoded = from_base64(rest);
        if (!decoded)
            return malformed(fmt::format("the {} is not base 64", name));
        value = *std::move(decoded);
    }
    if (!valid_utf8(value))
        return malformed(fmt::format("the {} is not valid UTF-8", name));
    entry.values[name].push_back(std::move(value));
    return {};
}

// Entries stand between blank lines; a line that begins with a space continues the one before.
class Entries {
  public:
    explicit Entries(ByteSource source) : lines_(std::move(source)) {}

    // False at the end.
    Result<bool> next(LdifEntry& entry) {
        entry = LdifEntry();
        for (Line line;;) {
            AUTH_TRY(const bool more, lines_.next(line));
            const std::string_view text = line.view();
            const bool blank = more && !line.too_long && text.empty();
            if (more && text.starts_with(' ')) {
                extend(text.substr(1));
                continue;
            }
            end_line(entry);
            if (!more || (blank && entry.line != 0))
                return entry.line != 0;
            if (!blank)
                begin_line(entry, line);
        }
    }

  private:
    void begin_line(LdifEntry& entry, const Line& line) {
        const std::string_view text = line.view();
        // "version: 1" stands before the first entry.
        comment_ = text.starts_with('#') || (entry.line == 0 && text.starts_with("version:"));
        unfolded_ = comment_ ? std::string_view() : text;
        too_long_ = line.too_long;
        if (!comment_ && entry.line == 0)
            entry.line = line.number;
    }
    void extend(std::string_view text) {
        too_long_ = too_long_ || unfolded_.size() + text.size() > max_record_bytes;
        if (!comment_ && !too_long_)
            unfolded_ += text;
    }
    void end_line(LdifEntry& entry) {
        const std::string text = std::exchange(unfolded_, {});
        const bool too_long = std::exchange(too_long_, false);
        if (entry.error)
            return;
        if (too_long && passes_over(text))
            return count_passed_over(entry, text);
        entry.bytes += text.size();
        if (too_long || entry.bytes > max_record_bytes)
            entry.error = record_too_long();
        else if (Status added = text.empty() ? Status() : add_line(entry, text); !added)
            entry.error = std::move(added).error();
    }

    Lines lines_;
    std::string unfolded_;
    bool comment_ = false;
    bool too_long_ = false;
};

void gather_password(const LdifEntry& entry, ForeignUser& user) {
    const auto found = entry.values.find("userpassword");
    if (found == entry.values.end())
        return;
    const std::string_view value = found->second.front();
    user.leave_behind("second_passwords", static_cast<std::int64_t>(found->second.size()) - 1);
    // RFC 2307's "{SCHEME}…"; without one, or as {CLEARTEXT}, it is the password itself.
    constexpr std::string_view in_clear = "{CLEARTEXT}";
    if (value.starts_with(in_clear))
        user.record().password.emplace(value.substr(in_clear.size()));
    else if (value.starts_with('{') || value.starts_with('$'))
        user.set_lockable_hash(value);
    else if (!value.empty())
        user.record().password.emplace(value);
}

// What an entry is, by its classes and attributes.
enum class EntryKind { person, computer, service, other };

EntryKind kind_of(const LdifEntry& entry) {
    std::vector<std::string> classes;
    if (const auto found = entry.values.find("objectclass"); found != entry.values.end())
        for (const std::string& name : found->second)
            classes.push_back(lower_ascii(name));
    const auto is_any = [&](std::initializer_list<std::string_view> names) {
        return std::ranges::any_of(names, [&](std::string_view name) {
            return std::ranges::find(classes, name) != classes.end();
        });
    };
    if (is_any({"computer", "device", "iphost"}))
        return EntryKind::computer;
    if (is_any({"msds-managedserviceaccount", "msds-groupmanagedserviceaccount",
                "applicationprocess"}))
        return EntryKind::service;
    if (is_any({"person", "organizationalperson", "inetorgperson", "user", "account",
                "posixaccount", "mailrecipient"}))
        return EntryKind::person;
    if (is_any({"simplesecurityobject", "organizationalrole"}))
        return entry.first("userpassword").empty() ? EntryKind::other : EntryKind::service;
    const bool has_a_name = !entry.first("mail").empty() || !entry.first("uid").empty() ||
                            !entry.first("userpassword").empty() ||
                            !entry.first("samaccountname").empty();
    return has_a_name && !is_any({"group", "groupofnames", "groupofuniquenames", "posixgroup"})
               ? EntryKind::person
               : EntryKind::other;
}

// Of every attribute one value has a place.
void leave_more_values(const LdifEntry& entry, ForeignUser& user) {
    for (const auto& [name, values] : entry.values)
        if (name != "userpassword" && name != "memberof" && name != "objectclass" && !is_mark(name))
            user.leave_behind(name, static_cast<std::int64_t>(values.size()) - 1);
    for (const auto& [name, count] : entry.passed_over)
        user.leave_behind(name, count);
}

Status gather_entry(const LdifEntry& entry, ForeignUser& user, Time now) {
    UserRecord& record = user.record();
    record.email = entry.first("mail");
    user.set_username(entry.first("uid").empty() ? entry.first("samaccountname")
                                                 : entry.first("uid"));
    // Active Directory fills mail for mailboxes alone.
    if (const std::string principal = entry.first("userprincipalname");
        record.email.empty() && principal.find('@') != std::string::npos)
        record.email = principal;
    if (const auto groups = entry.values.find("memberof"); groups != entry.values.end())
        for (const std::string& dn : groups->second)
            user.add_role(name_in_dn(dn));
    const std::string shown = entry.first("displayname");
    user.set_name(shown.empty() ? entry.first("cn") : shown, entry.first("givenname"),
                  entry.first("sn"));
    if (const std::string phone = entry.first("telephonenumber"); !phone.empty())
        record.phone = phone;
    if (const std::string lines = entry.first("postaladdress"); !lines.empty())
        record.address = address_lines(lines);
    if (const std::string id = entry.first("entryuuid"); !id.empty())
        record.id = id;
    for (const std::string_view name : kept_as_attributes)
        user.add_attribute(name, entry.first(name));
    record.created_at = generalized_time(entry.first("createtimestamp"));
    record.updated_at = generalized_time(entry.first("modifytimestamp"));
    gather_password(entry, user);
    leave_more_values(entry, user);
    return apply_marks(entry, user, now);
}

class LdifReader : public UserReader {
  public:
    LdifReader(ByteSource source, std::string domain, Time now)
        : entries_(std::move(source)), domain_(std::move(domain)), now_(now) {}

    Result<bool> next(UserRecord& record) override {
        for (LdifEntry entry;;) {
            AUTH_TRY(const bool more, entries_.next(entry));
            if (!more)
                return false;
            record = UserRecord();
            record.line = entry.line;
            const EntryKind kind = kind_of(entry);
            if (kind == EntryKind::other && !entry.error)
                continue;
            ForeignUser user(record);
            if (kind != EntryKind::person && !entry.error) {
                record.is_user = false;
                record.email = entry.first("mail");
                user.leave_behind(kind == EntryKind::computer ? "computers" : "service_accounts");
                return true;
            }
            const Status gathered = gather_entry(entry, user, now_);
            for (std::string& password : entry.values["userpassword"])
                wipe(password);
            Status status = check(entry);
            if (status)
                status = gathered;
            if (status)
                status = user.finish(domain_);
            if (!status)
                mark_failed(record, std::move(status).error());
            return true;
        }
    }

  private:
    static Status check(const LdifEntry& entry) {
        if (entry.error)
            return fail(*entry.error);
        if (entry.first("dn").empty())
            return malformed("the entry has no dn");
        const std::string change = entry.first("changetype");
        if (!change.empty() && change != "add")
            return malformed(
                fmt::format("the entry is a change ({}), not a user", in_quotes(change)));
        return {};
    }

    Entries entries_;
    std::string domain_;
    Time now_;
};

} // namespace

Result<std::unique_ptr<UserReader>> open_ldif(ByteSource source, std::string domain, Time now) {
    return std::make_unique<LdifReader>(std::move(source), std::move(domain), now);
}

} // namespace auth
