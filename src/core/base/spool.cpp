#include "core/base/spool.h"

#include "core/base/broken.h"

#include <utility>

namespace auth {
namespace {

constexpr std::size_t spooled_in_memory = 256U << 10U;

[[noreturn]] void no_room() {
    broken_machine(error(ErrorCode::io, "cannot keep results in the directory for temporary files")
                       .with_hint("see to room in /tmp"));
}

} // namespace

void Spool::flush() {
    if (!file_)
        file_.reset(std::tmpfile());
    if (!file_ || std::fwrite(held_.data(), 1, held_.size(), file_.get()) != held_.size())
        no_room();
    held_.clear();
}

void Spool::add(std::string_view line) {
    held_.append(line).append("\n");
    if (held_.size() >= spooled_in_memory)
        flush();
}

std::optional<std::string> Spool::next() {
    const bool starts = !std::exchange(reading_, true);
    if (!file_)
        return starts && !held_.empty() ? std::optional(held_) : std::nullopt;
    if (starts) {
        flush();
        if (std::fseek(file_.get(), 0, SEEK_SET) != 0)
            no_room();
    }
    std::string lines(spooled_in_memory, '\0');
    lines.resize(std::fread(lines.data(), 1, lines.size(), file_.get()));
    if (lines.empty())
        return std::nullopt;
    for (int c = 0; lines.back() != '\n' && (c = std::fgetc(file_.get())) != EOF;)
        lines += static_cast<char>(c);
    return lines;
}

} // namespace auth
