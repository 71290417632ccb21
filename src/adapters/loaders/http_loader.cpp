#include "adapters/loaders/http_loader.h"

#include "adapters/loaders/module.h"
#include "adapters/modules/http/http_module.h"
#include "core/settings/setting.h"

namespace auth {

Result<HttpResponse> ModuleHttp::exchange(const HttpRequest& request,
                                          const std::function<bool()>& stopped) {
    HttpLimits limits;
    limits.time = settings_.get(setting<"federation.timeout">);
    limits.ca_file = settings_.get(setting<"federation.ca_file">);
    Result<HttpResponse> response;
    module_function<decltype(auth_http_exchange)>("http", "auth_http_exchange")(limits, request,
                                                                                stopped, response);
    return response;
}

} // namespace auth
