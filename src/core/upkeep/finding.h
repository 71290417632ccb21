// What is wrong with a database, and which command mends it: findings, and the checks that look.
#pragma once

#include "core/base/next_step.h"
#include "core/realm.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

enum class Severity { error, warning, note };
[[nodiscard]] std::string_view to_name(Severity severity);

// The repair of findings that only --fix mends.
inline const NextStep run_fix{"doctor", {"--fix"}};

struct Finding {
    std::string code; // stable
    Severity severity = Severity::error;
    std::string object;  // a path, a setting, a table, a key
    std::string message; // one sentence, names the object
    Hint repair;         // what mends it
    // What --fix does; nothing where only a person can. In a dry run it undoes what it did.
    std::function<Status()> fix{};
    bool fixed = false;
};

using Findings = std::vector<Finding>;

// One look at an open database and its policy.
struct Examination {
    Realm& realm;
    Findings& findings;
    Hint restore;                                          // how a damaged database comes back
    std::function<std::string(std::string_view)> variable; // an environment variable, or ""

    void add(Finding finding) { findings.push_back(std::move(finding)); }
};

// One question. Whatever it throws is a finding as well.
struct Check {
    std::string_view about; // for people: "the key file"
    void (*look)(Examination& examination);
};

// Rows, keys and the audit trail; then settings, hashes, signing keys and mails.
[[nodiscard]] std::span<const Check> database_checks();
[[nodiscard]] std::span<const Check> policy_checks();

// The variables that override one of these settings, which somebody set on purpose.
[[nodiscard]] Findings
shadowed_settings(const SettingTexts& behind,
                  const std::function<std::string(std::string_view)>& variable);

} // namespace auth
