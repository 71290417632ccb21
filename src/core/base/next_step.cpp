#include "core/base/next_step.h"

#include <utility>

namespace auth {

bool NextStep::operator==(const NextStep& other) const {
    return command == other.command && arguments == other.arguments;
}

Hint::Hint() = default;
Hint::Hint(std::string text) : words(std::move(text)) {}
Hint::Hint(const char* text) : words(text) {}
Hint::Hint(NextStep step) : Hint(std::string(), std::move(step)) {}
Hint::Hint(std::vector<NextStep> alternatives) : steps(std::move(alternatives)) {}
Hint::Hint(std::string text, NextStep step) : words(std::move(text)) {
    steps.push_back(std::move(step));
}
Hint::Hint(const Hint&) = default;
Hint::Hint(Hint&&) noexcept = default;
Hint& Hint::operator=(const Hint&) = default;
Hint& Hint::operator=(Hint&&) noexcept = default;
Hint::~Hint() = default;

Hint Hint::or_else(Hint other) const {
    if (empty())
        return other;
    return *this;
}

} // namespace auth
