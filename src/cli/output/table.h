// A text table: columns aligned by display width, headed, written page by page.
#pragma once

#include <string>
#include <vector>

namespace auth {

class Table {
  public:
    Table(std::vector<std::string> titles, bool bold_titles);

    // Returns what can be printed by now: nothing, or a page of rows.
    [[nodiscard]] std::string add(std::vector<std::string> row);
    // The rest; nothing where there was no row at all.
    [[nodiscard]] std::string finish();

  private:
    [[nodiscard]] std::string flush();

    std::vector<std::string> titles_;
    bool bold_titles_;
    bool titled_ = false;
    std::vector<std::vector<std::string>> rows_;
    std::vector<std::size_t> widths_;
};

} // namespace auth
