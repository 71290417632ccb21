// Files of our own: what export writes, list --json prints, and people type.
#pragma once

#include "core/formats/user_reader.h"

#include <memory>

namespace auth {

// NDJSON, a JSON array, or a document with the member "users".
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_json(ByteSource source);

// CSV whose first row names the columns, in any order: the members of the JSON form. Semicolons or
// commas are between roles, attributes are a JSON object or columns "attributes.KEY". An empty
// cell sets nothing; "" is empty text; a row without any text is skipped. Fails with usage for a
// header without an email.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_csv(ByteSource source,
                                                           const ReaderOptions& options);

} // namespace auth
