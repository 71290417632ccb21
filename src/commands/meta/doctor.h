// What is wrong with a database, its files and its surroundings, and which command mends it.
#pragma once

#include "cli/world/world.h"
#include "core/upkeep/sealed_table.h"

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

// One look at everything.
struct Examination {
    World& world;
    Realm* realm = nullptr; // nothing where the database cannot be opened
    std::vector<Finding> findings{};

    void add(Finding finding) { findings.push_back(std::move(finding)); }
};

// One question. Whatever it throws is a finding as well.
struct Check {
    std::string_view about; // for people: "file modes"
    void (*look)(Examination& examination);
};

// A variable that overrides one of these, which somebody set on purpose.
void add_shadowed(Examination& examination, const SettingTexts& behind);

// How a damaged database comes back.
[[nodiscard]] Hint restore_repair(const World& world);

// What is sealed and does not open: the column and some of its rows.
[[nodiscard]] std::string altered_words(const sealed_table::Altered& altered);

// By what they need: nothing at all; then an open database.
[[nodiscard]] std::span<const Check> file_checks();
[[nodiscard]] std::span<const Check> surroundings_checks();
[[nodiscard]] std::span<const Check> database_checks();
[[nodiscard]] std::span<const Check> policy_checks();

} // namespace auth
