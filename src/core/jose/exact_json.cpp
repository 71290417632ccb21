#include "core/jose/exact_json.h"

#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <vector>

namespace auth {
namespace {

constexpr std::uint64_t number_mark = 'n'; // the subtype of a binary value; JSON text has none

// The length of the number at the start of the text (RFC 8259 section 6), or 0.
std::size_t number_length(std::string_view text) {
    std::size_t at = 0;
    const auto has = [&](std::string_view letters) {
        return at < text.size() && letters.find(text[at]) != std::string_view::npos;
    };
    const auto digits = [&] {
        const std::size_t first = at;
        while (at < text.size() && is_digit(text[at]))
            ++at;
        return at > first;
    };
    if (has("-"))
        ++at;
    if (has("0"))
        ++at;
    else if (!digits())
        return 0;
    if (has(".")) {
        ++at;
        if (!digits())
            return 0;
    }
    if (has("eE")) {
        ++at;
        if (has("+-"))
            ++at;
        if (!digits())
            return 0;
    }
    return at;
}

// A text with 0 in the place of each number, and the numbers in order.
struct WithoutNumbers {
    std::string text{};
    std::vector<std::string_view> numbers{};
};

// What is not a number to the letter stays, for the parser to refuse.
WithoutNumbers without_numbers(std::string_view text) {
    WithoutNumbers out;
    bool quoted = false;
    for (std::size_t at = 0; at < text.size();) {
        const bool number = !quoted && (text[at] == '-' || is_digit(text[at]));
        if (!number) {
            if (text[at] == '"')
                quoted = !quoted;
            const std::size_t count = quoted && text[at] == '\\' ? 2 : 1;
            out.text += text.substr(at, count);
            at += count;
            continue;
        }
        const std::size_t end =
            std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
        const std::string_view run = text.substr(at, end - at);
        const bool whole = number_length(run) == run.size();
        out.text += whole ? "0" : run;
        if (whole)
            out.numbers.push_back(run);
        at = end;
    }
    return out;
}

Json number_from(std::string_view text) {
    auto value = parse_json(text);
    if (value && value->dump() == text)
        return *std::move(value);
    return Json::binary(Json::binary_t::container_type(text.begin(), text.end()), number_mark);
}

void put_back(Json& value, std::vector<std::string_view>::const_iterator& next) {
    if (value.is_number())
        value = number_from(*next++);
    else if (value.is_structured())
        for (Json& element : value)
            put_back(element, next);
}

bool keeps_numbers(const Json& value) {
    if (value.is_structured())
        return std::any_of(value.begin(), value.end(), keeps_numbers);
    return kept_number(value).has_value();
}

std::string dumped(const Json& value, int indent, bool ascii) {
    return value.dump(indent, ' ', ascii, Json::error_handler_t::replace);
}

class ExactWriter {
  public:
    ExactWriter(std::string& out, int indent, bool ascii)
        : out_(out), indent_(indent), ascii_(ascii) {}

    void write(const Json& value, int depth = 0) {
        if (const auto number = kept_number(value))
            out_ += *number;
        else if (!value.is_structured() || value.empty())
            out_ += dumped(value, -1, ascii_);
        else
            write_elements(value, depth + 1);
    }

  private:
    void write_elements(const Json& value, int depth) {
        out_ += value.is_object() ? '{' : '[';
        std::string_view before;
        for (const auto& [name, element] : value.items()) {
            out_ += before;
            before = ",";
            break_line(depth);
            if (value.is_object())
                out_ += dumped(name, -1, ascii_) + (indent_ < 0 ? ":" : ": ");
            write(element, depth);
        }
        break_line(depth - 1);
        out_ += value.is_object() ? '}' : ']';
    }

    void break_line(int depth) {
        if (indent_ >= 0)
            out_.append("\n").append(
                static_cast<std::size_t>(depth) * static_cast<std::size_t>(indent_), ' ');
    }

    std::string& out_;
    int indent_;
    bool ascii_;
};

} // namespace

Result<Json> parse_exact_json(std::string_view text, int max_depth) {
    const auto [bare, numbers] = without_numbers(text);
    auto parsed = parse_json(bare, max_depth);
    if (!parsed) // said of the text as it stands
        return parse_json(text, max_depth);
    auto next = numbers.begin();
    put_back(*parsed, next);
    return parsed;
}

std::optional<std::string_view> kept_number(const Json& value) {
    if (!value.is_binary() || !value.get_binary().has_subtype() ||
        value.get_binary().subtype() != number_mark)
        return std::nullopt;
    const auto& bytes = value.get_binary();
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Json rounded(const Json& value) {
    if (const auto number = kept_number(value)) {
        constexpr double infinite = std::numeric_limits<double>::infinity();
        return parse_json(*number).value_or(Json(number->starts_with('-') ? -infinite : infinite));
    }
    Json out = value;
    if (out.is_structured())
        for (Json& element : out)
            element = rounded(element);
    return out;
}

std::string write_json(const Json& value, int indent, bool ascii) {
    if (!keeps_numbers(value))
        return dumped(value, indent, ascii);
    std::string out;
    ExactWriter(out, indent, ascii).write(value);
    return out;
}

} // namespace auth
