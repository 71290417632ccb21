#include "core/token_drill/fixture_files.h"

#include "core/base/descriptor.h"
#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

// In the place of whatever has the name; a link is replaced, not followed.
Status put_file(const fs::path& path, std::string_view content) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail(io_error("replace", path, errno));
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0)
        return fail(io_error("write", path, errno));
    return write_bytes(file.get(), content, path);
}

Json fixture_entry(const Fixture& fixture) {
    const DrillCase& rule = *fixture.rule;
    return {{"name", rule.name},
            {"file", fixture_file(fixture)},
            {"expected", to_name(rule.answer)},
            {"level", to_name(rule.level)},
            {"reason", fixture.reason.empty() ? Json() : Json(fixture.reason)},
            {"source", rule.source},
            {"why", rule.why}};
}

} // namespace

std::string fixture_file(const Fixture& fixture) {
    return fmt::format("{}.jwt", fixture.rule->name);
}

Json fixture_manifest(const Fixtures& made) {
    Json tokens = Json::array();
    for (const Fixture& fixture : made.tokens)
        tokens.push_back(fixture_entry(fixture));
    return {{"schema", "auth-cli.fixtures/1"},
            {"email", made.user.email},
            {"issuer", made.issuer},
            {"audience", made.audiences},
            {"algorithm", made.algorithm},
            {"kid", made.kid.empty() ? Json() : Json(made.kid)},
            {"keys", made.kit ? "kit" : "database"},
            {"jwks", "jwks.json"},
            {"made_at", to_rfc3339(made.made_at)},
            {"expires_at", to_rfc3339(made.expires_at)},
            {"tokens", std::move(tokens)}};
}

Status write_fixtures(const fs::path& directory, const Fixtures& made) {
    AUTH_CHECK(make_private_directory(directory));
    AUTH_CHECK(check_directory(directory));
    for (const Fixture& fixture : made.tokens)
        AUTH_CHECK(put_file(directory / fixture_file(fixture), fixture.token));
    AUTH_CHECK(put_file(directory / "jwks.json", made.key_set.dump(2) + "\n"));
    return put_file(directory / "manifest.json", fixture_manifest(made).dump(2) + "\n");
}

} // namespace auth
