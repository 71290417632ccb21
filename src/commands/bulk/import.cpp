#include "cli/output/exit_code.h"
#include "cli/output/progress.h"
#include "commands/bulk/import_source.h"
#include "commands/bulk/import_view.h"
#include "commands/bulk/left_behind.h"
#include "commands/registry.h"
#include "core/base/private_stream.h"
#include "core/base/spool.h"
#include "core/base/text.h"
#include "core/provisioning/import_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace auth {
namespace {

constexpr std::int64_t rows_a_commit = 10'000;
constexpr std::int64_t failures_shown = 20;

Result<ImportRules> rules_of(Realm& realm, const ImportOptions& options, ImportFormat format) {
    AUTH_TRY(ImportRules rules, import_rules(realm));
    const bool recognised = options.from == "auto";
    AUTH_TRY(rules.permissions,
             import_permissions(recognised ? std::nullopt : std::optional(format), options.allow,
                                options.ignore));
    rules.recognised = recognised ? std::optional(format) : std::nullopt;
    rules.again = import_as_given(options);
    rules.create_roles = options.create_roles;
    rules.drop_unusable_hashes = options.unusable_hashes == "drop";
    rules.on_conflict = options.on_conflict == "skip"     ? OnConflict::skip
                        : options.on_conflict == "update" ? OnConflict::update
                                                          : OnConflict::fail;
    return rules;
}

// One run: rows in, results out.
class Run {
  public:
    Run(World& world, const ImportOptions& options) : world_(world), options_(options) {}

    Result<Reply> operator()() {
        AUTH_TRY(auto& realm, world_.realm());
        ImportSource source(world_, options_);
        AUTH_CHECK(check_login(world_, options_, source));
        AUTH_TRY(auto reader, source.open());
        say_format(source.format());
        AUTH_TRY(rules_, rules_of(realm, options_, source.format()));
        const auto index = std::make_shared<RowIndex>(realm.random);
        AUTH_TRY(reader, open_results(realm, std::move(reader), index));
        const bool one_transaction = !options_.keep_going || world_.dry_run;
        Import import(realm, std::move(reader), rules_, one_transaction,
                      std::max(std::thread::hardware_concurrency(), 1U), index);
        AUTH_CHECK(all_rows(import, source, one_transaction));
        if (!options_.keep_going && counts_.failed > 0)
            counts_.undo();
        else
            AUTH_CHECK(import.commit());
        AUTH_CHECK(close_results());
        return reply(format_name(source.format()));
    }

  private:
    void say_format(ImportFormat format) {
        if (options_.from == "auto" && !world_.quiet)
            world_.streams.err(fmt::format(
                "reading {} as {}\n", options_.file == "-" ? "stdin" : printable(options_.file),
                format_name(format)));
    }

    Result<std::unique_ptr<UserReader>> open_results(Realm& realm,
                                                     std::unique_ptr<UserReader> reader,
                                                     std::shared_ptr<RowIndex> index) {
        if (world_.dry_run || (options_.results.empty() && options_.resume.empty()))
            return reader;
        ImportProgress done;
        if (!options_.resume.empty()) {
            AUTH_TRY(done, read_progress(realm, options_.resume));
        }
        const std::string& path = options_.resume.empty() ? options_.results : options_.resume;
        AUTH_TRY(PrivateStream file,
                 PrivateStream::append(path, done.bytes, options_.resume.empty()));
        results_.emplace(std::move(file));
        resumed_after_ = done.line;
        failed_before_ = done.failed;
        return after(std::move(reader), std::move(done), std::move(index));
    }

    Status all_rows(Import& import, ImportSource& source, bool one_transaction) {
        Progress progress(world_, "users");
        std::vector<RowResult> rows;
        std::int64_t uncommitted = 0;
        for (bool more = true; more;) {
            const auto step = import.next(rows);
            AUTH_CHECK(note(rows, progress));
            uncommitted += static_cast<std::int64_t>(rows.size());
            more = step && *step;
            const bool stop = !step || world_.interrupted();
            if (!one_transaction && uncommitted > 0 &&
                (stop || !more || import.slow() || uncommitted >= rows_a_commit)) {
                if (results_)
                    AUTH_CHECK(results_->sync());
                AUTH_CHECK(import.commit());
                uncommitted = 0;
            }
            if (!step)
                return fail(broken(step.error()));
            if (stop)
                return fail(interrupted());
            progress.update(import.judged(), source.share(import.line()));
        }
        return {};
    }

    Status note(const std::vector<RowResult>& rows, Progress& progress) {
        for (const RowResult& row : rows) {
            counts_.add(row);
            refused_.insert(row.refused.begin(), row.refused.end());
            kept_.insert(row.kept.begin(), row.kept.end());
            const bool to_file = results_ && options_.keep_going;
            const bool to_spool = shows_records() || (results_ && !options_.keep_going);
            const std::string line = to_file || to_spool ? result_line(row, given_) : "";
            if (to_file)
                AUTH_CHECK(results_->write(line + "\n"));
            if (to_spool)
                lines_->add(line);
            if (row.error && counts_.failed <= failures_shown && !shows_records()) {
                progress.clear();
                world_.streams.err(failure_line(row));
            } else if (row.error && counts_.failed == failures_shown + 1 && !shows_records()) {
                progress.clear();
                world_.streams.err("and more: --results FILE says which\n");
            }
        }
        return {};
    }

    [[nodiscard]] bool shows_records() const { return world_.wants_records; }

    [[nodiscard]] std::string failure_line(const RowResult& row) const {
        // What many rows set is permitted by one command, which ending_hint() names.
        const std::string hint =
            row.refused.empty() || world_.quiet ? in_words(row.error->hint, given_) : "";
        return fmt::format("line {}: {}{}{}{}\n", row.line, printable(row.email),
                           row.email.empty() ? "" : ": ", printable(row.error->message),
                           hint.empty() ? "" : fmt::format(" ({})", printable(hint)));
    }

    [[nodiscard]] Error interrupted() const {
        Error stopped =
            error(ErrorCode::cancelled, options_.keep_going
                                            ? fmt::format("interrupted; {}", in_words(counts_))
                                            : "interrupted; nothing was imported");
        if (options_.keep_going)
            stopped.hint = import_again(options_);
        return stopped;
    }

    // Nothing can be read after this; what came before it stays where that was asked for.
    [[nodiscard]] Error broken(Error why) const {
        if (!options_.keep_going || world_.dry_run || counts_.created + counts_.updated == 0)
            return why;
        why.code = ErrorCode::partial;
        why.message += fmt::format("; before it: {}", in_words(counts_));
        why.hint = {"mend it, then", import_again(options_)};
        return why;
    }

    // How to import what was refused, or kept from existing users.
    [[nodiscard]] std::string ending_hint() const {
        if (!refused_.empty())
            return in_words(permission_hint(rules_.again, rules_.recognised, refused_), given_);
        if (kept_.empty())
            return "";
        Rights named;
        for (const Right right : kept_)
            named.insert(right == Right::mfa ? Right::hashes : right);
        return in_words({kept_ == Rights{Right::enabled} ? "to enable users who are disabled here"
                                                         : "to replace what existing users have",
                         allowing(import_as_given(options_), named)},
                        given_);
    }

    // What an undone import wrote in its results did not come about.
    [[nodiscard]] bool undone() const { return !options_.keep_going && counts_.failed > 0; }

    Status close_results() {
        if (!results_)
            return {};
        if (!options_.keep_going) {
            while (auto block = lines_->next())
                for (std::string& line : split(*block, '\n'))
                    if (!line.empty())
                        AUTH_CHECK(results_->write(
                            (undone() ? undone_line(std::move(line)) : line) + "\n"));
            if (shows_records())
                lines_->rewind();
        }
        return results_->finish();
    }

    Reply reply(std::string_view format) {
        Reply out;
        RecordLines lines;
        lines.next = [kept = lines_, undo = undone()]() -> std::optional<std::string> {
            auto block = kept->next();
            if (!block || !undo)
                return block;
            std::string changed;
            for (std::string& line : split(*block, '\n'))
                if (!line.empty())
                    changed += undone_line(std::move(line)) + "\n";
            return changed;
        };
        RecordLines::Ending ending;
        ending.note =
            (undone() ? "nothing was imported: " : "imported users: ") + in_words(counts_);
        if (resumed_after_ > 0)
            ending.note += fmt::format("; resumed after line {}", resumed_after_);
        if (failed_before_ > 0)
            ending.note += fmt::format(", before which {} failed", failed_before_);
        if (const std::string words = in_words(counts_.left_behind); !words.empty())
            ending.note += "\n" + words;
        const std::string hint = ending_hint();
        if (!hint.empty())
            ending.note += fmt::format("\nauth-cli: hint: {}", printable(hint));
        ending.document = summary_document(counts_, format, hint);
        ending.exit = counts_.failed + failed_before_ > 0 ? exit_code(ErrorCode::partial) : 0;
        lines.ending = [ending] { return ending; };
        lines.machines_only = true;
        out.lines = std::move(lines);
        return out;
    }

    World& world_;
    const ImportOptions& options_;
    const GivenFlags given_ = given_flags(world_.settings);
    ImportRules rules_;
    ImportCounts counts_;
    Rights refused_; // that rows set
    Rights kept_;    // from replacement
    std::int64_t resumed_after_ = 0;
    std::int64_t failed_before_ = 0; // in the rows up to there
    std::optional<PrivateStream> results_;
    std::shared_ptr<Spool> lines_ = std::make_shared<Spool>();
};

Result<Reply> run(World& world, const ImportOptions& options) {
    if (!options.resume.empty() && !options.keep_going)
        return fail(error(ErrorCode::usage, "--resume goes with --keep-going: an atomic import"
                                            " leaves nothing half done")
                        .with_field("resume"));
    return Run(world, options)();
}

Action bind(Flags& flags) {
    auto options = std::make_shared<ImportOptions>();
    flags.optional_argument("FILE", options->file, "the users; - or nothing is stdin");
    flags.option("--from", options->from, "FORMAT", "what the file is; default auto");
    std::vector<std::string> formats = format_names();
    formats.emplace_back("auto");
    flags.choices("--from", formats);
    flags.flag("--atomic", options->atomic, "all rows or none; the default");
    flags.flag("--keep-going", options->keep_going, "all rows that are good");
    flags.exclusive({"--atomic", "--keep-going"});
    flags.option("--on-conflict", options->on_conflict, "WAY",
                 "where an address is taken: fail, skip or update; default fail");
    flags.choices("--on-conflict", {"fail", "skip", "update"});
    flags.option("--unusable-hashes", options->unusable_hashes, "WAY",
                 "refuse or drop: without its hash a user has no password; default refuse");
    flags.choices("--unusable-hashes", {"refuse", "drop"});
    flags.option("--results", options->results, "FILE", "write a new file with a record a row");
    flags.option("--resume", options->resume, "FILE",
                 "go on after what such a file says is done, and add to it");
    flags.exclusive({"--results", "--resume"});
    flags.list(
        "--allow", options->allow, "WORDS",
        "rows may set roles, verified, hashes, mfa, ids, identities, enabled or all; separate"
        " with commas");
    flags.list("--ignore", options->ignore, "WORDS", "drop the same from rows");
    for (const char* name : {"--allow", "--ignore"})
        flags.offers(name, permission_words(), ValueKind::choices);
    flags.flag("--create-roles", options->create_roles, "make roles that do not exist");
    flags.flag("--raw", options->raw, "take CSV cells as they stand, without export's quotes");
    flags.option("--domain", options->domain, "DOMAIN",
                 "makes NAME@DOMAIN of users who have only a name, as in htpasswd");
    flags.option("--hash-config", options->hash_config, "FILE",
                 "the parameters of Firebase's hashes, as its console shows them");
    flags.option("--check-login", options->check_login, "EMAIL",
                 "first prove that a known password fits this row");
    flags.takes("--check-login", ValueKind::text);
    options->password.bind(flags, false);
    flags.needs("--password-file", "--check-login");
    flags.needs("--password-stdin", "--check-login");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command import_command{
    .path = "import",
    .group = "Bulk",
    .summary = "Make or update users from a file",
    .examples = "printf 'email,name\\nann@example.org,Ann\\nbob@example.org,Bob\\n' > users.csv\n"
                "auth-cli import users.csv --dry-run\n"
                "auth-cli import users.csv --results results.jsonl\n"
                "auth-cli import users.csv --on-conflict update --json",
    .mutates = true,
    .bind = bind,
    .fields = fields::import_results,
};

} // namespace auth
