#include "core/base/broken.h"

#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace auth {

void broken_machine(std::string_view what) {
    throw std::runtime_error(std::string(what));
}

void broken_machine(Error why) {
    throw Failure(std::move(why));
}

void out_of_memory() {
    throw std::bad_alloc();
}

void bug(std::string_view what) {
    throw std::logic_error(std::string(what));
}

} // namespace auth
