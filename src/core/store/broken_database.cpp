#include "core/store/broken_database.h"

#include <utility>

namespace auth {

void broken_database(Error why) {
    throw Failure(std::move(why));
}

} // namespace auth
