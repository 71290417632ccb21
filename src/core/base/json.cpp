#include "core/base/json.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <vector>

namespace auth {
namespace {

constexpr std::size_t roomy = 12; // members that most objects have at most

// Builds the document from the library's events, in place. Its own builder keeps the last of two
// members of one name, and searches the whole object for every name it adds.
class Builder {
  public:
    explicit Builder(int max_depth) : max_depth_(static_cast<std::size_t>(max_depth)) {}

    bool null() { return place(nullptr); }
    bool boolean(bool value) { return place(value); }
    bool number_integer(Json::number_integer_t value) { return place(value); }
    bool number_unsigned(Json::number_unsigned_t value) { return place(value); }
    bool number_float(Json::number_float_t value, const std::string&) { return place(value); }
    bool string(std::string& value) { return place(std::move(value)); }
    bool binary(Json::binary_t&) { return false; }
    bool start_object(std::size_t) { return open(Json::object()); }
    bool start_array(std::size_t) { return open(Json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string& name) {
        if (open_.back().add(name)) {
            name_ = std::move(name);
            return true;
        }
        // A name may be long and is not ours: show the start of it.
        return refuse("duplicate_member", fmt::format("The JSON has the member \"{}\" twice",
                                                      printable(name.substr(0, 40))));
    }

    template <class Exception>
    bool parse_error(std::size_t position, const std::string&, const Exception&) {
        return refuse("malformed", fmt::format("The JSON is malformed at byte {}", position));
    }

    Json& document() { return document_; }
    [[nodiscard]] const Error& error() const { return error_; }

  private:
    // An open object or array. It stays where it is while it is open: its parent does not grow.
    struct Level {
        Json* value;
        std::unordered_set<std::string> names{}; // of an object with more members than `roomy`

        // False where the object has that name already.
        bool add(const std::string& name) {
            const auto& members = value->get_ref<const Json::object_t&>();
            if (members.size() < roomy)
                return std::none_of(members.begin(), members.end(),
                                    [&](const auto& member) { return member.first == name; });
            if (names.empty())
                for (const auto& member : members)
                    names.insert(member.first);
            return names.insert(name).second;
        }
    };

    Json& put(Json value) {
        if (open_.empty())
            return document_ = std::move(value);
        Json& parent = *open_.back().value;
        if (parent.is_array())
            return parent.get_ref<Json::array_t&>().emplace_back(std::move(value));
        return parent.get_ref<Json::object_t&>()
            .emplace_back(std::move(name_), std::move(value))
            .second;
    }

    bool place(Json value) {
        put(std::move(value));
        return true;
    }

    bool open(Json empty) {
        if (open_.size() == max_depth_)
            return refuse("too_deep",
                          fmt::format("The JSON is nested more than {} deep", max_depth_));
        Json& value = put(std::move(empty));
        // A member that the library moves to a larger block is copied, with all it holds.
        if (value.is_object())
            value.get_ref<Json::object_t&>().reserve(roomy);
        open_.push_back({&value});
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    bool refuse(std::string reason, std::string message) {
        error_ = auth::error(ErrorCode::usage, std::move(message)).with_reason(std::move(reason));
        return false;
    }

    std::size_t max_depth_;
    std::vector<Level> open_;
    std::string name_;
    Json document_;
    Error error_;
};

} // namespace

Result<Json> parse_json(std::string_view text, int max_depth) {
    const auto malformed = [](std::string message) {
        return fail(error(ErrorCode::usage, std::move(message)).with_reason("malformed"));
    };
    // The library skips the one and takes the other for the end of the text.
    if (text.starts_with("\xef\xbb\xbf"))
        return malformed("The JSON starts with a byte order mark");
    if (text.find('\0') != std::string_view::npos)
        return malformed("The JSON holds a NUL byte");

    Builder builder(max_depth);
    if (!Json::sax_parse(text, &builder))
        return fail(builder.error());
    return std::move(builder.document());
}

const Json* find_member(const Json& object, std::string_view name) {
    const auto found = object.find(name);
    return found != object.end() ? &*found : nullptr;
}

const std::string* find_text(const Json& object, std::string_view name) {
    const Json* value = find_member(object, name);
    return value != nullptr ? value->get_ptr<const std::string*>() : nullptr;
}

std::string text_member(const Json& object, std::string_view name) {
    const std::string* text = find_text(object, name);
    return text != nullptr ? *text : "";
}

void append_json_string(std::string& out, std::string_view text) {
    const auto plain = [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    };
    out += '"';
    // What needs no escape is copied in one piece.
    for (const char *at = text.data(), *end = at + text.size(); at != end;) {
        const char* special = std::find_if_not(at, end, plain);
        out.append(at, special);
        at = special;
        if (at == end)
            break;
        const char c = *at++;
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\f':
            out += "\\f";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        }
    }
    out += '"';
}

} // namespace auth
