#include "cli/help/schemas.h"

#include "cli/help/embedded.h"

#include <algorithm>

namespace auth {
namespace {

// The first title is the schema's own, on one line and without escapes: the whole text need not be
// parsed for it.
std::string_view title_of(std::string_view text) {
    constexpr std::string_view mark = R"("title": ")";
    const std::size_t begin = text.find(mark) + mark.size();
    return text.substr(begin, text.find('"', begin) - begin);
}

// A file's name has "-" in place of "/".
Schema schema_of(std::string_view file, std::string_view text) {
    Schema schema{std::string(file), title_of(text), text};
    schema.name.at(schema.name.rfind('-')) = '/';
    return schema;
}

} // namespace

const std::vector<Schema>& schemas() {
    static const std::vector<Schema> all = [] {
        std::vector<Schema> read;
        for (const auto& [file, text] : schema_sources())
            read.push_back(schema_of(file, text));
        std::ranges::sort(read, {}, &Schema::name);
        return read;
    }();
    return all;
}

const Schema* find_schema(std::string_view name) {
    const auto found = std::ranges::find(schemas(), name, &Schema::name);
    return found == schemas().end() ? nullptr : &*found;
}

} // namespace auth
