// HTTP by libcurl, which lives in the module "http".
#pragma once

#include "core/ports/http.h"
#include "core/settings/settings.h"

namespace auth {

class ModuleHttp final : public Http {
  public:
    explicit ModuleHttp(const Settings& settings) : settings_(settings) {}
    [[nodiscard]] Result<HttpResponse> exchange(const HttpRequest& request,
                                                const std::function<bool()>& stopped) override;

  private:
    const Settings& settings_;
};

} // namespace auth
