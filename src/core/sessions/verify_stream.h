// A stream of tokens, one a line, each without what unwrap_token takes off: judged on all cores,
// answered in order, in bounded memory.
#pragma once

#include "core/base/line_blocks.h"
#include "core/base/ordered_workers.h"
#include "core/sessions/access.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace auth {

class VerifyStream {
  public:
    // Appends a verdict, in words; called by several threads at once. `line` counts from 1.
    using Show = std::function<void(std::string& out, std::int64_t line, const Verdict& verdict,
                                    const Expectations& expected)>;

    // A stream may last: tokens expire and keys are revoked meanwhile, so the judge follows the
    // clock.
    VerifyStream(const TokenJudge& judge, LineBlocks lines, const Clock& clock, Show show);

    // The words on the next few tokens; nothing after the last. Fails as TokenJudge::judge, or
    // where the lines cannot be read.
    [[nodiscard]] Result<std::optional<std::string>> next();
    [[nodiscard]] std::int64_t valid() const { return tokens_ - refused_; }
    [[nodiscard]] std::int64_t refused() const { return refused_; }
    [[nodiscard]] std::int64_t unwrapped() const { return unwrapped_; }

  private:
    struct Shown {
        std::string words;
        std::int64_t tokens = 0;
        std::int64_t refused = 0;
        std::int64_t unwrapped = 0;
    };
    [[nodiscard]] Result<Shown> judge_block(const LineBlock& block, TokenJudge& judge) const;

    LineBlocks lines_;
    const Clock& clock_;
    Show show_;
    std::vector<TokenJudge> judges_; // one a thread
    std::int64_t tokens_ = 0;
    std::int64_t refused_ = 0;
    std::int64_t unwrapped_ = 0;
    OrderedWorkers<LineBlock, Result<Shown>> workers_; // last: its threads use the rest
};

} // namespace auth
