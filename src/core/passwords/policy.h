// Which passwords may be set: length and a blocklist on pieces (NIST SP 800-63B-4 section 3.1.1.2).
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <span>
#include <string>

namespace auth {

struct PasswordPolicy {
    std::size_t min_length = 15; // code points
    std::size_t max_length = 128;
    bool blocklist = true;   // common words, repeats, sequences, the user's own words
    std::string extra_words; // more words to refuse, one a line, in any case
};

// `own_words` are the user's address, name and the like, and the product's name. Words, repeats
// and the like are no fault in themselves: what counts is how much is left to guess. Fails with
// refused, reason "weak_password", field "password", saying what is weak about it without showing
// any of it; reason "password_is_hash" for text that scheme_of_text knows.
[[nodiscard]] Status check_password(const Secret& normalised, const PasswordPolicy& policy,
                                    std::span<const std::string> own_words);

} // namespace auth
