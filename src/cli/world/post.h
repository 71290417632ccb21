// Mails that leave an act: at once, behind its back, or as notices after it.
#pragma once

#include "cli/world/places.h"
#include "cli/world/store.h"
#include "core/mail/mailer.h"
#include "core/ports/process.h"
#include "core/settings/settings.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

namespace auth {

using MakeMailer =
    std::function<std::unique_ptr<Mailer>(const Settings&, const std::filesystem::path& directory)>;

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
    // Hands the mail of a committed act on the open database over, if there is one. Fails as
    // deliver() and mailer().
    [[nodiscard]] Status send(const std::optional<Mail>& mail);
    // The same in a process of its own: how long this one takes does not tell whether there is a
    // mail. Closes the database, so that what realm() returned is gone.
    void send_in_background(const std::optional<Mail>& mail);
    // Hands over the notices of what was done, and warns on stderr of each that was not sent.
    void send_notices();

  private:
    Needs needs_;
    std::unique_ptr<Mailer> mailer_;
};

} // namespace auth
