// The clock of the machine.
#pragma once

#include "core/base/clock.h"

namespace auth {

class SystemClock final : public Clock {
  public:
    [[nodiscard]] Time now() const override;
    void sleep(std::chrono::milliseconds span) const override;
};

} // namespace auth
