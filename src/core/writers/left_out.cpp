#include "core/writers/left_out.h"

#include "core/base/json.h"
#include "core/formats/record_fields.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

// Names that the counts have in common with those of imports.
constexpr std::pair<std::string_view, std::string_view> counted_as[] = {{"password_hash", "hashes"},
                                                                        {"totp", "mfa"}};

// How much of it the user has.
struct Amount {
    const UserRecord& user;

    std::int64_t operator()(std::string UserRecord::*place) const {
        return (user.*place).empty() ? 0 : 1;
    }
    std::int64_t operator()(std::optional<std::string> UserRecord::*place) const {
        return (user.*place).value_or("").empty() ? 0 : 1;
    }
    std::int64_t operator()(ObjectText object) const {
        const std::string text = (user.*object.place).value_or("{}");
        return static_cast<std::int64_t>(Json::parse(text).size());
    }
    template <class Item>
    std::int64_t operator()(std::optional<std::vector<Item>> UserRecord::*place) const {
        return user.*place ? static_cast<std::int64_t>((user.*place)->size()) : 0;
    }
    std::int64_t operator()(std::optional<bool> UserRecord::*place) const {
        return (user.*place).value_or(false) ? 1 : 0;
    }
    std::int64_t operator()(std::optional<Secret> UserRecord::*place) const {
        return user.*place ? 1 : 0;
    }
    std::int64_t operator()(std::optional<Time> UserRecord::* /*place*/) const { return 0; }
};

bool is_ours_alone(std::string_view name) {
    return name == "id" || name == "email" || name == "password_set_by";
}

} // namespace

void leave_out(const UserRecord& user, const std::vector<std::string_view>& kept,
               LeftBehind& left) {
    for (const RecordField& field : record_fields()) {
        if (is_ours_alone(field.name) || std::ranges::find(kept, field.name) != kept.end())
            continue;
        const std::int64_t amount = std::visit(Amount{user}, field.place);
        if (amount == 0)
            continue;
        const auto* other = std::ranges::find(
            counted_as, field.name, &std::pair<std::string_view, std::string_view>::first);
        left[std::string(other != std::end(counted_as) ? other->second : field.name)] += amount;
    }
}

} // namespace auth
