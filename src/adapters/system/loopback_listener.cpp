#include "adapters/system/loopback_listener.h"

#include "core/base/descriptor.h"
#include "core/base/secret.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <vector>

namespace auth {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t longest_head = 16384; // of a request: browsers send long cookies
constexpr std::size_t most_connections = 16;
constexpr std::chrono::seconds patience{10};       // for a browser that says nothing
constexpr std::chrono::milliseconds farewell{500}; // for one that is to take its answer
constexpr std::chrono::milliseconds glance{200};   // between looks at whether to stop

// A request on its way in, or what is left of its answer on its way out.
struct Connection {
    Descriptor socket;
    SteadyClock::time_point deadline;
    std::string head{};
    std::string answer{};
    bool answering = false;
    bool said = false; // all of the answer; the rest of what comes is thrown away

    [[nodiscard]] short wants() const { return answering && !said ? POLLOUT : POLLIN; }
};

// The reason phrase matters to nobody.
std::string response_text(const PageAnswer& answer) {
    return fmt::format("HTTP/1.1 {} -\r\nContent-Type: text/html; charset=utf-8\r\n"
                       "Content-Length: {}\r\nConnection: close\r\nCache-Control: no-store\r\n"
                       "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline';"
                       " frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n"
                       "X-Content-Type-Options: nosniff\r\n\r\n{}",
                       answer.status, answer.html.size(), answer.html);
}

// The value of the one Host header; "" where there is none, or more than one.
std::string host_of(std::string_view head) {
    std::string host;
    bool any = false;
    for (const std::string& line : split(head, '\n')) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos || lower_ascii(line.substr(0, colon)) != "host")
            continue;
        if (std::exchange(any, true))
            return "";
        const std::size_t from = line.find_first_not_of(" \t", colon + 1);
        const std::size_t to = line.find_last_not_of(" \t\r");
        host = from == std::string::npos || to < from ? "" : line.substr(from, to - from + 1);
    }
    return lower_ascii(host);
}

// A request without a target is none; its method is "".
PageRequest parse_head(std::string_view head) {
    const std::string_view line = head.substr(0, head.find_first_of("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos || !line.substr(second + 1).starts_with("HTTP/1."))
        return {};
    return {std::string(line.substr(0, first)),
            std::string(line.substr(first + 1, second - first - 1)), host_of(head)};
}

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

class LoopbackListener final : public Loopback {
  public:
    LoopbackListener(int port, std::vector<Descriptor> sockets)
        : port_(port), sockets_(std::move(sockets)) {}

    [[nodiscard]] int port() const override { return port_; }
    [[nodiscard]] Status
    serve(Seconds limit, const std::function<bool()>& stopped,
          const std::function<PageAnswer(const PageRequest&)>& answer) override;

  private:
    using Answer = std::function<PageAnswer(const PageRequest&)>;
    void wait();
    void accept_from(const Descriptor& socket);
    // False once the connection is of no more use.
    [[nodiscard]] bool attend(Connection& connection, const Answer& answer);
    [[nodiscard]] bool hear(Connection& connection, const Answer& answer);
    static bool say(Connection& connection);
    void sweep();
    void say_farewell();

    int port_;
    std::vector<Descriptor> sockets_;
    std::vector<Connection> connections_;
    std::vector<pollfd> watched_;
    bool done_ = false;
};

void LoopbackListener::wait() {
    watched_.clear();
    for (const Descriptor& socket : sockets_)
        watched_.push_back({socket.get(), POLLIN, 0});
    for (const Connection& connection : connections_)
        watched_.push_back({connection.socket.get(), connection.wants(), 0});
    if (::poll(watched_.data(), watched_.size(), static_cast<int>(glance.count())) < 0)
        watched_.clear(); // a signal
}

void LoopbackListener::accept_from(const Descriptor& socket) {
    Descriptor taken(::accept4(socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (taken.get() < 0)
        return;
    if (connections_.size() >= most_connections)
        connections_.erase(connections_.begin()); // whoever has dawdled longest
    connections_.push_back({std::move(taken), SteadyClock::now() + patience});
}

bool LoopbackListener::say(Connection& connection) {
    const ssize_t count = ::send(connection.socket.get(), connection.answer.data(),
                                 connection.answer.size(), MSG_NOSIGNAL);
    if (count < 0)
        return would_block();
    connection.answer.erase(0, static_cast<std::size_t>(count));
    if (connection.answer.empty()) {
        connection.said = true;
        ::shutdown(connection.socket.get(), SHUT_WR);
    }
    return true;
}

bool LoopbackListener::hear(Connection& connection, const Answer& answer) {
    std::array<char, 4096> chunk{};
    const ssize_t count = ::recv(connection.socket.get(), chunk.data(), chunk.size(), 0);
    if (count <= 0)
        return count < 0 && would_block();
    if (connection.said)
        return true;
    connection.head.append(chunk.data(), static_cast<std::size_t>(count));
    PageAnswer page{431, {}, false};
    if (const std::size_t end = connection.head.find("\r\n\r\n"); end != std::string::npos) {
        const PageRequest request = parse_head(connection.head.substr(0, end));
        page = request.method.empty() ? PageAnswer{400, {}, false} : answer(request);
    } else if (connection.head.size() <= longest_head) {
        return true;
    }
    wipe(connection.head); // it may hold a code
    connection.head.clear();
    connection.answer = response_text(page);
    connection.answering = true;
    done_ = done_ || page.last;
    return say(connection);
}

bool LoopbackListener::attend(Connection& connection, const Answer& answer) {
    return connection.answering && !connection.said ? say(connection) : hear(connection, answer);
}

void LoopbackListener::sweep() {
    const auto now = SteadyClock::now();
    std::erase_if(connections_, [&](const Connection& connection) {
        return connection.socket.get() < 0 || now >= connection.deadline;
    });
}

// The last answer gets its time to arrive, while nobody new is let in.
void LoopbackListener::say_farewell() {
    sockets_.clear();
    const auto end = SteadyClock::now() + farewell;
    const Answer nothing = [](const PageRequest&) { return PageAnswer{404, {}, false}; };
    std::erase_if(connections_, [](const Connection& one) { return !one.answering; });
    while (!connections_.empty() && SteadyClock::now() < end) {
        wait();
        for (std::size_t i = 0; i < watched_.size(); ++i)
            if (watched_[i].revents != 0 && !attend(connections_[i], nothing))
                connections_[i].socket.close();
        sweep();
    }
}

Status LoopbackListener::serve(Seconds limit, const std::function<bool()>& stopped,
                               const Answer& answer) {
    const auto end = SteadyClock::now() + limit;
    while (!done_) {
        if (stopped())
            return fail(error(ErrorCode::cancelled, "cancelled"));
        if (SteadyClock::now() >= end)
            return fail(
                error(ErrorCode::expired,
                      fmt::format("nobody came back from the browser within {}", in_words(limit)))
                    .with_reason("no_answer"));
        wait();
        const std::size_t listeners = sockets_.size();
        const std::size_t known = watched_.size() - std::min(watched_.size(), listeners);
        for (std::size_t i = 0; i < known && !done_; ++i)
            if (watched_[listeners + i].revents != 0 && !attend(connections_[i], answer))
                connections_[i].socket.close();
        sweep();
        for (std::size_t i = 0; i < std::min(listeners, watched_.size()) && !done_; ++i)
            if (watched_[i].revents != 0)
                accept_from(sockets_[i]);
    }
    say_farewell();
    return {};
}

enum class Port { any, wanted };

Descriptor listening_socket(int family, const sockaddr* address, socklen_t size, Port port) {
    Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    if (socket.get() >= 0 && family == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    // Connections of the last login may linger there. A port that has a listener stays refused.
    if (socket.get() >= 0 && port == Port::wanted)
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (socket.get() < 0 || ::bind(socket.get(), address, size) < 0 ||
        ::listen(socket.get(), static_cast<int>(most_connections)) < 0)
        return Descriptor();
    return socket;
}

template <class Address>
Descriptor listening_socket(const Address& address, int family, Port port) {
    return listening_socket(family, reinterpret_cast<const sockaddr*>(&address), sizeof address,
                            port);
}

// Number 0 takes any that is free.
Descriptor listen_ipv4(int number, Port port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(number));
    return listening_socket(address, AF_INET, port);
}

Descriptor listen_ipv6(int number, Port port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(static_cast<std::uint16_t>(number));
    return listening_socket(address, AF_INET6, port);
}

int port_of(const Descriptor& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

} // namespace

Result<std::unique_ptr<Loopback>> listen_on_loopback(int wanted) {
    const Port kind = wanted == 0 ? Port::any : Port::wanted;
    const int tries = wanted == 0 ? 20 : 1;
    for (int i = 0; i < tries; ++i) {
        std::vector<Descriptor> sockets;
        sockets.push_back(listen_ipv4(wanted, kind));
        if (sockets.front().get() < 0)
            break;
        const int port = port_of(sockets.front());
        sockets.push_back(listen_ipv6(port, kind));
        // Somebody else may have that port of ::1: what is sent there must not reach them.
        if (sockets.back().get() < 0 && errno == EADDRINUSE)
            continue;
        if (sockets.back().get() < 0)
            sockets.pop_back();
        return std::make_unique<LoopbackListener>(port, std::move(sockets));
    }
    const std::string place = wanted == 0 ? "" : fmt::format("port {} of ", wanted);
    return fail(ErrorCode::io,
                fmt::format("cannot listen on {}127.0.0.1: {}", place, std::strerror(errno)),
                NextStep{"login", {"--provider", "NAME", "--device"}});
}

} // namespace auth
