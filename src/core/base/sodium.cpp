#include "core/base/sodium.h"

#include "core/base/broken.h"

#include <sodium.h>

namespace auth {

void start_sodium() {
    static const int started = sodium_init();
    if (started < 0)
        broken_machine("libsodium could not start");
}

} // namespace auth
