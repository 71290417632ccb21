// An entry of the cache of key sets as text. Pure.
#pragma once

#include "core/federation/issuer_cache.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

[[nodiscard]] std::string issuer_entry_text(std::string_view issuer, const IssuerEntry& entry);
// Nothing where the text is not an entry of that issuer.
[[nodiscard]] std::optional<IssuerEntry> read_issuer_entry(std::string_view text,
                                                           std::string_view issuer);

} // namespace auth
