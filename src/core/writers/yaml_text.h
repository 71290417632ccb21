// Text as a YAML scalar (YAML 1.2 section 7.3).
#pragma once

#include <string>
#include <string_view>

namespace auth {

// Plain where no reader of any version takes it for anything but this text; else in double quotes,
// escaped as JSON does. One text for one value.
void append_yaml_text(std::string& out, std::string_view text);

} // namespace auth
