#include "cli/output/paging.h"

#include "core/base/text.h"

#include <algorithm>

namespace auth {
namespace {

// The pager and its arguments; nothing where text goes straight to the screen. What is run must not
// be the choice of somebody who was only lent this program's rights.
std::vector<std::string> pager_command(const World& world) {
    const auto variable = [&](const char* name) { return world.surroundings.variable(name); };
    const bool lent = world.surroundings.secure || !variable("SUDO_UID").empty() ||
                      !variable("DOAS_USER").empty() || !variable("PKEXEC_UID").empty();
    if (lent || !world.streams.out_is_terminal || variable("TERM") == "dumb" ||
        !world.pagers().start)
        return {};
    std::vector<std::string> words = split(variable("PAGER"), ' ');
    std::erase(words, "");
    if (words.empty())
        words = {"less"};
    return words.front() == "cat" ? std::vector<std::string>{} : words;
}

std::size_t rows_of(const Pagers& pagers) {
    return pagers.terminal_rows ? pagers.terminal_rows() : 0;
}

// Holds text back until it is longer than the terminal, and then hands it to the pager.
class PagedText {
  public:
    PagedText(World& world, std::vector<std::string> command)
        : world_(world), command_(std::move(command)), rows_(rows_of(world.pagers())) {}

    bool write(std::string_view text) {
        if (decided_)
            return pass_on(text);
        held_ += text;
        lines_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
        if (rows_ != 0 && lines_ < rows_)
            return true;
        pager_ = world_.pagers().start(command_);
        return decide();
    }
    // All of it has been read. False where it could not be written.
    bool finish() {
        const bool written = decided_ || decide();
        pager_.reset();
        return written;
    }

  private:
    bool decide() {
        decided_ = true;
        return pass_on(std::exchange(held_, {}));
    }
    bool pass_on(std::string_view text) {
        return text.empty() || (pager_ ? pager_->write(text) : world_.streams.out(text));
    }

    World& world_;
    std::vector<std::string> command_;
    std::size_t rows_;
    std::size_t lines_ = 0;
    std::string held_;
    bool decided_ = false;
    std::unique_ptr<Pager> pager_;
};

} // namespace

int show_paged(Reply& reply, const OutputOptions& options, World& world) {
    std::vector<std::string> command = pager_command(world);
    if (command.empty() || !reply.list || options.form != OutputForm::text)
        return show(reply, options, world.streams);
    PagedText paged(world, std::move(command));
    bool written = true;
    Streams streams = world.streams;
    streams.out = [&](std::string_view text) { return paged.write(text); };
    // What is said about the list comes after it.
    streams.err = [&](std::string_view text) {
        written = paged.finish() && written;
        world.streams.err(text);
    };
    const int exit = show(reply, options, streams);
    if (paged.finish() && written)
        return exit;
    return show_error(error(ErrorCode::io, "cannot write to stdout"), options, world.streams);
}

} // namespace auth
