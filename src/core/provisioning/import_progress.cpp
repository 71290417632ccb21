#include "core/provisioning/import_progress.h"

#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/formats/file_source.h"
#include "core/users/users_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace auth {
namespace {

namespace fs = std::filesystem;

// A line of results that was written whole.
struct Done {
    ImportProgress progress;
    std::string created; // the id of a user it made, or empty
    bool failed = false;
};

Result<Done> read_line(const std::string& text, std::uint64_t end) {
    const auto record = parse_json(text);
    if (!record || !record->is_object() || !record->contains("line") ||
        !record->at("line").is_number_integer() || !record->contains("result"))
        return fail(error(ErrorCode::usage, "the file to resume from holds no results of an import")
                        .with_field("resume"));
    Done done{{record->at("line").get<std::int64_t>(), text_member(*record, "email"), end}, {}};
    done.failed = text_member(*record, "result") == to_name(RowOutcome::failed);
    if (text_member(*record, "result") == to_name(RowOutcome::created))
        done.created = text_member(*record, "id");
    return done;
}

class RestOf final : public UserReader {
  public:
    RestOf(std::unique_ptr<UserReader> reader, ImportProgress progress,
           std::shared_ptr<RowIndex> index)
        : reader_(std::move(reader)), progress_(std::move(progress)), index_(std::move(index)) {}

    Result<bool> next(UserRecord& record) override {
        while (true) {
            AUTH_TRY(const bool more, reader_->next(record));
            if (!more && !passed_)
                return fail(another_file());
            if (!more || passed_)
                return more;
            passed_ = record.line >= progress_.line;
            if (passed_ && (record.line != progress_.line || record.email != progress_.email))
                return fail(another_file());
            if (const auto email = Email::parse(record.email, Email::Dots::odd); email)
                (void)index_->put(email->canonical(), record.line);
            record = UserRecord();
        }
    }

  private:
    [[nodiscard]] Error another_file() const {
        return error(ErrorCode::usage,
                     fmt::format("line {} is not what the results say; they are of another file",
                                 progress_.line))
            .with_field("resume");
    }

    std::unique_ptr<UserReader> reader_;
    ImportProgress progress_;
    std::shared_ptr<RowIndex> index_;
    bool passed_ = false;
};

} // namespace

Result<ImportProgress> read_progress(Realm& realm, const fs::path& path) {
    AUTH_TRY(const bool there, check_private_file("file of results", path));
    ImportProgress last;
    if (!there)
        return last;
    AUTH_TRY(FileSource file, open_source(path));
    std::string text;
    std::uint64_t at = 0;
    std::int64_t failed = 0;
    std::vector<char> buffer(64U << 10U);
    while (true) {
        AUTH_TRY(const std::size_t count, file.source(buffer));
        if (count == 0)
            return last;
        text.append(buffer.data(), count);
        std::size_t begin = 0;
        for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos;
             begin = end + 1) {
            at += end + 1 - begin;
            AUTH_TRY(Done done, read_line(text.substr(begin, end - begin), at));
            failed += done.failed ? 1 : 0;
            if (!done.created.empty() && users_table::find_by_id(realm.database, done.created)) {
                last = std::move(done.progress);
                last.failed = failed;
            }
        }
        text.erase(0, begin);
    }
}

std::unique_ptr<UserReader> after(std::unique_ptr<UserReader> reader, ImportProgress progress,
                                  std::shared_ptr<RowIndex> passed) {
    if (progress.line == 0)
        return reader;
    return std::make_unique<RestOf>(std::move(reader), std::move(progress), std::move(passed));
}

} // namespace auth
