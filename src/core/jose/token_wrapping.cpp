#include "core/jose/token_wrapping.h"

#include "core/base/text.h"

#include <algorithm>

namespace auth {
namespace {

class Unwrapping {
  public:
    explicit Unwrapping(std::string_view text) : out_{text} {}

    UnwrappedToken unwrap() {
        // Some editors put it before what they save.
        take_front("\xef\xbb\xbf", "a byte order mark");
        take_space();
        take_quotes();
        if (take_word("authorization:", "'Authorization:'"))
            take_quotes();
        if (starts_with_scheme() && take_word("bearer", "'Bearer'"))
            take_quotes();
        return out_;
    }

  private:
    void set(std::string_view token, std::string_view what) {
        if (token.size() == out_.token.size())
            return;
        out_.token = token;
        if (std::ranges::find(out_.taken, what) == out_.taken.end())
            out_.taken.push_back(what);
    }

    void take_space() { set(trimmed(out_.token, white_space), "white space"); }

    void take_front(std::string_view front, std::string_view what) {
        if (out_.token.starts_with(front))
            set(out_.token.substr(front.size()), what);
    }

    // Neither the names of headers nor those of schemes tell case apart.
    [[nodiscard]] bool starts_with_word(std::string_view word) const {
        return lower_ascii(out_.token.substr(0, word.size())) == word;
    }

    [[nodiscard]] bool starts_with_scheme() const {
        constexpr std::size_t length = std::string_view("bearer").size();
        return out_.token.size() > length &&
               white_space.find(out_.token[length]) != std::string_view::npos;
    }

    bool take_word(std::string_view word, std::string_view what) {
        if (!starts_with_word(word))
            return false;
        set(out_.token.substr(word.size()), what);
        take_space();
        return true;
    }

    void take_quotes() {
        const std::string_view text = out_.token;
        constexpr std::string_view quotes = "\"'`";
        if (text.size() < 2 || text.front() != text.back() ||
            quotes.find(text.front()) == std::string_view::npos)
            return;
        set(text.substr(1, text.size() - 2), "quotes");
        take_space();
    }

    UnwrappedToken out_;
};

} // namespace

UnwrappedToken unwrap_token(std::string_view text) {
    return Unwrapping(text).unwrap();
}

} // namespace auth
