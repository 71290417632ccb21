// The doctor's checks of what lies outside the database: files, the environment, the stored login.
#pragma once

#include "cli/world/world.h"
#include "core/upkeep/finding.h"

#include <span>
#include <string_view>

namespace auth {

// One look at the outside.
struct Outside {
    World& world;
    Findings& findings;

    void add(Finding finding) { findings.push_back(std::move(finding)); }
};

// One question. Its failure is a finding as well, and so is whatever it throws.
struct OutsideCheck {
    std::string_view about; // for people: "file modes"
    Status (*look)(Outside& outside);
};

[[nodiscard]] std::span<const OutsideCheck> file_checks();
[[nodiscard]] std::span<const OutsideCheck> surroundings_checks();

} // namespace auth
