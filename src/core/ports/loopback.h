// A page on this machine for this machine's browser, as a port (RFC 8252 section 7.3).
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <functional>
#include <memory>
#include <string>

namespace auth {

// The line and the Host header of a request; its body is not read.
struct PageRequest {
    std::string method;
    std::string target; // "/path?query"
    std::string host;   // "127.0.0.1:40000"; "" where there was none
};

struct PageAnswer {
    int status = 200;
    std::string html;
    bool last = false; // nothing more is awaited
};

// Listens on 127.0.0.1 and, where there is one, on ::1, until it dies.
class Loopback {
  public:
    virtual ~Loopback() = default;
    [[nodiscard]] virtual int port() const = 0;
    // Has `answer` judge each request, until one answer is the last. Fails with expired after
    // `limit`, and with cancelled once `stopped` says so.
    [[nodiscard]] virtual Status
    serve(Seconds limit, const std::function<bool()>& stopped,
          const std::function<PageAnswer(const PageRequest&)>& answer) = 0;
};

// On that port, or for 0 on one that was free. Fails with io.
using OpenLoopback = std::function<Result<std::unique_ptr<Loopback>>(int port)>;

// Shows the address in the person's browser. False where there is none to start.
using OpenBrowser = std::function<bool(const std::string& url)>;

} // namespace auth
