#include "core/mail/templates.h"

#include "core/base/broken.h"
#include "core/base/text.h"
#include "core/mail/template_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace auth {
namespace {

struct Template {
    std::string_view name;
    std::string_view subject;
    std::string_view text;
    std::string_view html;      // what stands in the body
    std::string_view values;    // besides the common ones
    std::string_view essential; // values of which text and html must have one, or ""
};

constexpr std::string_view common_values = "email name time";

constexpr auto built_in = std::to_array<Template>({
    {"verify", "Your verification code",
     "Your verification code is {{code}}.\n\n"
     "It is good for {{life}} and for one use.\n"
     "If you did not sign up, ignore this mail.\n",
     "<p>Your verification code is</p>\n<p class=\"code\">{{code}}</p>\n"
     "<p>It is good for {{life}} and for one use.<br>\n"
     "If you did not sign up, ignore this mail.</p>\n",
     "code life", "code"},
    {"reset", "Your password reset code",
     "Your password reset code is {{code}}.\n\n"
     "It is good for {{life}} and for one use.\n"
     "If you did not ask for it, ignore this mail: your password stays as it is.\n",
     "<p>Your password reset code is</p>\n<p class=\"code\">{{code}}</p>\n"
     "<p>It is good for {{life}} and for one use.<br>\n"
     "If you did not ask for it, ignore this mail: your password stays as it is.</p>\n",
     "code life", "code"},
    {"link", "Your login link",
     "Log in by opening this link:\n\n{{link}}\n\n"
     "It is good for {{life}} and for one use.\n"
     "If you did not ask for it, ignore this mail.\n",
     "<p><a href=\"{{link}}\">Log in</a></p>\n"
     "<p>If that does nothing, copy this link: {{link}}</p>\n"
     "<p>It is good for {{life}} and for one use.<br>\n"
     "If you did not ask for it, ignore this mail.</p>\n",
     "link life", "link"},
    {"link_command", "Your login link",
     "Log in with this command:\n\n    {{command}}\n\n"
     "It is good for {{life}} and for one use.\n"
     "If you did not ask for it, ignore this mail.\n",
     "<p>Log in with this command:</p>\n<pre>{{command}}</pre>\n"
     "<p>It is good for {{life}} and for one use.<br>\n"
     "If you did not ask for it, ignore this mail.</p>\n",
     "link command life", "link command"},
    {"password_changed", "Your password was changed",
     "The password of {{email}} was changed at {{time}}; all earlier sessions have ended.\n\n"
     "If that was not you, reset your password at once, and tell whoever runs this service.\n",
     "<p>The password of {{email}} was changed at {{time}}; all earlier sessions have ended.</p>\n"
     "<p>If that was not you, reset your password at once, and tell whoever runs this"
     " service.</p>\n",
     "", ""},
    {"new_login", "New login to your account",
     "{{email}} logged in at {{time}} from a place not seen before: {{detail}}.\n\n"
     "If that was not you, change your password at once: it ends all other sessions.\n",
     "<p>{{email}} logged in at {{time}} from a place not seen before: {{detail}}.</p>\n"
     "<p>If that was not you, change your password at once: it ends all other sessions.</p>\n",
     "detail", ""},
    {"factor_changed", "Your second factor was changed",
     "At {{time}} the second factor of {{email}} was changed: {{detail}}.\n\n"
     "If that was not you, change your password at once, and tell whoever runs this service.\n",
     "<p>At {{time}} the second factor of {{email}} was changed: {{detail}}.</p>\n"
     "<p>If that was not you, change your password at once, and tell whoever runs this"
     " service.</p>\n",
     "detail", ""},
    {"login_added", "A new way to log in to your account",
     "At {{time}} a way to log in was added to {{email}}: {{detail}}.\n\n"
     "If that was not you, tell whoever runs this service.\n",
     "<p>At {{time}} a way to log in was added to {{email}}: {{detail}}.</p>\n"
     "<p>If that was not you, tell whoever runs this service.</p>\n",
     "detail", ""},
    {"set_up_dropped", "Your address was verified",
     "At {{time}} {{email}} was verified. Before that, somebody had set up {{detail}} of this "
     "account"
     " without proof of the address. It no longer works, and the sessions from before have "
     "ended.\n\n"
     "To set a new password, reset it.\n",
     "<p>At {{time}} {{email}} was verified. Before that, somebody had set up {{detail}} of this "
     "account"
     " without proof of the address. It no longer works, and the sessions from before have"
     " ended.</p>\n<p>To set a new password, reset it.</p>\n",
     "detail", ""},
    {"test", "A test mail",
     "This mail to {{email}} was sent at {{time}} to see whether mail arrives. It does.\n",
     "<p>This mail to {{email}} was sent at {{time}} to see whether mail arrives. It does.</p>\n",
     "", ""},
});

constexpr std::string_view frame =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<title>{}</title>\n<style>\n"
    "body {{ font-family: sans-serif; line-height: 1.5; max-width: 36em }}\n"
    ".code {{ font-size: 1.75em; font-weight: bold; letter-spacing: 0.1em }}\n"
    "</style>\n</head>\n<body>\n";

const Template& template_of(const Letter& letter) {
    const auto found = std::find_if(built_in.begin(), built_in.end(), [&](const Template& each) {
        return each.name == letter.words;
    });
    if (found == built_in.end())
        bug("no such letter: " + letter.words);
    return *found;
}

using Values = std::vector<std::pair<std::string_view, std::string>>;

Values values_of(const Letter& letter, const Recipient& recipient, Time now) {
    const std::string time = to_rfc3339(now);
    return {{"code", letter.code},
            {"link", letter.link},
            {"command", letter.command},
            {"life", letter.life ? in_words(*letter.life) : ""},
            {"detail", one_line(letter.detail)},
            {"email", recipient.address},
            {"name", one_line(recipient.name.empty() ? recipient.address : recipient.name)},
            {"time", fmt::format("{} {} UTC", time.substr(0, 10), time.substr(11, 5))}};
}

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

// One part of a letter and where it came from.
struct Part {
    std::string text;
    std::string origin; // the file, or the built-in template's name
};

Error bad(const Part& part, std::string_view what) {
    return error(ErrorCode::usage, fmt::format("the template {} {}", in_quotes(part.origin), what))
        .with_field("mail.templates");
}

std::vector<std::string> known_values(const Template& words) {
    auto known = split(words.values, ' ');
    for (std::string& name : split(common_values, ' '))
        known.push_back(std::move(name));
    return known;
}

// Puts the values into the part. `used` collects their names.
Result<std::string> fill(const Part& part, const Template& words, const Values& values, bool html,
                         std::vector<std::string>* used = nullptr) {
    const auto known = known_values(words);
    std::string out;
    std::string_view rest = part.text;
    while (true) {
        const std::size_t open = rest.find("{{");
        out += rest.substr(0, open);
        if (open == std::string_view::npos)
            return out;
        const std::size_t close = rest.find("}}", open);
        if (close == std::string_view::npos)
            return fail(bad(part, "has a {{ without its }}"));
        const std::string name(trimmed(rest.substr(open + 2, close - open - 2)));
        if (std::find(known.begin(), known.end(), name) == known.end())
            return fail(bad(part, fmt::format("names {}, which is none of its values",
                                              in_quotes("{{" + name + "}}")))
                            .with_hint(fmt::format("its values are: {}", fmt::join(known, ", "))));
        const auto value = std::find_if(values.begin(), values.end(),
                                        [&](const auto& each) { return each.first == name; });
        out += html ? escape_html(value->second) : value->second;
        if (used != nullptr)
            used->push_back(name);
        rest.remove_prefix(close + 2);
    }
}

Status check_essential(const Part& part, const Template& words,
                       const std::vector<std::string>& used) {
    const auto any = split(words.essential, ' ');
    if (any.empty() ||
        std::find_first_of(used.begin(), used.end(), any.begin(), any.end()) != used.end())
        return {};
    return fail(bad(part, fmt::format("lacks {{{{{}}}}}", any.front())));
}

// The part as its file has it, or nothing.
Result<std::optional<Part>> own_part(const std::filesystem::path& directory, const Template& words,
                                     std::string_view ending) {
    if (directory.empty())
        return std::nullopt;
    const std::string name = fmt::format("{}.{}", words.name, ending);
    AUTH_TRY(auto text, read_template(directory, name));
    if (!text)
        return std::nullopt;
    return Part{*std::move(text), (directory / name).string()};
}

Result<std::string> write_subject(const Template& words, const Values& values,
                                  const std::filesystem::path& directory) {
    AUTH_TRY(auto own, own_part(directory, words, "subject"));
    Part part = own ? *std::move(own) : Part{std::string(words.subject), std::string(words.name)};
    while (part.text.ends_with('\n') || part.text.ends_with('\r'))
        part.text.pop_back();
    if (part.text.empty() || one_line(part.text) != part.text)
        return fail(bad(part, "must be one line"));
    AUTH_TRY(const std::string subject, fill(part, words, values, false));
    return one_line(subject);
}

Result<std::string> write_body(const Part& part, const Template& words, const Values& values,
                               bool html) {
    std::vector<std::string> used;
    AUTH_TRY(std::string out, fill(part, words, values, html, &used));
    AUTH_CHECK(check_essential(part, words, used));
    return out;
}

std::string built_in_html(const Template& words, const Values& values, std::string_view subject) {
    const Part part{std::string(words.html), std::string(words.name)};
    return fmt::format("{}{}</body>\n</html>\n", fmt::format(frame, escape_html(subject)),
                       *write_body(part, words, values, true));
}

} // namespace

Result<Words> write_words(const Letter& letter, const Recipient& recipient, Time now,
                          const std::filesystem::path& directory) {
    const Template& words = template_of(letter);
    const Values values = values_of(letter, recipient, now);
    Words out;
    AUTH_TRY(out.subject, write_subject(words, values, directory));
    AUTH_TRY(const auto text, own_part(directory, words, "txt"));
    AUTH_TRY(const auto html, own_part(directory, words, "html"));
    const Part plain{std::string(words.text), std::string(words.name)};
    AUTH_TRY(out.text, write_body(text.value_or(plain), words, values, false));
    if (html) {
        AUTH_TRY(out.html, write_body(*html, words, values, true));
    } else if (!text) {
        out.html = built_in_html(words, values, out.subject);
    }
    return out;
}

Status check_templates(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    for (const Template& words : built_in) {
        for (const char* ending : {"subject", "txt", "html"})
            names.push_back(fmt::format("{}.{}", words.name, ending));
        AUTH_CHECK(write_words({"", std::string(words.name)}, {}, Time{}, directory));
    }
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(directory, problem)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.') || name.ends_with('~') ||
            std::find(names.begin(), names.end(), name) != names.end())
            continue;
        return fail(error(ErrorCode::usage, fmt::format("no letter uses the template {}",
                                                        in_quotes(entry.path().string())))
                        .with_field("mail.templates")
                        .with_hint(did_you_mean(name, names, "rename or remove it")));
    }
    if (problem)
        return fail(
            error(ErrorCode::usage, fmt::format("cannot read the directory {}: {}",
                                                in_quotes(directory.string()), problem.message()))
                .with_field("mail.templates"));
    return {};
}

} // namespace auth
