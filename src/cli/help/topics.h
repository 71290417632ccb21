// What the help says beyond commands. The manual has the same texts as pages of their own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct Topic {
    std::string_view name; // "exit-codes", whose page is auth-cli-exit-codes
    int section = 7;       // of the manual
    std::string_view title;
    std::string text; // in the Markdown that prose_text reads, with its tables filled in
};

[[nodiscard]] const std::vector<Topic>& topics();
// Nothing where there is none.
[[nodiscard]] const Topic* find_topic(std::string_view name);

} // namespace auth
