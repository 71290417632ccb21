#include "core/mail/smtp_dialogue.h"

#include "core/base/text.h"

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t most_kept = 16384;
constexpr std::size_t most_shown = 2000;
constexpr std::size_t code_digits = 3;

bool has_code(std::string_view line) {
    return line.size() >= code_digits &&
           std::all_of(line.begin(), line.begin() + code_digits, is_digit) &&
           (line.size() == code_digits || line[code_digits] == ' ' || line[code_digits] == '-');
}

std::string_view text_of(std::string_view line) {
    if (!has_code(line))
        return trimmed(line, white_space);
    return trimmed(line.substr(std::min(code_digits + 1, line.size())), white_space);
}

// "5.7.9" at the beginning (RFC 3463 section 2), or nothing.
std::string_view enhanced_code(std::string_view text) {
    const std::string_view word = text.substr(0, text.find(' '));
    const bool good =
        std::count(word.begin(), word.end(), '.') == 2 && is_digit(word.front()) &&
        std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.'; });
    return good ? word : std::string_view();
}

void append_word(std::string& out, std::string_view word) {
    if (!word.empty())
        out.append(out.empty() ? "" : " ").append(word);
}

std::string shortened(std::string text) {
    if (text.size() <= most_shown)
        return text;
    std::size_t end = most_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end) + "…";
}

std::string first_word(std::string_view line) {
    return lower_ascii(line.substr(0, line.find_first_of(" =\r\n")));
}

} // namespace

void SmtpDialogue::sent(std::string_view line) {
    const std::string verb = first_word(line);
    greeting_ = verb == "ehlo";
    if (greeting_)
        offered_.clear();
    tried_login_ = tried_login_ || verb == "auth";
}

void SmtpDialogue::received(std::string_view line) {
    line = line.substr(0, line.find_last_not_of("\r\n") + 1);
    if (whole_) {
        lines_.clear();
        kept_ = 0;
    }
    const bool first = lines_.empty();
    // A line without a code goes on with the reply that has begun.
    whole_ = has_code(line) ? line.size() == code_digits || line[code_digits] == ' ' : first;
    replies_ += whole_ ? 1 : 0;
    kept_ += line.size() + 1;
    if (!first && kept_ > most_kept)
        return;
    lines_.emplace_back(line.substr(0, most_kept));
    if (greeting_ && !first)
        offered_.emplace_back(text_of(lines_.back()));
}

int SmtpDialogue::code() const {
    if (lines_.empty() || !has_code(lines_.front()))
        return 0;
    return static_cast<int>(parse_integer(lines_.front().substr(0, code_digits)).value_or(0));
}

std::string SmtpDialogue::reply() const {
    if (lines_.empty())
        return {};
    const std::string_view status = enhanced_code(text_of(lines_.front()));
    std::string out;
    if (has_code(lines_.front()))
        out = lines_.front().substr(0, code_digits);
    append_word(out, status);
    for (const std::string& line : lines_) {
        std::string_view text = text_of(line);
        if (!status.empty() && enhanced_code(text) == status)
            text = trimmed(text.substr(status.size()), white_space);
        append_word(out, text);
    }
    return printable(shortened(std::move(out)));
}

std::string_view SmtpDialogue::first_text() const {
    return lines_.empty() ? std::string_view() : text_of(lines_.front());
}

bool SmtpDialogue::offers(std::string_view extension) const {
    return std::any_of(offered_.begin(), offered_.end(), [&](const std::string& line) {
        return first_word(line) == lower_ascii(extension);
    });
}

std::vector<std::string> SmtpDialogue::mechanisms() const {
    std::vector<std::string> out;
    for (const std::string& line : offered_) {
        if (first_word(line) != "auth")
            continue;
        // Some servers also write "AUTH=LOGIN PLAIN", as drafts of the extension had it.
        for (std::string& word : split(line.substr(std::min<std::size_t>(5, line.size())), ' '))
            if (!word.empty() && std::find(out.begin(), out.end(), word) == out.end())
                out.push_back(std::move(word));
    }
    return out;
}

bool SmtpDialogue::offers_login(std::string_view mechanism) const {
    const auto offered = mechanisms();
    return std::any_of(offered.begin(), offered.end(), [&](const std::string& one) {
        return lower_ascii(one) == lower_ascii(mechanism);
    });
}

} // namespace auth
