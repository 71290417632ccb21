// Texts of the repository that the program carries with it, by the names of their files.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace auth {

using EmbeddedTexts = std::vector<std::pair<std::string_view, std::string_view>>;

[[nodiscard]] const EmbeddedTexts& completion_scripts(); // by shell
[[nodiscard]] const EmbeddedTexts& topic_sources();      // man/topics, by name
[[nodiscard]] const EmbeddedTexts& schema_sources();     // schemas, as "auth-cli.user-1"

} // namespace auth
