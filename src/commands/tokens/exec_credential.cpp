#include "commands/tokens/exec_credential.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

constexpr std::string_view kind = "ExecCredential";
constexpr std::string_view v1 = "client.authentication.k8s.io/v1";
constexpr std::string_view v1beta1 = "client.authentication.k8s.io/v1beta1";

Error not_understood(std::string_view what) {
    return error(ErrorCode::usage, fmt::format("KUBERNETES_EXEC_INFO {}", what))
        .with_hint(fmt::format("set apiVersion: {} in the kubeconfig", v1));
}

} // namespace

Result<std::string> exec_credential_version(std::string_view exec_info) {
    if (exec_info.empty())
        return std::string(v1);
    const auto info = parse_json(exec_info, 32);
    if (!info || !info->is_object() || info->value("kind", Json()) != kind)
        return fail(not_understood("holds no ExecCredential"));
    const Json asked = info->value("apiVersion", Json());
    if (asked != v1 && asked != v1beta1)
        return fail(not_understood(fmt::format(
            "asks for {}: want {} or {}",
            asked.is_string() ? in_quotes(asked.get<std::string>()) : "no version", v1, v1beta1)));
    return asked.get<std::string>();
}

Json exec_credential(std::string_view version, std::string_view token, Time expires) {
    return {{"apiVersion", version},
            {"kind", kind},
            {"spec", {{"interactive", false}}},
            {"status", {{"expirationTimestamp", to_rfc3339(expires)}, {"token", token}}}};
}

} // namespace auth
