#include "cli/input/one_argument.h"

#include <memory>

namespace auth {
namespace {

using Declare = void (Flags::*)(const char* name, std::string& value, const char* help);

Action bind(Flags& flags, Declare declare, const char* name, const char* help, RunOnArgument run) {
    auto argument = std::make_shared<std::string>();
    (flags.*declare)(name, *argument, help);
    return [argument, run](World& world) { return run(world, *argument); };
}

} // namespace

Action bind_argument(Flags& flags, const char* name, const char* help, RunOnArgument run) {
    return bind(flags, &Flags::argument, name, help, run);
}

Action bind_optional_argument(Flags& flags, const char* name, const char* help, RunOnArgument run) {
    return bind(flags, &Flags::optional_argument, name, help, run);
}

} // namespace auth
