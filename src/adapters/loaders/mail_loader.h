// The mail transport behind its module.
#pragma once

#include "core/mail/mailer.h"
#include "core/settings/settings.h"

#include <filesystem>
#include <memory>

namespace auth {

// The transport that mail.transport names. Its module is loaded when a first mail is handed over.
class MailTransport final : public Mailer {
  public:
    MailTransport(const Settings& settings, std::filesystem::path directory)
        : settings_(settings), directory_(std::move(directory)) {}
    [[nodiscard]] Status send(const Mail& mail) override;

  private:
    const Settings& settings_;
    std::filesystem::path directory_;
    std::unique_ptr<Mailer> mailer_;
};

} // namespace auth
