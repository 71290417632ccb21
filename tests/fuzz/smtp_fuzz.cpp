#include "core/base/text.h"
#include "core/mail/smtp_dialogue.h"

#include <cstdlib>

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

} // namespace

// Whatever a server says, a person is shown one printable line of it, and no more than fits a
// screen. Lines of the client begin with '>'.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auth::SmtpDialogue dialogue;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view line = text.substr(0, end);
        if (line.starts_with('>'))
            dialogue.sent(line.substr(1));
        else
            dialogue.received(line);
        text.remove_prefix(end);
        const std::string reply = dialogue.reply();
        require(auth::printable(reply) == reply);
        // An escaped byte takes up to nine letters.
        require(reply.size() < 20000);
        require(dialogue.code() >= 0 && dialogue.code() <= 999);
        for (const std::string& mechanism : dialogue.mechanisms())
            require(!mechanism.empty() && dialogue.offers_login(mechanism));
    }
    return 0;
}
