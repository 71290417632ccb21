// Which members of a document were asked for: --field and --fields.
#pragma once

#include "cli/output/output.h"

#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Fails with not_found, suggesting the nearest, where a field asked for is none of the members.
[[nodiscard]] Status check_fields(const OutputOptions& options);

// A member by name, a dotted path, or a JSON pointer (RFC 6901); it lives as long as the document.
// Fails as check_fields.
[[nodiscard]] Result<const Json*> find_field(const Json& document, const std::string& name);
// The record with these members alone, or as it is where none is named. Fails as check_fields.
[[nodiscard]] Result<Json> pick_fields(const Json& record, const std::vector<std::string>& fields);

} // namespace auth
