#include "core/base/json.h"
#include "core/provisioning/manifest.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

using namespace auth;

// A manifest is read as a whole, or refused with the place of what is wrong.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto document = parse_json({reinterpret_cast<const char*>(data), size});
    if (!document)
        return 0;
    const auto manifest = read_manifest(*document);
    if (!manifest &&
        (manifest.error().code != ErrorCode::usage || manifest.error().message.empty()))
        std::abort();
    const auto users = document->find("users");
    if (manifest && users != document->end() && users->size() != manifest->users.size())
        std::abort();
    return 0;
}
