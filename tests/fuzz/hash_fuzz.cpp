#include "core/passwords/forms.h"
#include "core/passwords/password.h"

#include <cstdlib>

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

// Cheap enough to be computed a thousand times a second.
bool is_quick(const auth::HashInfo& info) {
    return info.work.unit.empty() || info.work.microseconds < 300;
}

} // namespace

// Whatever is taken has one stored form, which says the same of itself, can be computed, and does
// not match just anything.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string hash(reinterpret_cast<const char*>(data), size);
    const auto info = auth::inspect_hash(hash);
    const auth::Secret password("a password that is in no corpus");
    if (!info) {
        require(!auth::verify_password(password, hash));
        return 0;
    }
    const std::string stored = auth::stored_form(hash);
    require(auth::stored_form(stored) == stored);
    const auto again = auth::inspect_hash(stored);
    require(again && again->scheme == info->scheme && again->cost == info->cost &&
            again->work == info->work);
    for (const std::string& dummy : auth::dummy_hashes(info->work))
        require(auth::inspect_hash(dummy)->work.unit == info->work.unit);
    if (is_quick(*info))
        require(!auth::verify_password(password, stored));
    return 0;
}
