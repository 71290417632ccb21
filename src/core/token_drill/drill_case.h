// The tokens of a drill: what a service is asked, what the right answer is, and why.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auth {

// Which verifiers a rule is for.
enum class DrillLevel {
    must,     // all of them
    profile,  // those of access tokens: RFC 9068 and RFC 8725, types and claims
    may,      // none: either answer is right
    database, // those that ask the database
};
[[nodiscard]] std::string_view to_name(DrillLevel level);

enum class RightAnswer { accepted, refused, either };
[[nodiscard]] std::string_view to_name(RightAnswer answer);

struct Forge;
using Forged = std::optional<std::string>; // nothing where there is no such token

struct DrillCase {
    std::string_view name; // stable: "other_audience"
    RightAnswer answer = RightAnswer::refused;
    DrillLevel level = DrillLevel::must;
    std::string_view source; // "RFC 7519 section 4.1.3"
    std::string_view why;    // one sentence: what a wrong answer allows
    std::string_view mend;   // what to change in the service, at most two lines
    Forged (*make)(const Forge& forge) = nullptr;
};

// All of them, the controls first; names are unique.
[[nodiscard]] std::span<const DrillCase> drill_cases();

// The same by what is wrong with the tokens.
[[nodiscard]] std::span<const DrillCase> control_cases();
[[nodiscard]] std::span<const DrillCase> unsigned_cases();
[[nodiscard]] std::span<const DrillCase> signature_cases();
[[nodiscard]] std::span<const DrillCase> key_cases();
[[nodiscard]] std::span<const DrillCase> text_cases();
[[nodiscard]] std::span<const DrillCase> time_cases();
[[nodiscard]] std::span<const DrillCase> claim_cases();
[[nodiscard]] std::span<const DrillCase> database_cases();

} // namespace auth
