#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

// What is accepted means the same when written and read again.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = auth::parse_json(text);
    if (!parsed)
        return 0;
    const auto again = auth::parse_json(parsed->dump());
    if (!again || again->dump() != parsed->dump())
        std::abort();
    return 0;
}
