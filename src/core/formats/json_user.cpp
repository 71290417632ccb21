#include "core/formats/json_user.h"

#include "core/base/broken.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/formats/byte_source.h"
#include "core/formats/json_shape.h"
#include "core/formats/record_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <simdjson.h>

namespace auth {
namespace {

using simdjson::dom::element;

constexpr std::size_t max_depth = 16;
static_assert(InputWindow::padding >= simdjson::SIMDJSON_PADDING);

Status wrong(std::string_view name, std::string_view wanted) {
    return fail(unfit_field(name, wanted));
}

// Wipes the parser's own copy of a string, to which the view points.
void wipe_parsed(std::string_view text) {
    wipe({const_cast<char*>(text.data()), text.size()});
}

Result<std::string> attributes_text(const simdjson::dom::object& object) {
    std::vector<std::string_view> names;
    std::string out = "{";
    for (const auto& [name, value] : object) {
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS)
            return fail(error(ErrorCode::usage,
                              fmt::format("the attribute {} must be text", in_quotes(name)))
                            .with_field("attributes"));
        names.push_back(name);
        if (out.size() > 1)
            out += ',';
        append_json_string(out, name);
        out += ':';
        append_json_string(out, text);
    }
    out += '}';
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end())
        return fail(
            error(ErrorCode::usage, fmt::format("the attribute {} stands twice", in_quotes(*twice)))
                .with_field("attributes"));
    return out;
}

tl::unexpected<Error> wrong_identity(std::string_view name, std::string_view wanted) {
    return fail(
        error(ErrorCode::usage, fmt::format("the {} of an identity must be {}", name, wanted))
            .with_field("identities"));
}

// As a user document tells it: the provider's name counts only where there is no issuer.
Result<IdentityRecord> identity_of(const simdjson::dom::object& members) {
    constexpr std::array<std::string_view, 5> names{"issuer", "subject", "provider", "linked_at",
                                                    "last_login_at"};
    std::array<std::optional<std::string_view>, names.size()> texts;
    std::bitset<names.size()> seen;
    for (const auto& [name, value] : members) {
        const auto index =
            static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
        if (index == names.size() || seen.test(index))
            return fail(error(ErrorCode::usage,
                              index == names.size()
                                  ? fmt::format("an identity has no {}", in_quotes(name))
                                  : fmt::format("the {} of an identity stands twice", name))
                            .with_hint(fmt::format("known: {}", fmt::join(names, ", ")))
                            .with_field("identities"));
        seen.set(index);
        if (std::string_view text; value.get(text) == simdjson::SUCCESS)
            texts[index] = text;
        else if (!value.is_null())
            return wrong_identity(name, "text or null");
    }
    IdentityRecord identity{
        std::string(texts[0].value_or("")), "", std::string(texts[1].value_or("")), {}, {}};
    if (identity.issuer.empty())
        identity.provider = texts[2].value_or("");
    for (const std::size_t i : {std::size_t{3}, std::size_t{4}}) {
        if (!texts[i])
            continue;
        const auto time = parse_rfc3339(*texts[i]);
        if (!time)
            return wrong_identity(names[i], "a time like 2026-01-31T09:05:00Z");
        (i == 3 ? identity.linked_at : identity.last_login_at) = *time;
    }
    return identity;
}

Result<std::vector<IdentityRecord>> identities_of(const element& value) {
    std::vector<IdentityRecord> out;
    simdjson::dom::array list;
    if (value.get(list) != simdjson::SUCCESS)
        return fail(unfit_field("identities", "a list of objects, or null"));
    for (const element one : list) {
        simdjson::dom::object members;
        if (one.get(members) != simdjson::SUCCESS)
            return fail(unfit_field("identities", "a list of objects, or null"));
        AUTH_TRY(out.emplace_back(), identity_of(members));
    }
    return out;
}

// Puts one value where its member belongs.
class Placer {
  public:
    Placer(std::string_view name, const element& value, UserRecord& record)
        : name_(name), value_(value), record_(record) {}

    Status operator()(std::string UserRecord::*place) {
        std::string_view text;
        if (value_.get(text) != simdjson::SUCCESS)
            return wrong(name_, "text");
        record_.*place = text;
        return {};
    }
    Status operator()(std::optional<std::string> UserRecord::*place) {
        std::string_view text;
        if (value_.get(text) != simdjson::SUCCESS)
            return wrong(name_, "text or null");
        (record_.*place).emplace(text);
        return {};
    }
    Status operator()(ObjectText object) {
        simdjson::dom::object members;
        if (value_.get(members) != simdjson::SUCCESS)
            return wrong(name_, "an object of texts, or null");
        AUTH_TRY(record_.*object.place, attributes_text(members));
        return {};
    }
    Status operator()(std::optional<std::vector<std::string>> UserRecord::*place) {
        simdjson::dom::array list;
        if (value_.get(list) != simdjson::SUCCESS)
            return wrong(name_, "a list of texts, or null");
        auto& texts = (record_.*place).emplace();
        for (const element one : list) {
            std::string_view text;
            if (one.get(text) != simdjson::SUCCESS)
                return wrong(name_, "a list of texts, or null");
            texts.emplace_back(text);
        }
        return {};
    }
    Status operator()(std::optional<bool> UserRecord::*place) {
        bool truth = false;
        if (value_.get(truth) != simdjson::SUCCESS)
            return wrong(name_, "true, false or null");
        record_.*place = truth;
        return {};
    }
    Status operator()(std::optional<Secret> UserRecord::*place) {
        std::string_view text;
        if (value_.get(text) != simdjson::SUCCESS)
            return wrong(name_, "text or null");
        (record_.*place).emplace(text);
        wipe_parsed(text);
        return {};
    }
    Status operator()(std::optional<Time> UserRecord::*place) {
        std::string_view text;
        if (value_.get(text) != simdjson::SUCCESS)
            return wrong(name_, "a time like \"2026-01-31T09:05:00Z\", or null");
        const auto time = parse_rfc3339(text);
        if (!time)
            return wrong(name_,
                         fmt::format("a time like 2026-01-31T09:05:00Z, not {}", in_quotes(text)));
        record_.*place = *time;
        return {};
    }
    Status operator()(std::optional<std::vector<IdentityRecord>> UserRecord::*place) {
        AUTH_TRY(record_.*place, identities_of(value_));
        return {};
    }

  private:
    std::string_view name_;
    const element& value_;
    UserRecord& record_;
};

Status place_members(const simdjson::dom::object& user, UserRecord& record) {
    const std::span<const RecordField> fields = record_fields();
    std::bitset<64> seen;
    std::size_t expected = 0;
    for (const auto& [name, value] : user) {
        const std::size_t index = find_field(name, expected);
        if (index == std::string_view::npos) {
            if (!is_read_only_field(name))
                return fail(unknown_field("member", name));
            continue;
        }
        if (seen.test(index))
            return fail(error(ErrorCode::usage, fmt::format("the member '{}' stands twice", name))
                            .with_field(std::string(name)));
        seen.set(index);
        expected = index + 1;
        if (!value.is_null())
            AUTH_CHECK(std::visit(Placer(name, value, record), fields[index].place));
    }
    return check_record(record);
}

std::size_t first_invalid_byte(std::string_view text) {
    // A prefix that ends within a character is not valid, either: look for the longest that is.
    std::size_t good = 0;
    while (good < text.size()) {
        std::size_t size = 1;
        while (size <= 4 && !valid_utf8(text.substr(good, size)))
            ++size;
        if (size > 4)
            break;
        good += size;
    }
    return good;
}

Error unreadable(simdjson::error_code code, std::string_view text) {
    if (code == simdjson::UTF8_ERROR) {
        const auto members = outline_json(text.substr(0, first_invalid_byte(text))).members;
        const std::string name = members.empty() ? "user" : printable(members.back());
        return error(ErrorCode::usage, fmt::format("the {} is not valid UTF-8", name))
            .with_field(name);
    }
    if (code == simdjson::DEPTH_ERROR)
        return error(ErrorCode::usage,
                     fmt::format("the user nests deeper than {} levels", max_depth));
    if (code == simdjson::MEMALLOC)
        out_of_memory();
    return error(ErrorCode::usage,
                 fmt::format("this is not JSON: {}", lower_ascii(simdjson::error_message(code))));
}

} // namespace

struct JsonUserParser::State {
    simdjson::dom::parser parser;

    // The parser would grow by itself, and forget the depth.
    void make_room(std::size_t size) {
        constexpr std::size_t usual = 1U << 14U;
        if (size <= parser.capacity() && parser.capacity() > 0)
            return;
        const std::size_t wanted = size <= usual ? usual : std::max(size, max_record_bytes);
        if (parser.allocate(wanted, max_depth) != simdjson::SUCCESS)
            out_of_memory();
    }
};

JsonUserParser::JsonUserParser() : state_(std::make_unique<State>()) {}

JsonUserParser::~JsonUserParser() = default;

void JsonUserParser::read(std::span<char> text, UserRecord& record) {
    const std::int64_t line = record.line;
    record = UserRecord();
    record.line = line;
    element document;
    state_->make_room(text.size());
    const auto failure = state_->parser.parse(text.data(), text.size(), false).get(document);
    if (failure != simdjson::SUCCESS)
        return mark_failed(record, unreadable(failure, {text.data(), text.size()}));
    simdjson::dom::object user;
    if (document.get(user) != simdjson::SUCCESS)
        return mark_failed(record, error(ErrorCode::usage, "a user must be a JSON object"));
    const Status placed = place_members(user, record);
    if (record.password || record.totp || !placed)
        wipe(text);
    if (placed)
        return;
    for (const char* const secret : {"password", "totp"})
        if (std::string_view held; user[secret].get(held) == simdjson::SUCCESS)
            wipe_parsed(held);
    std::string_view email;
    if (user["email"].get(email) == simdjson::SUCCESS)
        record.email = email;
    mark_failed(record, placed.error());
}

Result<std::string> JsonUserParser::read_attributes(std::string_view text) {
    element document;
    simdjson::dom::object object;
    state_->make_room(text.size());
    if (state_->parser.parse(text.data(), text.size(), true).get(document) != simdjson::SUCCESS ||
        document.get(object) != simdjson::SUCCESS)
        return fail(unfit_field("attributes", "a JSON object of texts"));
    return attributes_text(object);
}

Result<std::vector<IdentityRecord>> JsonUserParser::read_identities(std::string_view text) {
    element document;
    state_->make_room(text.size());
    if (state_->parser.parse(text.data(), text.size(), true).get(document) != simdjson::SUCCESS)
        return fail(unfit_field("identities", "a JSON list of objects"));
    return identities_of(document);
}

} // namespace auth
