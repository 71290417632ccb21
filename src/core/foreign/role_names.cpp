#include "core/foreign/role_names.h"

#include "core/base/ids.h"
#include "core/base/text.h"

#include <algorithm>

namespace auth {
namespace {

class RoleNames final : public UserReader {
  public:
    RoleNames(std::unique_ptr<UserReader> reader, Renames names, bool foreign)
        : reader_(std::move(reader)), names_(std::move(names)), foreign_(foreign) {}

    Result<bool> next(UserRecord& record) override {
        auto more = reader_->next(record);
        if (!more || !*more || !record.roles)
            return more;
        std::vector<std::string> ours;
        for (const std::string& theirs : *record.roles)
            if (std::string name = ours_of(theirs); std::ranges::find(ours, name) == ours.end())
                ours.push_back(std::move(name));
        record.roles = std::move(ours);
        return more;
    }

  private:
    [[nodiscard]] std::string ours_of(const std::string& theirs) const {
        if (const auto renamed = names_.find(theirs); renamed != names_.end())
            return renamed->second;
        std::string name = theirs;
        if (foreign_) {
            name = lower_ascii(theirs);
            std::ranges::replace(name, ' ', '-');
        }
        return RoleName::parse(name) ? name : theirs;
    }

    std::unique_ptr<UserReader> reader_;
    Renames names_;
    bool foreign_;
};

} // namespace

std::unique_ptr<UserReader> with_role_names(std::unique_ptr<UserReader> reader, Renames names,
                                            bool foreign) {
    if (names.empty() && !foreign)
        return reader;
    return std::make_unique<RoleNames>(std::move(reader), std::move(names), foreign);
}

} // namespace auth
