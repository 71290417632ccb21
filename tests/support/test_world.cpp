#include "support/test_world.h"

#include "cli/run.h"
#include "commands/registry.h"
#include "core/base/private_file.h"
#include "support/member_kinds.h"

#include <stdexcept>

namespace auth::test {
namespace {

namespace fs = std::filesystem;

// Notes what went against the script: run() turns exceptions into exit 1, which must not hide it.
struct Script {
    std::optional<std::string>& typed;
    std::deque<Answer>& answers;
    std::string complaint{};

    [[noreturn]] void complain(const std::string& what) {
        if (complaint.empty())
            complaint = what;
        throw std::logic_error(what);
    }
};

class ScriptedTerminal final : public Terminal {
  public:
    explicit ScriptedTerminal(Script& script)
        : script_(script), interactive_(!script.answers.empty()) {}
    [[nodiscard]] bool interactive() const override { return interactive_; }
    Result<std::string> ask(std::string_view prompt) override {
        if (script_.answers.empty())
            script_.complain("unexpected question: " + std::string(prompt));
        const Answer answer = script_.answers.front();
        script_.answers.pop_front();
        if (answer.question != prompt)
            script_.complain("asked '" + std::string(prompt) + "' in place of '" + answer.question +
                             "'");
        if (answer.meanwhile)
            answer.meanwhile();
        return answer.reply;
    }
    Result<Secret> ask_secret(std::string_view prompt) override {
        return ask(prompt).map([](const std::string& reply) { return Secret(reply); });
    }

  private:
    Script& script_;
    bool interactive_;
};

class CapturingPager final : public Pager {
  public:
    explicit CapturingPager(TestWorld& world) : world_(world) {}
    bool write(std::string_view text) override {
        world_.paged += text;
        return true;
    }

  private:
    TestWorld& world_;
};

Pagers pagers_of(TestWorld& world) {
    return {[&world] { return world.terminal_rows; },
            [&world](const std::vector<std::string>& command) -> std::unique_ptr<Pager> {
                if (!world.has_pager)
                    return nullptr;
                world.pager = command;
                return std::make_unique<CapturingPager>(world);
            }};
}

class CapturingMailer final : public Mailer {
  public:
    explicit CapturingMailer(TestWorld& world) : world_(world) {}
    Status send(const Mail& mail) override {
        if (world_.mail_fails)
            return fail(error(ErrorCode::delivery, "the transport took a day off")
                            .with_reason(std::string(delivery::deferred)));
        world_.mails.push_back(mail);
        return {};
    }

  private:
    TestWorld& world_;
};

// Not a real code, but as square: a module is dark where the text's letter is odd.
class StrangeQrEncoder final : public QrEncoder {
  public:
    [[nodiscard]] QrCode encode(std::string_view text) override {
        QrCode code{3, Secret(std::size_t{9})};
        for (std::size_t i = 0; i < code.modules.size(); ++i)
            code.modules.writable()[i] = static_cast<unsigned char>(text.at(i)) & 1U;
        return code;
    }
    [[nodiscard]] Secret png(const QrCode& code) override {
        return Secret("PNG of " + std::to_string(code.size));
    }
};

Streams streams_of(Outcome& outcome, Script& script, const TestWorld& world) {
    Streams streams;
    streams.out = [&](std::string_view text) {
        if (world.on_output)
            world.on_output();
        if (!world.stdout_closed)
            outcome.out += text;
        return !world.stdout_closed;
    };
    streams.err = [&](std::string_view text) { outcome.err += text; };
    streams.out_is_terminal = world.stdout_is_terminal;
    streams.read = [&, left = std::optional<std::string>()](
                       std::span<char> buffer) mutable -> Result<std::size_t> {
        if (!left && !script.typed)
            script.complain("stdin was read, and nobody typed anything");
        if (!left)
            left = std::exchange(script.typed, std::nullopt);
        const std::size_t count = left->copy(buffer.data(), buffer.size());
        left->erase(0, count);
        return count;
    };
    return streams;
}

Json one_document(const std::string& text) {
    auto parsed = parse_json(text);
    if (!parsed)
        throw std::logic_error("not one JSON document: " + text);
    return *std::move(parsed);
}

} // namespace

Json Outcome::document() const {
    return one_document(out);
}

Json Outcome::problem() const {
    return one_document(err);
}

TestWorld::TestWorld(Start start) {
    fs::create_directory(home());
    if (start == Start::with_test_database)
        must({"db", "init", "--test"});
}

Outcome TestWorld::run(const std::vector<std::string>& arguments) {
    Outcome outcome;
    Script script{stdin_, answers_};
    ScriptedTerminal terminal(script);
    const auto mailer = [this](const Settings&, const fs::path&) {
        return std::make_unique<CapturingMailer>(*this);
    };
    const auto become = [this](const std::vector<std::string>& command, const std::string& variable,
                               const Secret& value) {
        became = Became{command, variable, std::string(value.reveal())};
        return error(ErrorCode::command_not_found, "there is no such command");
    };
    StrangeQrEncoder qr;
    const auto detach = [this](const std::function<void()>& work) {
        ++detached;
        if (on_detach)
            on_detach();
        work();
    };
    Adapters adapters{.clock = clock,
                      .random = random,
                      .terminal = terminal,
                      .mailer = mailer,
                      .become = become,
                      .detach = detach,
                      .qr = qr,
                      .open_users = auth::open_users,
                      .pagers = pagers_of(*this)};
    pager.clear();
    paged.clear();
    Surroundings surroundings;
    surroundings.variables = [this] {
        std::vector<std::string> names;
        for (const auto& [name, value] : environment)
            names.push_back(name);
        return names;
    };
    surroundings.variable = [this](std::string_view name) {
        const auto found = environment.find(name);
        return found == environment.end() ? std::string() : found->second;
    };
    surroundings.actor = [] { return "os:tester"; };
    surroundings.secure = secure;
    surroundings.caller = caller;
    surroundings.home = home();
    surroundings.place = [this] { return place; };
    surroundings.directory = [this] { return directory; };
    {
        World world(std::move(adapters), streams_of(outcome, script, *this),
                    std::move(surroundings));
        outcome.exit = auth::run(arguments, commands(), world);
    }
    if (script.complaint.empty() && stdin_)
        script.complaint = "nobody read what was typed";
    if (script.complaint.empty() && !answers_.empty())
        script.complaint = "never asked: " + answers_.front().question;
    if (const std::string wrong = wrong_member(arguments, outcome.out);
        script.complaint.empty() && !wrong.empty())
        script.complaint =
            "a member has a kind different from that in cli/output/fields.h: " + wrong;
    stdin_.reset();
    answers_.clear();
    if (!script.complaint.empty())
        throw std::logic_error(script.complaint + "\nstderr: " + outcome.err);
    return outcome;
}

Outcome TestWorld::must(const std::vector<std::string>& arguments) {
    Outcome outcome = run(arguments);
    if (outcome.exit != 0)
        throw std::logic_error("exit " + std::to_string(outcome.exit) + ": " + outcome.err);
    return outcome;
}

TestWorld& TestWorld::type(std::string text) {
    stdin_ = std::move(text);
    return *this;
}

TestWorld& TestWorld::answer(std::string question, std::string reply,
                             std::function<void()> meanwhile) {
    answers_.push_back({std::move(question), std::move(reply), std::move(meanwhile)});
    return *this;
}

fs::path TestWorld::database() const {
    return home() / ".local/share/auth-cli/auth.db";
}

fs::path TestWorld::token_file() const {
    return home() / ".local/state/auth-cli/default.token";
}

fs::path TestWorld::file(const std::string& name, std::string_view text) {
    fs::path path = home() / name;
    if (const Status written = replace_private_file(path, text, random); !written)
        throw std::logic_error(written.error().message);
    return path;
}

std::string TestWorld::code(const std::string& email, const std::string& kind) {
    std::string line =
        must({"outbox", "show", "--latest", "--to", email, "--kind", kind, "--field", "code"}).out;
    line.pop_back();
    return line;
}

std::vector<std::string> keys(const Json& object) {
    std::vector<std::string> names;
    for (const auto& [key, value] : object.items())
        names.push_back(key);
    return names;
}

} // namespace auth::test
