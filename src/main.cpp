#include "adapters/browser.h"
#include "adapters/loopback_listener.h"
#include "adapters/mail_transport.h"
#include "adapters/module_http.h"
#include "adapters/module_postgres.h"
#include "adapters/module_qr_encoder.h"
#include "adapters/module_readers.h"
#include "adapters/module_yaml.h"
#include "adapters/pager.h"
#include "adapters/process.h"
#include "adapters/system_clock.h"
#include "adapters/system_random.h"
#include "adapters/tty_terminal.h"
#include "commands/run.h"

namespace auth {
namespace {

int start(int count, char** words) {
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
    World world({clock, random, terminal, mailer, become_with(found), detach, qr,
                 open_reader_module, interruption(), parse_yaml_module, http, listen_on_loopback,
                 browser_with(found), open_postgres_module, terminal_pagers()},
                standard_streams(), surroundings());
    return run({words + 1, words + count}, world);
}

} // namespace
} // namespace auth

int main(int count, char** words) {
    return count > 0 ? auth::start(count, words) : 2;
}
