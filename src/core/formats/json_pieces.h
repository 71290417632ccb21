// Cuts a file of JSON into the texts of its elements, so that each is parsed by itself and a file
// of any size is read in little memory.
#pragma once

#include "core/formats/byte_source.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace auth {

struct JsonPiece {
    std::int64_t line = 0; // where it starts, from 1
    // Not parsed yet. Good until the next call; InputWindow::padding bytes behind it may be read.
    std::span<char> text;
    std::optional<Error> error; // too long to be read
};

class JsonPieces {
  public:
    virtual ~JsonPieces() = default;
    // False at the end. Fails with usage, naming the line, where the file makes no sense from there
    // on, and with io.
    [[nodiscard]] virtual Result<bool> next(JsonPiece& piece) = 0;
};

// The source may hold one value a line (NDJSON), values one after another, one array of them, or
// one object with the array in the member `collection`. Where a file of NDJSON is as likely as such
// an object, `lines_too` says so: the object must then show its array in the first 64 KiB.
[[nodiscard]] Result<std::unique_ptr<JsonPieces>>
cut_json(ByteSource source, std::string_view collection, bool lines_too);

} // namespace auth
