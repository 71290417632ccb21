#include "adapters/loaders/mail_loader.h"

#include "adapters/loaders/module.h"
#include "adapters/modules/mail/mail_module.h"

namespace auth {
namespace {

Result<std::unique_ptr<Mailer>> load(const Settings& settings,
                                     const std::filesystem::path& directory) {
    Result<std::unique_ptr<Mailer>> made;
    try {
        module_function<decltype(auth_mail_transport)>("mail", "auth_mail_transport")(
            settings, directory, made);
    } catch (const Failure& failure) {
        return fail(failure.error());
    }
    return made;
}

} // namespace

Status MailTransport::send(const Mail& mail) {
    if (!mailer_) {
        auto made = load(settings_, directory_);
        if (!made)
            return fail(error(ErrorCode::delivery, made.error().message)
                            .with_reason(std::string(delivery::misconfigured))
                            .with_hint(made.error().hint));
        mailer_ = *std::move(made);
    }
    return mailer_->send(mail);
}

} // namespace auth
