// A line on a terminal that says how far long work has come; nothing where stderr is none.
#pragma once

#include "cli/world/world.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace auth {

class Progress {
  public:
    // `what` is counted: "users".
    Progress(World& world, std::string_view what);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { clear(); }

    // `share` of all the work is done, from 0 to 1, or below 0 where nobody knows.
    void update(std::int64_t count, double share);
    // Takes the line away, before anything else is written.
    void clear();

  private:
    World& world_;
    std::string what_;
    Time start_;
    Time shown_;
    bool visible_ = false;
};

} // namespace auth
