// Files of our own: what export writes, list --json prints, and people type.
#pragma once

#include "core/formats/byte_source.h"
#include "core/formats/user_record.h"

#include <memory>

namespace auth {

// NDJSON, a JSON array, or a document with the member "users".
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_json(ByteSource source);

// CSV whose first row names the columns, in any order: the members of the JSON form. Roles stand
// between semicolons, attributes are a JSON object or columns "attributes.KEY". A cell with nothing
// in it is no value; "" is empty text. `raw` takes cells as they stand: else a ' that was put
// before a formula is taken away. Fails with usage for a header that is none.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_csv(ByteSource source, bool raw);

} // namespace auth
