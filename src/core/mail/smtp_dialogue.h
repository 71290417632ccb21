// What a mail server says to an SMTP client (RFC 5321 section 4.2), reply by reply. Untrusted, and
// kept only as far as a person can read it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

class SmtpDialogue {
  public:
    // A line of the client. Nothing of it is kept but what it is about: it may be a secret.
    void sent(std::string_view line);
    // A line of the server, with or without its line end.
    void received(std::string_view line);

    // The replies that came whole.
    [[nodiscard]] int replies() const { return replies_; }
    // Whether the latest one did.
    [[nodiscard]] bool whole() const { return whole_; }
    // Of the latest reply, whole or not; 0 if there is none, or if it has no code.
    [[nodiscard]] int code() const;
    // All lines of it as one, printable and shortened: the code, and an enhanced status code (RFC
    // 2034) that each line repeats, appear once.
    [[nodiscard]] std::string reply() const;
    // What follows the code in its only or first line.
    [[nodiscard]] std::string_view first_text() const;

    // Whether the latest greeting offers the extension (RFC 5321 section 4.1.1.1), in any case.
    [[nodiscard]] bool offers(std::string_view extension) const;
    // The mechanisms that it offers for a login (RFC 4954), each once, as the server spells them.
    [[nodiscard]] std::vector<std::string> mechanisms() const;
    [[nodiscard]] bool offers_login(std::string_view mechanism) const;
    // Whether the client has begun a login.
    [[nodiscard]] bool tried_login() const { return tried_login_; }

  private:
    std::vector<std::string> lines_; // of the latest reply
    std::size_t kept_ = 0;           // bytes of them
    bool whole_ = true;
    int replies_ = 0;
    bool greeting_ = false; // the reply is to EHLO
    bool tried_login_ = false;
    std::vector<std::string> offered_; // the lines behind the first of the reply to EHLO
};

} // namespace auth
