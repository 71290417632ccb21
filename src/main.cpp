#include "adapters/loaders/http_loader.h"
#include "adapters/loaders/mail_loader.h"
#include "adapters/loaders/postgres_loader.h"
#include "adapters/loaders/qr_loader.h"
#include "adapters/loaders/readers_loader.h"
#include "adapters/loaders/yaml_loader.h"
#include "adapters/system/asked_program.h"
#include "adapters/system/browser.h"
#include "adapters/system/key_command.h"
#include "adapters/system/lent_rights.h"
#include "adapters/system/loopback_listener.h"
#include "adapters/system/system_clock.h"
#include "adapters/system/system_process.h"
#include "adapters/system/system_random.h"
#include "adapters/system/terminal_pager.h"
#include "adapters/system/terminal_stops.h"
#include "adapters/system/tty_terminal.h"
#include "cli/run.h"
#include "commands/registry.h"

namespace auth {
namespace {

int start(int count, char** words) {
    const LentRights lent = take_lent_rights();
    const Inheritance found = protect_process();
    SystemClock clock;
    SystemRandom random;
    TtyTerminal terminal;
    ModuleQrEncoder qr;
    const auto mailer = [](const Settings& settings, const std::filesystem::path& directory) {
        return std::make_unique<MailTransport>(settings, directory);
    };
    const auto http = [](const Settings& settings) {
        return std::make_unique<ModuleHttp>(settings);
    };
    const auto postgres = [](const std::string& url, PostgresUse use, const Expect& expect) {
        return open_postgres_module(url, use, hold_terminal_stops, expect);
    };
    World world({.clock = clock,
                 .random = random,
                 .terminal = terminal,
                 .mailer = mailer,
                 .become = become_with(found),
                 .key_command = key_command_with(found),
                 .ask_program = ask_program_with(found),
                 .detach = detach,
                 .qr = qr,
                 .open_users = open_users_module,
                 .interrupted = interruption(),
                 .parse_yaml = parse_yaml_module,
                 .http = http,
                 .open_loopback = listen_on_loopback,
                 .open_browser = browser_with(found),
                 .open_postgres = postgres,
                 .pagers = terminal_pagers(),
                 .hold_stops = hold_terminal_stops},
                standard_streams(), surroundings(lent));
    return run({words + 1, words + count}, commands(), world);
}

} // namespace
} // namespace auth

int main(int count, char** words) {
    return count > 0 ? auth::start(count, words) : 2;
}
