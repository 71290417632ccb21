// nlohmann/json.hpp for precompiled headers. Sources include the library itself, as ever.
#pragma once

// The library's literals call a parser that nothing here uses. In a precompiled header they make
// each source compile that parser, which takes a second: their bodies become templates, which wait
// for a caller. Newer versions of the library write the name so that this does nothing.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the library's own name
#define _json(text, size)                                                                          \
    _json(text, size);                                                                             \
    template <class Unused> nlohmann::json unused_json(const char* s, std::size_t n)

#include <nlohmann/json.hpp>

#undef _json
