// The services that a drill asks: over HTTP, or a program.
#pragma once

#include "core/ports/http.h"
#include "core/ports/process.h"
#include "core/token_drill/drill.h"

#include <functional>
#include <string>
#include <vector>

namespace auth {

// Where a request has the token.
struct TokenPlace {
    enum class Kind { header, cookie, query };
    Kind kind = Kind::header;
    std::string name = "Authorization"; // of the header, cookie or parameter
    std::string prefix = "Bearer ";     // before the token in a header
};
// "NAME" or "NAME: PREFIX", as of a header. Fails with usage.
[[nodiscard]] Result<TokenPlace> header_place(std::string_view text);
// A cookie or a parameter of a query. Fails with usage, field `field`.
[[nodiscard]] Result<TokenPlace> named_place(TokenPlace::Kind kind, std::string_view field,
                                             std::string_view name);

// A GET: 2xx is in; 400, 401, 403, 413 and 431 are out. `http` outlives the service.
[[nodiscard]] AskService http_service(Http& http, std::string url, TokenPlace place,
                                      std::function<bool()> stopped);

// The token on stdin: exit 0 is in, another code out; an end by a signal, or after half a minute,
// is unclear.
[[nodiscard]] AskService program_service(AskProgram ask, std::vector<std::string> command,
                                         std::function<bool()> stopped);

} // namespace auth
