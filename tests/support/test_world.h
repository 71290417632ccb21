// The whole program in one process, but for its outside: a home of its own, a clock that stands
// still, typed words and answers that are scripted. Strict: what was scripted must be used, and
// nothing else may be asked.
#pragma once

#include "core/base/json.h"
#include "core/mail/mailer.h"
#include "support/fakes.h"
#include "support/temp_directory.h"

#include <nlohmann/json.hpp>

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth::test {

struct Answer {
    std::string question;
    std::string reply;
    std::function<void()> meanwhile;
};

struct Outcome {
    int exit = 0;
    std::string out;
    std::string err;

    // stdout, or stderr of a failure, as the one JSON document it must be; else throws.
    [[nodiscard]] Json document() const;
    [[nodiscard]] Json problem() const;
};

class TestWorld {
  public:
    // With a test database, unless told otherwise.
    enum class Start { with_test_database, with_nothing };
    explicit TestWorld(Start start = Start::with_test_database);

    FixedClock clock;
    SeededRandom random;
    std::map<std::string, std::string, std::less<>> environment;
    std::string place = "laptop";               // on which machine it is run
    std::filesystem::path directory;            // where it is run; "" for not known
    bool secure = false;                        // as if started with AT_SECURE
    std::optional<std::uint32_t> caller = 1000; // who is said to have started it so
    bool stdout_closed = false;                 // every write fails
    bool mail_fails = false;                    // the transport refuses every mail
    std::vector<Mail> mails;                    // what reached the transport
    bool stdout_is_terminal = false;
    std::size_t terminal_rows = 24;
    bool has_pager = true;           // programs of any name can be started as one
    std::vector<std::string> pager;  // what the latest run started
    std::string paged;               // what it was given
    std::function<void()> on_output; // goes on elsewhere while stdout is written
    std::function<void()> on_detach; // before work is done in a process of its own
    int detached = 0;                // how often it was

    // What the program was to become; the answer it gets is that there is no such command.
    struct Became {
        std::vector<std::string> command;
        std::string variable;
        std::string value;
    };
    std::optional<Became> became;

    // Runs one command; throws std::logic_error where it did not keep to the script.
    Outcome run(const std::vector<std::string>& arguments);
    // The same, and throws where it fails.
    Outcome must(const std::vector<std::string>& arguments);

    // What the next run reads from stdin.
    TestWorld& type(std::string text);
    // What the person at the terminal answers when the next run asks exactly this, and what goes on
    // elsewhere while the question stands.
    TestWorld& answer(std::string question, std::string reply,
                      std::function<void()> meanwhile = nullptr);

    [[nodiscard]] std::filesystem::path home() const { return home_ / "home"; }
    [[nodiscard]] std::filesystem::path database() const;
    [[nodiscard]] std::filesystem::path token_file() const;
    // Writes a file of mode 0600 into the home.
    std::filesystem::path file(const std::string& name, std::string_view text);
    // The code of the newest mail of the kind.
    [[nodiscard]] std::string code(const std::string& email, const std::string& kind);

  private:
    TempDirectory home_;
    std::optional<std::string> stdin_;
    std::deque<Answer> answers_;
};

// The names of an object's members, in order.
[[nodiscard]] std::vector<std::string> keys(const Json& object);

} // namespace auth::test
