// Files as they arrive: compressed, or in UTF-16.
#pragma once

#include "core/formats/byte_source.h"

namespace auth {

struct Decoded {
    ByteSource source;
    bool as_it_is = true; // neither unpacked nor from another encoding
};

// The bytes of the text that the source holds: gzip (RFC 1952) and zstd (RFC 8878) are unpacked,
// UTF-16 with a byte order mark becomes UTF-8, and a mark of UTF-8 is dropped. Fails with usage,
// naming it, for an archive, another compression and another encoding; the source that comes back
// fails so where the packed data is damaged or ends early. Holds some 100 KiB, and as much more as
// the file's compression asks for, at most 8 MiB.
[[nodiscard]] Result<Decoded> decoded(ByteSource source);

} // namespace auth
