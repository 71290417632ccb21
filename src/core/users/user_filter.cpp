#include "core/users/user_filter.h"

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/users/user.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::size_t most_bytes = 4096;
constexpr int deepest = 32;

constexpr FilterField of_profile(const ProfileField& field) {
    return {field.name, FilterKind::text};
}

constexpr auto fields =
    joined(std::to_array<FilterField>({{"id", FilterKind::text}, {"email", FilterKind::text}}),
           each_of(profile_fields, of_profile),
           std::to_array<FilterField>({
               {"disabled_reason", FilterKind::text},
               {"verified", FilterKind::boolean},
               {"disabled", FilterKind::boolean},
               {"must_change_password", FilterKind::boolean},
               {"password", FilterKind::boolean},
               {"role", FilterKind::role},
               {"hash", FilterKind::hash},
               {"created_at", FilterKind::time},
               {"updated_at", FilterKind::time},
               {"last_login_at", FilterKind::time},
               {"verified_at", FilterKind::time},
               {"disabled_at", FilterKind::time},
           }));
constexpr FilterField attribute_field{"attributes", FilterKind::attribute};
constexpr std::string_view attribute_prefix = "attributes.";

const FilterField* find_field(std::string_view name) {
    if (name.starts_with(attribute_prefix) &&
        is_attribute_name(name.substr(attribute_prefix.size())))
        return &attribute_field;
    for (const FilterField& field : fields)
        if (field.name == name ||
            (field.name.ends_with("_at") && name != "verified" && name != "disabled" &&
             field.name.substr(0, field.name.size() - 3) == name))
            return &field;
    return nullptr;
}

struct Token {
    enum class Kind { end, word, quoted, comparison, open, close };
    Kind kind = Kind::end;
    std::string text;
    std::size_t at = 0; // in bytes from the start
};

tl::unexpected<Error> wrong(std::size_t at, const std::string& what) {
    return fail(error(ErrorCode::usage, fmt::format("--where, character {}: {}", at + 1, what))
                    .with_field("where")
                    .with_hint(NextStep{"list", {"--where", "verified=false and created<-30d"}}));
}

class Parser {
  public:
    Parser(std::string_view text, Time now) : text_(text), now_(now) {}

    Result<UserFilter> parse() {
        AUTH_CHECK(advance());
        AUTH_TRY(UserFilter filter, expression(0));
        if (token_.kind != Token::Kind::end)
            return wrong(token_.at, fmt::format("did not expect {}", in_quotes(token_.text)));
        return filter;
    }

  private:
    Result<UserFilter> expression(int depth) {
        return chain("or", UserFilter::Node::any, depth, &Parser::term);
    }
    Result<UserFilter> term(int depth) {
        return chain("and", UserFilter::Node::all, depth, &Parser::factor);
    }

    Result<UserFilter> chain(std::string_view word, UserFilter::Node node, int depth,
                             Result<UserFilter> (Parser::*part)(int)) {
        AUTH_TRY(UserFilter first, (this->*part)(depth));
        if (!is_word(word))
            return first;
        UserFilter filter;
        filter.node = node;
        filter.parts.push_back(std::move(first));
        while (is_word(word)) {
            AUTH_CHECK(advance());
            AUTH_TRY(UserFilter next, (this->*part)(depth));
            filter.parts.push_back(std::move(next));
        }
        return filter;
    }

    Result<UserFilter> factor(int depth) {
        if (depth > deepest)
            return wrong(token_.at, fmt::format("nested more than {} deep", deepest));
        if (is_word("not")) {
            AUTH_CHECK(advance());
            AUTH_TRY(UserFilter inner, factor(depth + 1));
            UserFilter filter;
            filter.node = UserFilter::Node::none;
            filter.parts.push_back(std::move(inner));
            return filter;
        }
        if (token_.kind == Token::Kind::open) {
            AUTH_CHECK(advance());
            AUTH_TRY(UserFilter inner, expression(depth + 1));
            if (token_.kind != Token::Kind::close)
                return wrong(token_.at, "expected ')'");
            AUTH_CHECK(advance());
            return inner;
        }
        return comparison();
    }

    Result<UserFilter> comparison() {
        if (token_.kind != Token::Kind::word)
            return wrong(token_.at, "expected a field");
        UserFilter filter;
        filter.node = UserFilter::Node::compare;
        filter.field = find_field(token_.text);
        if (filter.field == nullptr)
            return fail(unknown_field());
        if (filter.field->kind == FilterKind::attribute)
            filter.key = token_.text.substr(attribute_prefix.size());
        const Token field = token_;
        AUTH_CHECK(advance());
        if (token_.kind != Token::Kind::comparison) {
            if (filter.field->kind != FilterKind::boolean)
                return wrong(token_.at, fmt::format("expected an operator such as = or != after {}",
                                                    in_quotes(field.text)));
            filter.value = true;
            return filter;
        }
        filter.comparison = comparison_of(token_.text);
        AUTH_CHECK(advance());
        if (token_.kind != Token::Kind::word && token_.kind != Token::Kind::quoted)
            return wrong(token_.at, fmt::format("expected a value for {}", in_quotes(field.text)));
        if (token_.kind == Token::Kind::word && token_.text.front() == '=')
            return wrong(token_.at, "use a single '=' (quote a value that starts with '=')");
        AUTH_CHECK(set_value(filter));
        AUTH_CHECK(advance());
        return filter;
    }

    Status set_value(UserFilter& filter) const {
        const FilterKind kind = filter.field->kind;
        const bool ordered =
            filter.comparison != Comparison::equal && filter.comparison != Comparison::unequal;
        if (ordered && kind != FilterKind::time)
            return wrong(token_.at,
                         fmt::format("{} is only compared by = and !=", filter.field->name));
        if (token_.kind == Token::Kind::word && token_.text == "null" &&
            kind != FilterKind::boolean) {
            if (ordered || kind == FilterKind::role)
                return wrong(token_.at, "null goes with = and !=, of what may be unset");
            filter.value = Unset{};
            return {};
        }
        switch (kind) {
        case FilterKind::boolean:
            if (token_.text != "true" && token_.text != "false")
                return wrong(token_.at, fmt::format("{} is true or false", filter.field->name));
            filter.value = token_.text == "true";
            return {};
        case FilterKind::time:
            if (const auto time = parse_time(token_.text, now_); time)
                filter.value = *time;
            else
                return wrong(token_.at, time.error().message);
            return {};
        case FilterKind::role:
            if (const auto role = RoleName::parse(token_.text); !role)
                return wrong(token_.at, role.error().message);
            break;
        case FilterKind::hash:
            if (token_.text != "weak" && token_.text != "fair" && token_.text != "strong")
                return wrong(token_.at, "hash is weak, fair or strong");
            break;
        case FilterKind::text:
        case FilterKind::attribute:
            break;
        }
        filter.value = pattern(*filter.field);
        return {};
    }

    // An address without stars is compared as it is kept.
    TextPattern pattern(const FilterField& field) const {
        if (field.name == "email" && token_.text.find('*') == std::string::npos)
            if (const auto email = Email::parse(token_.text, Email::Dots::odd))
                return {{email->canonical()}};
        TextPattern out{{""}};
        for (const char c : lower_ascii(token_.text)) {
            if (c == '*')
                out.pieces.emplace_back();
            else
                out.pieces.back() += c;
        }
        return out;
    }

    static Comparison comparison_of(std::string_view text) {
        if (text == "=")
            return Comparison::equal;
        if (text == "!=")
            return Comparison::unequal;
        if (text.front() == '<')
            return text.size() == 1 ? Comparison::less : Comparison::at_most;
        return text.size() == 1 ? Comparison::greater : Comparison::at_least;
    }

    [[nodiscard]] Error unknown_field() const {
        std::vector<std::string> names;
        for (const FilterField& field : fields)
            names.emplace_back(field.name);
        names.push_back(fmt::format("{}NAME", attribute_prefix));
        return error(ErrorCode::not_found,
                     fmt::format("users have no field {}", in_quotes(token_.text)))
            .with_field("where")
            .with_hint(
                did_you_mean(token_.text, names, fmt::format("one of {}", fmt::join(names, ", "))));
    }

    [[nodiscard]] bool is_word(std::string_view word) const {
        return token_.kind == Token::Kind::word && token_.text == word;
    }

    // Values may hold anything but what ends a word; so may fields, which are looked up.
    [[nodiscard]] bool ends_word(char c) const {
        const bool after_comparison = token_.kind == Token::Kind::comparison;
        return c == ' ' || c == '\t' || c == '\n' || c == '(' || c == ')' || c == '"' ||
               c == '\'' || (!after_comparison && (c == '=' || c == '!' || c == '<' || c == '>'));
    }

    Status advance() {
        while (at_ < text_.size() &&
               std::string_view(" \t\n").find(text_[at_]) != std::string_view::npos)
            ++at_;
        Token next;
        next.at = at_;
        if (at_ == text_.size()) {
            next.text = "the end";
        } else if (text_[at_] == '(' || text_[at_] == ')') {
            next.kind = text_[at_] == '(' ? Token::Kind::open : Token::Kind::close;
            next.text = text_[at_++];
        } else if (text_[at_] == '"' || text_[at_] == '\'') {
            next.kind = Token::Kind::quoted;
            AUTH_TRY(next.text, take_quoted());
        } else if (!ends_word(text_[at_])) {
            next.kind = Token::Kind::word;
            while (at_ < text_.size() && !ends_word(text_[at_]))
                next.text += text_[at_++];
        } else {
            next.kind = Token::Kind::comparison;
            next.text = text_[at_++];
            if (at_ < text_.size() && text_[at_] == '=' && next.text != "=")
                next.text += text_[at_++];
            if (next.text == "!")
                return wrong(next.at, "expected '!='");
        }
        token_ = std::move(next);
        return {};
    }

    Result<std::string> take_quoted() {
        const std::size_t start = at_;
        const char quote = text_[at_++];
        std::string out;
        for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size())
                ++at_;
            out += text_[at_];
        }
        if (at_ == text_.size())
            return wrong(start, "the quote is not closed");
        ++at_;
        return out;
    }

    std::string_view text_;
    Time now_;
    std::size_t at_ = 0;
    Token token_;
};

} // namespace

std::vector<FilterField> filter_fields() {
    return {fields.begin(), fields.end()};
}

bool asks_for_hashes(const UserFilter& filter) {
    return (filter.field != nullptr && filter.field->kind == FilterKind::hash) ||
           std::ranges::any_of(filter.parts, asks_for_hashes);
}

Result<UserFilter> parse_user_filter(std::string_view text, Time now) {
    if (text.size() > most_bytes)
        return fail(
            error(ErrorCode::usage, fmt::format("--where takes at most {} bytes", most_bytes))
                .with_field("where"));
    if (!valid_utf8(text) || text.find('\0') != std::string_view::npos)
        return fail(error(ErrorCode::usage, "--where is not UTF-8").with_field("where"));
    return Parser(text, now).parse();
}

} // namespace auth
