#include "core/users/user_filter_table.h"

#include <fmt/format.h>

namespace auth::user_filter_table {
namespace {

// Placeholders are numbered in the order of their values.
class Writer {
  public:
    Writer(const Dialect& dialect, int first_position) : dialect_(dialect), next_(first_position) {}

    std::string write(const UserFilter& filter) {
        switch (filter.node) {
        case UserFilter::Node::all:
            return join(filter.parts, " AND ", "1 = 1");
        case UserFilter::Node::any:
            return join(filter.parts, " OR ", "1 = 0");
        case UserFilter::Node::none:
            return fmt::format("NOT ({})", write(filter.parts.front()));
        case UserFilter::Node::compare:
            return compare(filter);
        }
        return "1 = 0";
    }

    Condition take(std::string sql) { return {std::move(sql), std::move(values_)}; }

  private:
    std::string join(const std::vector<UserFilter>& parts, std::string_view word,
                     std::string_view none) {
        std::string out;
        for (const UserFilter& part : parts)
            out += fmt::format("{}({})", out.empty() ? "" : word, write(part));
        return out.empty() ? std::string(none) : out;
    }

    template <class Value> std::string place(const Value& value) {
        values_.emplace_back(value);
        return fmt::format("?{}", next_++);
    }

    std::string compare(const UserFilter& filter) {
        const bool negated = filter.comparison == Comparison::unequal;
        const auto either = [&](std::string condition) {
            return negated ? fmt::format("NOT ({})", condition) : condition;
        };
        const std::string column = column_of(filter);
        switch (filter.field->kind) {
        case FilterKind::boolean:
            return either(std::get<bool>(filter.value) ? column : fmt::format("NOT ({})", column));
        case FilterKind::role:
            return either(fmt::format("EXISTS (SELECT 1 FROM user_roles WHERE user_id = users.id"
                                      " AND role = {})",
                                      place(std::get<TextPattern>(filter.value).pieces.front())));
        case FilterKind::hash:
            return either(hash_is(filter.value));
        case FilterKind::time:
        case FilterKind::text:
        case FilterKind::attribute:
            break;
        }
        if (std::holds_alternative<Unset>(filter.value))
            return either(fmt::format("{} IS NULL", column));
        if (const auto* time = std::get_if<Time>(&filter.value))
            return fmt::format("{0} IS NOT NULL AND {0} {1} {2}", column, sign(filter.comparison),
                               place(unix_seconds(*time)));
        return either(fmt::format("{} IS NOT NULL AND {}", column,
                                  match(column, std::get<TextPattern>(filter.value))));
    }

    // passwords has no word for strong hashes.
    std::string hash_is(const decltype(UserFilter::value)& wanted) {
        constexpr std::string_view of_user = "SELECT 1 FROM passwords WHERE user_id = users.id";
        const auto* pattern = std::get_if<TextPattern>(&wanted);
        if (pattern == nullptr)
            return fmt::format("NOT EXISTS ({})", of_user);
        const std::string& strength = pattern->pieces.front();
        return strength == "strong"
                   ? fmt::format("EXISTS ({} AND strength IS NULL)", of_user)
                   : fmt::format("EXISTS ({} AND strength = {})", of_user, place(strength));
    }

    std::string match(const std::string& column, const TextPattern& pattern) {
        if (pattern.pieces.size() == 1)
            return fmt::format("lower({}) = {}", column, place(pattern.pieces.front()));
        std::string like;
        for (const std::string& piece : pattern.pieces) {
            if (&piece != &pattern.pieces.front())
                like += '%';
            for (const char c : piece) {
                if (c == '%' || c == '_' || c == '\\')
                    like += '\\';
                like += c;
            }
        }
        return fmt::format("lower({}) LIKE {} ESCAPE '\\'", column, place(like));
    }

    std::string column_of(const UserFilter& filter) {
        const std::string_view name = filter.field->name;
        if (filter.field->kind == FilterKind::attribute)
            return fmt::format(fmt::runtime(dialect_.json_member), "attributes", place(filter.key));
        if (name == "email" || name == "username")
            return fmt::format("{}_key", name);
        if (name == "verified" || name == "disabled")
            return fmt::format("{}_at IS NOT NULL", name);
        if (name == "must_change_password")
            return "must_change_password = 1";
        if (name == "password")
            return "EXISTS (SELECT 1 FROM passwords WHERE user_id = users.id)";
        return std::string(name);
    }

    static std::string_view sign(Comparison comparison) {
        switch (comparison) {
        case Comparison::equal:
            return "=";
        case Comparison::unequal:
            return "<>";
        case Comparison::less:
            return "<";
        case Comparison::at_most:
            return "<=";
        case Comparison::greater:
            return ">";
        case Comparison::at_least:
            return ">=";
        }
        return "=";
    }

    const Dialect& dialect_;
    int next_;
    std::vector<std::variant<std::int64_t, std::string>> values_;
};

} // namespace

void Condition::bind(Statement& statement, int position) const {
    for (const auto& value : values)
        std::visit([&](const auto& bound) { statement.bind(position++, bound); }, value);
}

Condition condition(Database& database, const UserFilter& filter, int first_position) {
    Writer writer(database.dialect(), first_position);
    return writer.take(writer.write(filter));
}

} // namespace auth::user_filter_table
