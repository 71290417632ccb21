#include "core/trail/archive_file.h"

#include "core/base/encoding.h"
#include "core/base/json.h"
#include "core/base/private_descriptor.h"
#include "core/base/text.h"
#include "core/trail/row_text.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view archive_schema = "auth-cli.audit_archive/1";
constexpr std::size_t longest_archive_line = std::size_t{16} << 20U;
constexpr std::size_t block = std::size_t{256} << 10U;

std::string header_line(const ArchiveHeader& header) {
    return Json{{"schema", archive_schema},
                {"database_id", header.database_id},
                {"number", header.number},
                {"before", to_rfc3339(header.before)},
                {"made_at", to_rfc3339(header.made_at)},
                {"rows_before", header.rows_before},
                {"lanes_before", to_text(header.starts)}}
        .dump();
}

std::string trailer_line(const ArchiveTrailer& trailer) {
    return Json{{"rows", trailer.rows},
                {"last_seq", trailer.last_seq},
                {"lanes", to_text(trailer.ends)},
                {"subtrees", trailer.subtrees}}
        .dump();
}

std::string seal_line(const Vault& vault, std::string_view body_digest) {
    const std::string sealed = fmt::format("{} {}", archive_schema, to_hex(body_digest));
    return Json{{"seal", to_hex(vault.mac(MacPurpose::archive, sealed))}}.dump();
}

std::int64_t whole_number(const Json& object, std::string_view name) {
    const Json* value = find_member(object, name);
    return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : -1;
}

std::optional<ArchiveHeader> header_from(std::string_view line) {
    const auto json = parse_json(line);
    if (!json)
        return std::nullopt;
    const auto before = parse_rfc3339(text_member(*json, "before"));
    const auto made_at = parse_rfc3339(text_member(*json, "made_at"));
    auto starts = lane_ends_from(text_member(*json, "lanes_before"));
    if (!before || !made_at || !starts)
        return std::nullopt;
    ArchiveHeader out{text_member(*json, "database_id"),
                      whole_number(*json, "number"),
                      *before,
                      *made_at,
                      whole_number(*json, "rows_before"),
                      *std::move(starts)};
    return header_line(out) == line ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<ArchiveTrailer> trailer_from(std::string_view line) {
    const auto json = parse_json(line);
    if (!json)
        return std::nullopt;
    auto ends = lane_ends_from(text_member(*json, "lanes"));
    if (!ends)
        return std::nullopt;
    ArchiveTrailer out{whole_number(*json, "rows"), whole_number(*json, "last_seq"),
                       *std::move(ends), text_member(*json, "subtrees")};
    return trailer_line(out) == line ? std::optional(std::move(out)) : std::nullopt;
}

Result<Descriptor> open_archive(const fs::path& file) {
    Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)); // NOLINT
    struct stat status {};
    if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0)
        return fail(io_error("read", file, errno));
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::io, fmt::format("'{}' is not a regular file", file.string()));
    return descriptor;
}

} // namespace

// The lines of a file, without their newlines; what follows the last newline is not a line.
class ArchiveLines {
  public:
    ArchiveLines(Descriptor file, fs::path path) : file_(std::move(file)), path_(std::move(path)) {}

    // Nothing at the end, and for a line that is too long to be one. It lives until the next call.
    Result<std::optional<std::string_view>> next() {
        while (true) {
            const std::size_t end = held_.find('\n', searched_);
            if (end != std::string::npos) {
                const std::string_view line = std::string_view(held_).substr(at_, end - at_);
                at_ = searched_ = end + 1;
                return line;
            }
            if (ended_ || held_.size() - at_ > longest_archive_line)
                return std::nullopt;
            AUTH_CHECK(fill());
        }
    }
    [[nodiscard]] bool left_over() const { return at_ < held_.size(); }

  private:
    Status fill() {
        held_.erase(0, at_);
        at_ = 0;
        searched_ = held_.size();
        held_.resize(searched_ + block);
        ssize_t count = 0;
        do
            count = ::read(file_.get(), held_.data() + searched_, block);
        while (count < 0 && errno == EINTR);
        held_.resize(searched_ + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count < 0)
            return fail(io_error("read", path_, errno));
        ended_ = count == 0;
        return {};
    }

    Descriptor file_;
    fs::path path_;
    std::string held_;
    std::size_t at_ = 0;
    std::size_t searched_ = 0;
    bool ended_ = false;
};

Status ArchiveWriter::line(std::string text) {
    text += '\n';
    whole_.add(text);
    return file_.write(text);
}

Status ArchiveWriter::begin(const ArchiveHeader& header) {
    const std::string text = header_line(header);
    body_.add(text + '\n');
    return line(text);
}

Status ArchiveWriter::add(const AuditRow& row) {
    AUTH_TRY(std::string text, to_json_line(row));
    // What cannot be read back must not leave the database.
    if (!row_from(text))
        return fail(ErrorCode::database_corrupt,
                    fmt::format("audit row {} cannot be written to an archive", row.seq));
    body_.add(text);
    body_.add("\n");
    return line(std::move(text));
}

Result<std::string> ArchiveWriter::end(const ArchiveTrailer& trailer) {
    const std::string text = trailer_line(trailer);
    body_.add(text + '\n');
    AUTH_CHECK(line(text));
    AUTH_CHECK(line(seal_line(vault_, body_.finish())));
    AUTH_CHECK(file_.sync());
    return whole_.finish();
}

struct ArchiveReader::State {
    State(Descriptor file, const fs::path& name, const Vault& key)
        : lines(std::move(file), name), path(name), vault(key) {}

    ArchiveLines lines;
    fs::path path;
    const Vault& vault;
    ArchiveHeader header;
    std::optional<ArchiveTrailer> trailer{};
    Sha256Stream body{};
    Sha256Stream whole{};
    std::string digest{};
    std::int64_t number = 0; // of the line read last

    [[nodiscard]] tl::unexpected<Error> damaged(std::string_view how) const {
        return fail(ErrorCode::database_corrupt,
                    fmt::format("the audit archive '{}' {}", path.string(), how),
                    "use an intact copy of the file");
    }
    Result<std::string> line() {
        AUTH_TRY(const auto text, lines.next());
        ++number;
        if (!text)
            return damaged(fmt::format("is cut off at line {}", number));
        whole.add(*text);
        whole.add("\n");
        return std::string(*text);
    }
    Result<std::string> covered_line() {
        AUTH_TRY(std::string text, line());
        body.add(text);
        body.add("\n");
        return text;
    }
    Status check_seal() {
        AUTH_TRY(const std::string seal, line());
        if (seal != seal_line(vault, body.finish()))
            return damaged("was altered after it was made: its seal does not match");
        AUTH_TRY(const auto more, lines.next());
        if (more || lines.left_over())
            return damaged("was altered after it was made: text follows its seal");
        digest = whole.finish();
        return {};
    }
};

ArchiveReader::ArchiveReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader& ArchiveReader::operator=(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

Result<ArchiveReader> ArchiveReader::open(const fs::path& file, const Vault& vault,
                                          std::string_view database_id) {
    AUTH_CHECK(vault.require_key());
    AUTH_TRY(Descriptor descriptor, open_archive(file));
    auto state = std::make_unique<State>(std::move(descriptor), file, vault);
    AUTH_TRY(const std::string line, state->covered_line());
    auto header = header_from(line);
    if (!header)
        return state->damaged("is not an audit archive, or its first line was altered");
    if (header->database_id != database_id)
        return state->damaged(
            fmt::format("belongs to another database ({})", in_quotes(header->database_id)));
    state->header = *std::move(header);
    return ArchiveReader(std::move(state));
}

Result<std::optional<AuditRow>> ArchiveReader::next() {
    if (state_->trailer)
        return std::nullopt;
    AUTH_TRY(const std::string line, state_->covered_line());
    if (auto row = row_from(line))
        return row;
    auto trailer = trailer_from(line);
    if (!trailer)
        return state_->damaged(fmt::format("was altered in line {}", state_->number));
    AUTH_CHECK(state_->check_seal());
    state_->trailer = std::move(trailer);
    return std::nullopt;
}

const fs::path& ArchiveReader::path() const {
    return state_->path;
}
const ArchiveHeader& ArchiveReader::header() const {
    return state_->header;
}
const ArchiveTrailer& ArchiveReader::trailer() const {
    return *state_->trailer;
}
const std::string& ArchiveReader::digest() const {
    return state_->digest;
}

} // namespace auth
