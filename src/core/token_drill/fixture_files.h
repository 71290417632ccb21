// Tokens of a drill as files for test suites.
#pragma once

#include "core/base/result.h"
#include "core/token_drill/fixtures.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace auth {

// "NAME.jwt": the token without a newline.
[[nodiscard]] std::string fixture_file(const Fixture& fixture);
// What manifest.json says (auth-cli.fixtures/1).
[[nodiscard]] Json fixture_manifest(const Fixtures& made);
// Each token, jwks.json and, last, manifest.json, all of mode 0600; what has these names is
// replaced. Makes the directory, which must be one that nobody else can write. Nothing is forced to
// the disk. Fails with unsafe_permissions or io.
[[nodiscard]] Status write_fixtures(const std::filesystem::path& directory, const Fixtures& made);

} // namespace auth
