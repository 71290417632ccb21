#include "adapters/loaders/yaml_loader.h"

#include "adapters/loaders/module.h"

#include <nlohmann/json.hpp>

namespace auth {

Result<Json> parse_yaml_module(std::string_view text) {
    Result<Json> document = Json();
    module_function<void(std::string_view, Result<Json>&)>("yaml", "yaml_parse")(text, document);
    return document;
}

} // namespace auth
