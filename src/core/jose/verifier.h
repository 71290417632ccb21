// What a token's key, signature and claims say for and against it (RFC 7515 section 5.2, RFC 7519
// section 7.2, RFC 8725 section 3). Whether it may be trusted is sessions/access's to say, which
// alone asks this.
#pragma once

#include "core/jose/jose.h"
#include "core/jose/reason.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace auth {

// Why a token or its key could not be read, as one of what is wrong with the token.
[[nodiscard]] Problem to_problem(const Error& error, std::string_view claim = {});

// The key for a token, or why there is none.
struct KeyAnswer {
    std::optional<VerificationKey> key{};
    // With a key: why even a right signature is worth nothing; it is told only after a right one.
    std::optional<Problem> problem{};
    std::string_view state = "unknown"; // of the key: "shared", or as to_name(KeyState)
    std::optional<KeyOrigin> origin{};  // of a database's key: whose tokens it may sign
    std::string certificate{};          // the subject of the one in "x5c" that the key is of
    // With a key that is good at some times only: the same as `problem` for a token with these
    // claims, null where its payload holds none.
    std::function<std::optional<Problem>(const Json& claims, Time now)> objection{};
};
// By a header that names an algorithm we have. Asked by several threads at once. Fails where the
// key cannot be read, which says nothing of the token.
using FindKey = std::function<Result<KeyAnswer>(const Json& header)>;

struct Expectations {
    ClaimRules own;     // of tokens that this database signed
    ClaimRules foreign; // of all others
    std::optional<Algorithm> algorithm{};
    bool signature_only = false; // the payload may be anything, and nothing in it is checked
    // Goes on after a problem to tell the rest, so that claims nobody vouches for are checked, too.
    bool all_problems = false;
};

struct TokenHeader {
    Json json;
    std::string text; // the same, compact
};

struct Verdict {
    std::vector<Problem> problems{}; // none where the token may be trusted
    std::shared_ptr<const TokenHeader> header{};
    Json claims{};                   // null where the payload is not to be understood
    std::string payload{};           // as signed
    std::optional<bool> signature{}; // whether it is right; nothing where there is no key
    std::string_view key_state = "unknown";
    std::string certificate{};                  // as KeyAnswer's
    std::vector<std::string> ignored_headers{}; // keys_in_header() that did not choose the key
    bool ours = false;                          // signed by this database, or in its name
    bool shared = false;                        // with a secret that others have as well

    [[nodiscard]] bool valid() const { return problems.empty(); }
};

// Verifies token after token; for one thread. Headers repeat, so what was found out about one is
// kept.
class Verifier {
  public:
    Verifier(FindKey find_key, Expectations expected)
        : find_key_(std::move(find_key)), expected_(std::move(expected)) {}

    // Claims are looked at only once the signature is right, unless all problems are wanted; then
    // all that is wrong with them is said. Fails as FindKey.
    [[nodiscard]] Result<Verdict> verify(std::string_view token);
    // Judges as of `now` from here on, and looks for keys anew.
    void renew(Time now);
    [[nodiscard]] const Expectations& expected() const { return expected_; }

  private:
    struct Known {
        std::shared_ptr<const TokenHeader> header;
        std::vector<Problem> problems;
        std::vector<std::string> ignored_headers;
        KeyAnswer answer;
    };
    [[nodiscard]] Result<const Known*> look_at(std::string_view segment);
    [[nodiscard]] Result<Known> examine(std::string_view segment) const;
    [[nodiscard]] bool goes_on(const Verdict& verdict) const;
    static void check_embedded_keys(Known& known);
    void check_seal(const Known& known, const Segments& segments, Verdict& verdict) const;
    void check_payload(const Known& known, std::string payload, Verdict& verdict) const;

    FindKey find_key_;
    Expectations expected_;
    std::unordered_map<std::string, Known> known_; // by header segment
};

} // namespace auth
