#include "core/writers/yaml_text.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace auth {
namespace {

// Words that YAML 1.1 or 1.2 reads as something else.
constexpr std::array<std::string_view, 9> words{"y",   "n",    "yes",   "no",  "on",
                                                "off", "true", "false", "null"};

bool is_plain(std::string_view text) {
    if (text.empty() || text.size() > 200 || !is_letter(text.front()) || text.back() == ' ')
        return false;
    const std::string lower = lower_ascii(text);
    return std::ranges::find(words, lower) == words.end() && std::ranges::all_of(text, [](char c) {
               return is_letter_or_digit(c) ||
                      std::string_view("@._+-/ ").find(c) != std::string_view::npos;
           });
}

} // namespace

void append_yaml_text(std::string& out, std::string_view text) {
    if (is_plain(text))
        out += text;
    else
        append_json_string(out, text);
}

} // namespace auth
