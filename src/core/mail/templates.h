// The words of each letter: built in, or from files NAME.subject, NAME.txt and NAME.html of a
// directory. {{code}} and the like stand for values. An own .txt without an own .html makes a mail
// of plain text alone.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/mail/letters.h"

#include <filesystem>
#include <string>

namespace auth {

struct Recipient {
    std::string user_id; // "" for none
    std::string address; // stored, canonical
    std::string name{};  // as the user gave it, or ""
};

struct Words {
    std::string subject; // one line
    std::string text;
    std::string html; // "" for none
};

// In html every value is escaped; in a subject every value is one line. An empty `directory` gives
// the built-in words and never fails; otherwise fails with usage, naming the file, where one cannot
// be read, names an unknown value, or lacks the code or link that the letter is about.
[[nodiscard]] Result<Words> write_words(const Letter& letter, const Recipient& recipient, Time now,
                                        const std::filesystem::path& directory);

// Whether every template of the directory can be used. Fails with usage: also for files that no
// letter uses, since a misspelt name would go unnoticed.
[[nodiscard]] Status check_templates(const std::filesystem::path& directory);

} // namespace auth
