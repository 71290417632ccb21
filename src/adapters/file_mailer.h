#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/mail/mailer.h"

#include <filesystem>
#include <string>

namespace auth {

// Writes each mail as a file DIRECTORY/ID.eml (RFC 5322), mode 0600.
class FileMailer final : public Mailer {
  public:
    FileMailer(std::filesystem::path directory, std::string from, Random& random)
        : directory_(std::move(directory)), from_(std::move(from)), random_(random) {}
    [[nodiscard]] Status send(const Mail& mail) override;

  private:
    std::filesystem::path directory_;
    std::string from_;
    Random& random_;
};

} // namespace auth
