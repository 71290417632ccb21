// LDIF (RFC 2849), read entry by entry.
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/formats/foreign_readers.h"
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
                                       "pwdaccountlockedtime",
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

struct Entry {
    std::int64_t line = 0;
    std::map<std::string, std::vector<std::string>, std::less<>> values;
    std::size_t bytes = 0; // of all that may be wanted
    std::optional<Error> error;

    [[nodiscard]] std::string first(std::string_view name) const {
        const auto found = values.find(name);
        return found == values.end() ? "" : found->second.front();
    }
};

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
    return !name.empty() &&
           std::find(std::begin(wanted), std::end(wanted), name) == std::end(wanted);
}

// "NAME: TEXT", "NAME:: BASE64" or "NAME:< URL", unfolded.
Status add_line(Entry& entry, std::string_view text) {
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
    if (kind == '<' || passes_over(text))
        return {};
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
    Result<bool> next(Entry& entry) {
        entry = Entry();
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
    void begin_line(Entry& entry, const Line& line) {
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
    void end_line(Entry& entry) {
        const std::string text = std::exchange(unfolded_, {});
        const bool too_long = std::exchange(too_long_, false);
        if (entry.error || (too_long && passes_over(text)))
            return;
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

// "20260131090500Z" (RFC 4517, generalized time), with or without a fraction.
std::optional<Time> generalized_time(std::string_view text) {
    constexpr std::size_t to_seconds = 14;
    if (text.size() <= to_seconds || !text.ends_with('Z'))
        return std::nullopt;
    const auto time = parse_rfc3339(fmt::format(
        "{}-{}-{}T{}:{}:{}{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
        text.substr(8, 2), text.substr(10, 2), text.substr(12, 2), text.substr(to_seconds)));
    return time ? std::optional(*time) : std::nullopt;
}

void gather_password(const Entry& entry, UserRecord& record) {
    const auto found = entry.values.find("userpassword");
    const std::string_view value =
        found == entry.values.end() ? std::string_view() : found->second.front();
    // RFC 2307's "{SCHEME}…"; without one, or as {CLEARTEXT}, it is the password itself.
    if (value.starts_with("{CLEARTEXT}"))
        record.password.emplace(value.substr(11));
    else if (value.starts_with('{') || value.starts_with('$'))
        record.password_hash = value;
    else if (!value.empty())
        record.password.emplace(value);
}

void gather_entry(const Entry& entry, ForeignUser& user) {
    UserRecord& record = user.record();
    record.email = entry.first("mail");
    user.set_username(entry.first("uid"));
    const std::string shown = entry.first("displayname");
    user.set_name(shown.empty() ? entry.first("cn") : shown, entry.first("givenname"),
                  entry.first("sn"));
    if (const std::string phone = entry.first("telephonenumber"); !phone.empty())
        record.phone = phone;
    if (const std::string lines = entry.first("postaladdress"); !lines.empty())
        record.address = fmt::format("{}", fmt::join(split(lines, '$'), ", ")); // RFC 4517
    if (const std::string id = entry.first("entryuuid"); !id.empty())
        record.id = id;
    for (const std::string_view name : kept_as_attributes)
        user.add_attribute(name, entry.first(name));
    if (!entry.first("pwdaccountlockedtime").empty()) {
        record.disabled = true;
        record.disabled_reason = "locked";
    }
    record.created_at = generalized_time(entry.first("createtimestamp"));
    record.updated_at = generalized_time(entry.first("modifytimestamp"));
    gather_password(entry, record);
}

class LdifReader : public UserReader {
  public:
    LdifReader(ByteSource source, std::string domain)
        : entries_(std::move(source)), domain_(std::move(domain)) {}

    Result<bool> next(UserRecord& record) override {
        for (Entry entry;;) {
            AUTH_TRY(const bool more, entries_.next(entry));
            if (!more)
                return false;
            record = UserRecord();
            record.line = entry.line;
            const bool person = !entry.first("mail").empty() || !entry.first("uid").empty() ||
                                !entry.first("userpassword").empty();
            if (!person && !entry.error)
                continue;
            ForeignUser user(record);
            gather_entry(entry, user);
            for (std::string& password : entry.values["userpassword"])
                wipe(password);
            Status status = check(entry);
            if (status)
                status = user.finish(domain_);
            if (!status)
                mark_failed(record, std::move(status).error());
            return true;
        }
    }

  private:
    static Status check(const Entry& entry) {
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
};

} // namespace

Result<std::unique_ptr<UserReader>> open_ldif(ByteSource source, std::string domain) {
    return std::make_unique<LdifReader>(std::move(source), std::move(domain));
}

} // namespace auth
