#include "core/sessions/verify_stream.h"

#include "core/jose/token_wrapping.h"

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
    unwrapped_ += (*shown)->unwrapped;
    return std::move((*shown)->words);
}

Result<VerifyStream::Shown> VerifyStream::judge_block(const LineBlock& block,
                                                      TokenJudge& judge) const {
    judge.follow(clock_.now());
    Shown shown;
    std::vector<std::string_view> tokens;
    tokens.reserve(block.lines.size());
    for (const std::string_view line : block.lines) {
        const UnwrappedToken unwrapped = unwrap_token(line);
        tokens.push_back(unwrapped.token);
        shown.unwrapped += unwrapped.taken.empty() ? 0 : 1;
    }
    AUTH_TRY(const std::vector<Judgment> judged, judge.judge(tokens));
    std::int64_t line = block.first;
    for (const Judgment& judgment : judged) {
        show_(shown.words, line++, judgment.verdict, judge.expected());
        shown.refused += judgment.verdict.valid() ? 0 : 1;
    }
    shown.tokens = static_cast<std::int64_t>(judged.size());
    return shown;
}

} // namespace auth
