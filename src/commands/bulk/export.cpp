#include "cli/input/many_users.h"
#include "cli/output/progress.h"
#include "commands/bulk/left_behind.h"
#include "commands/registry.h"
#include "core/audit/audit.h"
#include "core/base/private_stream.h"
#include "core/base/text.h"
#include "core/provisioning/export_users.h"
#include "core/users/roles.h"
#include "core/writers/export_format.h"

#include <fmt/format.h>

#include <memory>

namespace auth {
namespace {

constexpr std::size_t block = 64U << 10U;

struct Options {
    std::string file = "-";
    std::string format;
    std::string where;
    bool replace = false;
    WriterOptions writer{};
};

Result<const ExportFormat*> format_of(const Options& options) {
    if (!options.format.empty())
        return find_export_format(options.format);
    return format_of_file(options.file == "-" ? "" : options.file);
}

Status check(const Options& options, const ExportFormat& format) {
    if (format.needs_hashes && !options.writer.secrets)
        return fail(
            error(ErrorCode::usage,
                  fmt::format("a file of the format {} consists of password hashes", format.name))
                .with_hint("add --with-hashes"));
    return {};
}

// The text of the file, some users at a time.
class Text {
  public:
    Text(Realm& realm, UserFilter filter, const ExportFormat& format, WriterOptions options)
        : users_(realm, std::move(filter), options.secrets) {
        for (const Role& role : list_roles(realm))
            options.roles.push_back({role.name, role.description});
        writer_ = format.make(options);
        writer_->begin(next_);
    }

    std::optional<std::string> next() {
        std::string text = std::exchange(next_, {});
        while (!ended_ && text.size() < block) {
            const std::optional<UserRecord> user = users_.next();
            ended_ = !user;
            if (ended_) {
                writer_->end(text);
                break;
            }
            const std::size_t before = text.size();
            writer_->add(text, *user, left_behind_);
            count_ += text.size() > before ? 1 : 0;
        }
        return text.empty() ? std::nullopt : std::optional(std::move(text));
    }
    [[nodiscard]] std::int64_t count() const { return count_; }
    [[nodiscard]] const LeftBehind& left_behind() const { return left_behind_; }
    [[nodiscard]] std::string note(std::string_view where) const {
        const std::string words = in_words(left_behind_);
        return fmt::format("exported {}{}{}{}", counted(count_, "user"), where,
                           words.empty() ? "" : "\n", words);
    }

  private:
    Export users_;
    std::unique_ptr<UserWriter> writer_;
    std::string next_;
    LeftBehind left_behind_;
    std::int64_t count_ = 0;
    bool ended_ = false;
};

Result<PrivateStream> new_file(World& world, const Options& options) {
    auto file = PrivateStream::create(options.file, options.replace, world.random());
    if (!file && file.error().code == ErrorCode::exists)
        return fail(std::move(file).error().with_hint(
            "choose another file name, or overwrite it with --replace"));
    return file;
}

Result<Reply> to_file(World& world, Text& text, const Options& options,
                      const ExportFormat& format) {
    AUTH_TRY(PrivateStream file, new_file(world, options));
    Progress progress(world, "users");
    while (auto part = text.next()) {
        AUTH_CHECK(file.write(*part));
        wipe(*part);
        progress.update(text.count(), -1);
    }
    AUTH_CHECK(file.finish());
    Reply reply;
    reply.document = {{"schema", "auth-cli.export/1"},
                      {"file", options.file},
                      {"format", format.name},
                      {"users", text.count()},
                      {"left_behind", left_behind_document(text.left_behind())}};
    reply.note = text.note(fmt::format(" to {}", printable(options.file)));
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
    AUTH_TRY(const ExportFormat* format, format_of(options));
    AUTH_CHECK(check(options, *format));
    AUTH_TRY(UserFilter filter, read_where(world, options.where));
    AUTH_TRY(auto& realm, world.realm());
    if (options.writer.secrets)
        record_secrets(realm, options);
    const auto text = std::make_shared<Text>(realm, std::move(filter), *format, options.writer);
    if (options.file != "-")
        return to_file(world, *text, options, *format);
    Reply reply;
    reply.lines = RecordLines{[text] { return text->next(); },
                              [text] { return RecordLines::Ending{text->note("")}; }};
    reply.lines->raw = true;
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    std::vector<std::string> names;
    for (const ExportFormat& format : export_formats())
        names.emplace_back(format.name);
    flags.optional_argument("FILE", options->file, "where to; - or nothing is stdout");
    flags.option("--format", options->format, "FORMAT",
                 "what to write; default: what the name of FILE tells, else jsonl");
    flags.choices("--format", names);
    bind_where(flags, options->where);
    flags.flag("--with-hashes", options->writer.secrets,
               "password hashes, second factors and links with providers as well");
    flags.flag("--replace", options->replace, "overwrite FILE if it exists");
    flags.flag("--raw", options->writer.raw,
               "CSV: no quotes before what a spreadsheet takes for a formula");
    flags.option("--base-dn", options->writer.base_dn, "DN",
                 "LDIF: the entry below which the users are; default ou=people");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command export_command{
    .path = "export",
    .group = "Bulk",
    .summary = "Write users to a file that import reads",
    .examples = "auth-cli create ann@example.org --verified --no-password\n"
                "auth-cli export users.jsonl --with-hashes\n"
                "auth-cli export --format csv --where verified=true > users.csv\n"
                "auth-cli export people.yaml",
    .bind = bind,
    .fields = fields::exported,
};

} // namespace auth
