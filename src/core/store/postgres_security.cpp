#include "core/store/postgres_security.h"

#include "core/base/host.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace auth {
namespace {

constexpr int knows_require_auth = 160000;
constexpr std::string_view best = "verify-full";

// The parameters that each version of libpq brought (release notes of PostgreSQL).
constexpr auto newer_parameters =
    std::to_array<std::pair<std::string_view, int>>({{"channel_binding", 13},
                                                     {"ssl_max_protocol_version", 13},
                                                     {"ssl_min_protocol_version", 13},
                                                     {"sslpassword", 13},
                                                     {"sslsni", 14},
                                                     {"gssdelegation", 16},
                                                     {"load_balance_hosts", 16},
                                                     {"require_auth", 16},
                                                     {"sslcertmode", 16},
                                                     {"sslnegotiation", 17},
                                                     {"max_protocol_version", 18},
                                                     {"min_protocol_version", 18},
                                                     {"oauth_client_id", 18},
                                                     {"oauth_client_secret", 18},
                                                     {"oauth_issuer", 18},
                                                     {"oauth_scope", 18},
                                                     {"scram_client_key", 18},
                                                     {"scram_server_key", 18},
                                                     {"servicefile", 18},
                                                     {"sslkeylogfile", 18}});

// By a socket of this machine's, or over its loopback.
bool is_local(const std::string& host) {
    return host.empty() || host.front() == '/' || host.front() == '@' || is_loopback(host);
}

bool all_local(std::string_view hosts) {
    const auto names = split(hosts, ',');
    return std::ranges::all_of(names, is_local);
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const std::string digits(text.substr(i + 1, 2));
            out += static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

// The hosts of "user@host:port,[::1]:port".
std::string hosts_of(std::string_view authority) {
    std::string hosts;
    for (const std::string& each : split(authority.substr(authority.rfind('@') + 1), ',')) {
        const bool bracketed = each.starts_with('[');
        hosts += hosts.empty() ? "" : ",";
        hosts += bracketed ? each.substr(1, each.find(']') - 1)
                           : percent_decoded(each.substr(0, each.find(':')));
    }
    return hosts;
}

// The names and values behind the question mark.
std::vector<std::pair<std::string, std::string>> parameters_of(std::string_view url) {
    std::vector<std::pair<std::string, std::string>> out;
    const std::size_t query = std::min(url.find('?'), url.size());
    for (const std::string& parameter : split(url.substr(std::min(query + 1, url.size())), '&')) {
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        out.emplace_back(percent_decoded(parameter.substr(0, equals)),
                         percent_decoded(parameter.substr(std::min(equals + 1, parameter.size()))));
    }
    return out;
}

} // namespace

PostgresServer server_of(std::string_view url) {
    PostgresServer server;
    const std::size_t start = std::min(url.find("://"), url.size() - 3) + 3;
    const std::size_t query = std::min(url.find('?'), url.size());
    server.host = hosts_of(url.substr(start, std::min(url.find('/', start), query) - start));
    for (const auto& [name, value] : parameters_of(url)) {
        if (name == "host")
            server.host = value;
        else if (name == "hostaddr")
            server.hostaddr = value;
        else if (name == "service")
            server.by_service = true;
        else if (name == "sslmode")
            server.sslmode = value;
        else if (name == "ssl" && value == "true")
            server.sslmode = "require";
        else if (name == "require_auth")
            server.require_auth = value;
        else if (name == "sslrootcert")
            server.sslrootcert = value;
    }
    return server;
}

bool is_on_this_machine(const PostgresServer& server) {
    if (server.by_service)
        return false;
    const auto addresses = split(server.hostaddr, ',');
    const bool replaced =
        !addresses.empty() && std::ranges::none_of(addresses, &std::string::empty);
    return all_local(server.hostaddr) && (replaced || all_local(server.host));
}

bool is_unproved(const PostgresServer& server) {
    return !is_on_this_machine(server) && !server.sslmode.empty() && server.sslmode != best;
}

bool may_be_clear(const PostgresServer& server) {
    constexpr auto clear = std::to_array<std::string_view>({"disable", "allow", "prefer"});
    return is_unproved(server) && std::ranges::find(clear, server.sslmode) != clear.end();
}

std::vector<std::pair<std::string, std::string>> security_parameters(const PostgresServer& server,
                                                                     int libpq) {
    std::vector<std::pair<std::string, std::string>> out;
    const bool chosen = !server.sslmode.empty() || is_on_this_machine(server);
    if (!chosen)
        out.emplace_back("sslmode", best);
    const bool proved = !chosen || server.sslmode == best;
    if (proved && server.sslrootcert.empty())
        out.emplace_back("sslrootcert", libpq >= knows_require_auth
                                            ? "system"
                                            : "/etc/ssl/certs/ca-certificates.crt");
    if (libpq >= knows_require_auth) {
        if (may_be_clear(server) || (!proved && server.require_auth.empty()))
            out.emplace_back("require_auth", "!password");
    } else if (may_be_clear(server)) {
        out.emplace_back("passfile", "/dev/null/none");
    }
    return out;
}

std::optional<NewerParameter> newer_parameter(std::string_view url, int libpq) {
    for (const auto& [name, value] : parameters_of(url)) {
        const auto* found =
            std::ranges::find(newer_parameters, name, &std::pair<std::string_view, int>::first);
        if (found != newer_parameters.end() && found->second > libpq / 10'000)
            return NewerParameter{name, found->second};
    }
    return std::nullopt;
}

} // namespace auth
