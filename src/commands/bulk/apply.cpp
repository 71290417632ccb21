#include "cli/input/ask.h"
#include "commands/bulk/plan_view.h"
#include "commands/registry.h"
#include "core/base/private_file.h"
#include "core/provisioning/apply_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace auth {
namespace {

// About a million users; more are a matter for import.
constexpr std::size_t most_bytes = 256U << 20U;

struct Options {
    std::string file;
    bool prune = false;
};

Result<Manifest> read(World& world, const Options& options) {
    AUTH_TRY(const Secret text, options.file == "-"
                                    ? world.take_stdin("manifest", most_bytes)
                                    : read_file("manifest", options.file, most_bytes));
    return read_manifest(text.reveal(), world.parse_yaml());
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const Manifest manifest, read(world, options));
    ApplyOptions how;
    if (options.file != "-")
        how.directory = std::filesystem::path(options.file).parent_path();
    how.prune = options.prune;
    how.open_to_all = [&](const std::filesystem::path& file) { warn_of_readers(world, file); };
    how.threads = std::max(std::thread::hardware_concurrency(), 1U);
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const std::vector<Change> changes, apply(realm, manifest, how));
    Reply reply;
    reply.document = {{"schema", "auth-cli.plan/1"},
                      {"owner", manifest.owner},
                      {"changed", !changes.empty()},
                      {"changes", plan_records(changes)}};
    reply.text = plan_text(changes, world.colour);
    reply.note = changes.empty() ? "no changes" : fmt::format("applied: {}", plan_summary(changes));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("FILE", options->file, "the manifest, in YAML or JSON; - is stdin");
    flags.flag("--prune", options->prune,
               "delete what manifests of this owner made and this one does not name");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command apply_command{
    .path = "apply",
    .group = "Bulk",
    .summary = "Make users and roles what a manifest declares",
    .examples =
        "printf '%s\\n' 'roles: [{name: editor}]' 'users:' '  - email: ann@example.org' \\\n"
        "  '    roles: [editor]' '    verified: true' > users.yaml\n"
        "auth-cli apply users.yaml --dry-run\n"
        "auth-cli apply users.yaml --prune\n"
        "auth-cli apply users.yaml --field changed",
    .mutates = true,
    .bind = bind,
    .fields = fields::plan,
};

} // namespace auth
