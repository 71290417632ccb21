#include "core/sessions/verify_stream.h"

#include <algorithm>

namespace auth {
namespace {

unsigned cores() {
    return std::max(std::thread::hardware_concurrency(), 1U);
}

} // namespace

VerifyStream::VerifyStream(const TokenJudge& judge, LineBlocks lines, const Clock& clock, Show show)
    : lines_(std::move(lines)), clock_(clock), show_(std::move(show)), judges_(cores(), judge),
      workers_(
          cores(), [this] { return lines_.next(); },
          [this](const LineBlock& block, unsigned thread) {
              return judge_block(block, judges_.at(thread));
          }) {}

Result<std::optional<std::string>> VerifyStream::next() {
    auto shown = workers_.next();
    if (!shown)
        return std::nullopt;
    if (!*shown)
        return fail(shown->error());
    tokens_ += (*shown)->tokens;
    refused_ += (*shown)->refused;
    return std::move((*shown)->words);
}

Result<VerifyStream::Shown> VerifyStream::judge_block(const LineBlock& block,
                                                      TokenJudge& judge) const {
    judge.follow(clock_.now());
    AUTH_TRY(const std::vector<Judgment> judged, judge.judge(block.lines));
    Shown shown;
    std::int64_t line = block.first;
    for (const Judgment& judgment : judged) {
        show_(shown.words, line++, judgment.verdict, judge.expected());
        shown.refused += judgment.verdict.valid() ? 0 : 1;
    }
    shown.tokens = static_cast<std::int64_t>(judged.size());
    return shown;
}

} // namespace auth
