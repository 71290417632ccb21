#include "cli/input/many_users.h"
#include "cli/output/progress.h"
#include "commands/registry.h"
#include "core/audit/audit.h"
#include "core/base/private_stream.h"
#include "core/base/text.h"
#include "core/formats/user_writer.h"
#include "core/provisioning/export_users.h"

#include <fmt/format.h>

#include <memory>

namespace auth {
namespace {

constexpr std::size_t block = 64U << 10U;

struct Options {
    std::string file = "-";
    std::string format = "jsonl";
    std::string where;
    bool with_hashes = false;
    bool raw = false;
};

// The text of the file, some lines at a time.
class Lines {
  public:
    Lines(Realm& realm, UserFilter filter, const Options& options)
        : users_(realm, std::move(filter), options.with_hashes),
          csv_(options.format == "csv"), form_{options.with_hashes, options.raw} {
        if (csv_)
            append_csv_header(head_, form_);
    }

    std::optional<std::string> next() {
        std::string text = std::exchange(head_, {});
        while (text.size() < block) {
            const auto user = users_.next();
            if (!user)
                break;
            ++count_;
            if (csv_)
                append_csv_user(text, *user, form_);
            else
                append_json_user(text, *user);
        }
        return text.empty() ? std::nullopt : std::optional(std::move(text));
    }
    [[nodiscard]] std::int64_t count() const { return count_; }
    [[nodiscard]] std::string note() const {
        return fmt::format("exported {}", counted(count_, "user"));
    }

  private:
    Export users_;
    bool csv_;
    CsvForm form_;
    std::string head_;
    std::int64_t count_ = 0;
};

Result<Reply> to_file(World& world, Lines& lines, const Options& options) {
    AUTH_TRY(PrivateStream file, PrivateStream::replace(options.file, world.random()));
    Progress progress(world, "users");
    while (auto text = lines.next()) {
        AUTH_CHECK(file.write(*text));
        wipe(*text);
        progress.update(lines.count(), -1);
    }
    AUTH_CHECK(file.finish());
    Reply reply;
    reply.document = {{"schema", "auth-cli.export/1"},
                      {"file", options.file},
                      {"format", options.format},
                      {"users", lines.count()}};
    reply.note = fmt::format("{} to {}", lines.note(), printable(options.file));
    return reply;
}

// Before the first of them is given out: hashes and second factors do not leave unnoticed.
void record_secrets(Realm& realm, const Options& options) {
    record_alone(
        realm,
        {.event = "users_exported",
         .detail = {{"by", "operator"}, {"with_hashes", true}, {"all", options.where.empty()}}});
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(UserFilter filter, read_where(world, options.where));
    AUTH_TRY(auto& realm, world.realm());
    if (options.with_hashes)
        record_secrets(realm, options);
    const auto lines = std::make_shared<Lines>(realm, std::move(filter), options);
    if (options.file != "-")
        return to_file(world, *lines, options);
    Reply reply;
    reply.lines = RecordLines{[lines] { return lines->next(); },
                              [lines] { return RecordLines::Ending{lines->note()}; }};
    reply.lines->raw = true;
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("FILE", options->file, "where to; - or nothing is stdout");
    flags.option("--format", options->format, "FORMAT", "jsonl or csv; default jsonl");
    flags.choices("--format", {"jsonl", "csv"});
    bind_where(flags, options->where);
    flags.flag("--with-hashes", options->with_hashes,
               "password hashes, second factors and links with providers as well");
    flags.flag("--raw", options->raw, "no quotes before what a spreadsheet takes for a formula");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command export_command{
    .path = "export",
    .group = "Bulk",
    .summary = "Write users to a file that import reads",
    .examples = "auth-cli create ann@example.org --verified --no-password\n"
                "auth-cli export users.jsonl --with-hashes\n"
                "auth-cli export --format csv --where verified=true > users.csv",
    .bind = bind,
    .fields = fields::exported,
};

} // namespace auth
