// The commands by their paths. main hands the table in; help, completion and run read it here.
#pragma once

#include "cli/command.h"

#include <span>
#include <string_view>

namespace auth {

class CommandTree {
  public:
    // `table` outlives the tree; its order is that of the help.
    constexpr explicit CommandTree(std::span<const Command* const> table) : table_(table) {}

    [[nodiscard]] auto begin() const { return table_.begin(); }
    [[nodiscard]] auto end() const { return table_.end(); }
    // nullptr where no command has this path.
    [[nodiscard]] const Command* find(std::string_view path) const;
    // Whether commands start with this word and another one: "token", "db".
    [[nodiscard]] bool is_noun(std::string_view word) const;

  private:
    std::span<const Command* const> table_;
};

} // namespace auth
