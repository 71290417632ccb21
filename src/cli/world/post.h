// Sends the mails that the acts on the open database have posted.
#pragma once

#include "cli/world/places.h"
#include "cli/world/store.h"
#include "core/mail/mailer.h"
#include "core/ports/process.h"
#include "core/realm.h"
#include "core/settings/settings.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace auth {

using MakeMailer =
    std::function<std::unique_ptr<Mailer>(const Settings&, const std::filesystem::path& directory)>;

struct UnsentMail {
    Mail mail;
    Error why; // as deliver() or mailer()
};

class Post {
  public:
    // The references outlive it.
    struct Needs {
        const Places& places;
        Store& store;
        const Settings& settings;
        const Streams& streams;
        MakeMailer make_mailer;
        Detach detach;
    };

    explicit Post(Needs needs) : needs_(std::move(needs)) {}

    // The transport that mail.transport names; nullptr for the outbox. Fails with usage if it
    // needs a home directory and there is none.
    [[nodiscard]] Result<Mailer*> mailer();
    // Sends the mails of the acts so far that are awaited, and returns those that were not sent.
    [[nodiscard]] std::vector<UnsentMail> send_awaited();
    // Sends those that leave unseen, in a process of its own: how long this one takes does not tell
    // whether there is anybody to mail. If there are any, it closes the database, so that what
    // realm() returned is gone.
    void send_unseen();
    // Sends the notices, and what a failed command has left; warns on stderr of each that was not
    // sent.
    void send_rest();

  private:
    // The ids of those that are to leave so, once; none if mails are only kept.
    [[nodiscard]] std::vector<std::string> take(Departure departure);
    [[nodiscard]] Status send(const std::string& id);
    [[nodiscard]] std::vector<UnsentMail> send_all(Departure departure);

    Needs needs_;
    std::unique_ptr<Mailer> mailer_;
};

} // namespace auth
