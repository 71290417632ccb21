#include "core/passwords/policy.h"

#include "core/base/text.h"
#include "core/passwords/password.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utf8proc.h>
#include <zxcvbn.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

namespace auth {
namespace {

// A thousand Argon2id computations a second take a year for 2^35 guesses.
constexpr double least_bits = 35;
// zxcvbn's time grows faster than its input.
constexpr std::size_t most_judged = 128;
constexpr std::size_t shortest_word = 3;
constexpr std::size_t shortest_repeat = 5;

// Sayings whose words are too common a choice together. Spaces are left out before they are
// compared.
constexpr std::string_view phrases[] = {
    "correcthorsebatterystaple",
    "thequickbrownfoxjumpsoverthelazydog",
    "thequickbrownfox",
    "jumpsoverthelazydog",
    "loremipsumdolorsitamet",
    "maytheforcebewithyou",
    "tobeornottobethatisthequestion",
    "tobeornottobe",
    "onceuponatime",
    "inthebeginning",
    "ourfatherwhoartinheaven",
    "wethepeopleoftheunitedstates",
    "allyourbasearebelongtous",
    "whatdoesthefoxsay",
    "nevergonnagiveyouup",
    "happybirthdaytoyou",
    "twinkletwinklelittlestar",
    "maryhadalittlelamb",
    "thecatinthehat",
    "supercalifragilisticexpialidocious",
    "ihaveadream",
    "ithinkthereforeiam",
    "winteriscoming",
    "liveandletdie",
    "mypasswordis",
    "thisismypassword",
    "changemenow",
    "pleasechangeme",
    "letmeinplease",
    "opensesame",
    "abracadabra",
    "iloveyousomuch",
    "iloveyouforever",
    "trustnoone",
    "nopasswordrequired",
    "defaultpassword",
    "temporarypassword",
};

enum class Fault { common_word, own_word, listed_word, repeat, sequence, keyboard, date };
constexpr std::array<std::string_view, 7> fault_names{
    "common words or phrases", "your own words", "words on the local list", "repeats", "sequences",
    "keyboard patterns",       "dates",
};
using Faults = std::array<bool, fault_names.size()>;

bool& at(Faults& faults, Fault fault) {
    return faults[static_cast<std::size_t>(fault)];
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t count_code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
}

// ASCII for zxcvbn, which knows nothing else: accents go, and any other letter becomes one of a-z
// so that sequences stay sequences and repeats stay repeats. Spaces go too: between words they add
// nothing to guess.
Secret fold(std::string_view text) {
    Secret out(most_judged * 4);
    std::size_t used = 0;
    for (std::size_t count = 0; !text.empty() && count < most_judged; ++count) {
        utf8proc_int32_t value = 0;
        const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                           static_cast<utf8proc_ssize_t>(text.size()), &value);
        if (size <= 0)
            break;
        text.remove_prefix(static_cast<std::size_t>(size));
        std::array<utf8proc_int32_t, 32> parts{};
        int boundary = 0;
        const auto found = utf8proc_decompose_char(
            value, parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
            static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                           UTF8PROC_STRIPMARK),
            &boundary);
        for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(found, 32); ++i) {
            const utf8proc_int32_t part = parts[static_cast<std::size_t>(i)];
            if (part != ' ' && used < out.size())
                out.writable()[used++] =
                    static_cast<unsigned char>(part < 0x80 ? part : 'a' + part % 26);
        }
    }
    out.drop_back(out.size() - used);
    return out;
}

// Length of the longest text that starts at `start` and has started before, in any case.
std::size_t repeat_length(std::string_view text, std::size_t start) {
    std::size_t longest = 0;
    for (std::size_t earlier = 0; earlier < start; ++earlier) {
        std::size_t length = 0;
        while (start + length < text.size() &&
               lower(text[earlier + length]) == lower(text[start + length]))
            ++length;
        longest = std::max(longest, length);
    }
    return longest;
}

// What is left when everything that only repeats an earlier part is taken out, NUL-terminated.
Secret without_repeats(std::string_view text) {
    Secret out(text.size() + 1);
    std::size_t used = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t repeat = repeat_length(text, i);
        if (repeat >= shortest_repeat)
            i += repeat;
        else
            out.writable()[used++] = static_cast<unsigned char>(text[i++]);
    }
    out.drop_back(out.size() - used - 1);
    return out;
}

std::string fold_word(std::string_view word) {
    return lower_ascii(fold(word).reveal());
}

// The word as a whole, and each run of letters and digits in it.
void add_own_word(std::vector<std::string>& words, std::string_view text) {
    const auto add = [&](std::string_view part) {
        if (std::string word = fold_word(part); word.size() >= shortest_word)
            words.push_back(std::move(word));
    };
    add(text);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" @.,_+-'/:"), text.size());
        if (end != text.size() || !words.empty())
            add(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void add_lines(std::vector<std::string>& words, std::string_view lines) {
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        std::string_view line = lines.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (std::string word = fold_word(line); word.size() >= shortest_word)
            words.push_back(std::move(word));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
}

// The words zxcvbn is given: the user's own, then phrases, then the local list.
struct Words {
    std::vector<std::string> all;
    std::size_t own_end = 0;
    std::size_t phrases_end = 0;

    [[nodiscard]] std::vector<const char*> pointers() const {
        std::vector<const char*> out;
        out.reserve(all.size() + 1);
        for (const std::string& word : all)
            out.push_back(word.c_str());
        out.push_back(nullptr);
        return out;
    }
};

Words collect_words(const PasswordPolicy& policy, std::span<const std::string> own_words) {
    Words words;
    for (const std::string& word : own_words)
        add_own_word(words.all, word);
    words.own_end = words.all.size();
    words.all.insert(words.all.end(), std::begin(phrases), std::end(phrases));
    words.phrases_end = words.all.size();
    add_lines(words.all, policy.extra_words);
    return words;
}

// zxcvbn does not say which word it found, and may have read digits and signs as letters.
Fault origin(const Words& words, std::string_view piece) {
    const auto reads_as = [&](std::string_view word) {
        return word.size() <= piece.size() &&
               std::equal(word.begin(), word.end(), piece.begin(), [](char wanted, char c) {
                   const char found = lower(c);
                   return found == wanted || found < 'a' || found > 'z';
               });
    };
    for (std::size_t i = 0; i < words.all.size(); ++i)
        if (reads_as(words.all[i]))
            return i < words.own_end       ? Fault::own_word
                   : i < words.phrases_end ? Fault::common_word
                                           : Fault::listed_word;
    return Fault::own_word;
}

void note(Faults& faults, const ZxcMatch_t& match, std::string_view piece, const Words& words) {
    const int type = static_cast<int>(match.Type);
    if (piece.size() < shortest_word)
        return;
    if ((type & MULTIPLE_MATCH) != 0)
        at(faults, Fault::repeat) = true;
    switch (type & ~static_cast<int>(MULTIPLE_MATCH)) {
    case DICTIONARY_MATCH:
    case DICT_LEET_MATCH:
        at(faults, Fault::common_word) = true;
        break;
    case USER_MATCH:
    case USER_LEET_MATCH:
        at(faults, origin(words, piece)) = true;
        break;
    case REPEATS_MATCH:
        at(faults, Fault::repeat) = true;
        break;
    case SEQUENCE_MATCH:
        at(faults, Fault::sequence) = true;
        break;
    case SPATIAL_MATCH:
        at(faults, Fault::keyboard) = true;
        break;
    case DATE_MATCH:
    case YEAR_MATCH:
        at(faults, Fault::date) = true;
        break;
    default:
        break;
    }
}

struct Judgement {
    double bits = 0;
    Faults faults{};
};

Judgement judge(std::string_view password, const Words& words) {
    const Secret whole = fold(password);
    const Secret left = without_repeats(whole.reveal());
    const std::string_view text = left.reveal().substr(0, left.size() - 1);
    std::vector<const char*> dictionary = words.pointers();
    ZxcMatch_t* matches = nullptr;

    Judgement out;
    out.bits = ZxcvbnMatch(text.data(), dictionary.data(), &matches);
    const std::unique_ptr<ZxcMatch_t, decltype(&ZxcvbnFreeInfo)> owned(matches, &ZxcvbnFreeInfo);
    at(out.faults, Fault::repeat) = text.size() < whole.size();
    for (const ZxcMatch_t* match = matches; match != nullptr; match = match->Next)
        note(out.faults, *match,
             text.substr(static_cast<std::size_t>(match->Begin),
                         static_cast<std::size_t>(match->Length)),
             words);
    return out;
}

std::string describe(const Faults& faults) {
    std::vector<std::string_view> found;
    for (std::size_t i = 0; i < faults.size(); ++i)
        if (faults[i])
            found.push_back(fault_names[i]);
    if (found.empty())
        return "the password is too easy to guess: it is too simple";
    const std::string_view last = found.back();
    found.pop_back();
    return fmt::format("the password is too easy to guess: it is made of {}{}{}",
                       fmt::join(found, ", "), found.empty() ? "" : " and ", last);
}

tl::unexpected<Error> weak(std::string message, Hint hint) {
    return fail(error(ErrorCode::refused, std::move(message))
                    .with_hint(std::move(hint))
                    .with_reason("weak_password")
                    .with_field("password"));
}

// The text of a hash as the password would let in anyone who has seen the hash, and nobody else.
Status refuse_hash(const Secret& normalised) {
    const auto scheme = scheme_of_text(normalised.reveal());
    if (!scheme)
        return {};
    return fail(
        error(ErrorCode::refused, fmt::format("the password is the text of a password hash{}",
                                              scheme->empty() ? "" : fmt::format(" ({})", *scheme)))
            .with_reason("password_is_hash")
            .with_field("password"));
}

} // namespace

Status check_password(const Secret& normalised, const PasswordPolicy& policy,
                      std::span<const std::string> own_words) {
    AUTH_CHECK(refuse_hash(normalised));
    const std::size_t length = count_code_points(normalised.reveal());
    if (length < policy.min_length)
        return weak(fmt::format("the password is too short: it has {} characters, and at least {} "
                                "are needed",
                                length, policy.min_length),
                    "several words in a row are long and easy to remember");
    if (length > policy.max_length)
        return weak(fmt::format("the password is too long: it has {} characters, and at most {} "
                                "are allowed",
                                length, policy.max_length),
                    {});
    if (!policy.blocklist)
        return {};
    const Judgement judgement = judge(normalised.reveal(), collect_words(policy, own_words));
    if (judgement.bits < least_bits)
        return weak(describe(judgement.faults), "take four or more words that have nothing to do "
                                                "with each other or with you");
    return {};
}

} // namespace auth
