#include "core/jose/repeatable.h"

#include "core/base/broken.h"

#include <openssl/rand.h>

// RAND_METHOD is deprecated since OpenSSL 3.0, whose way is a provider with a source of its own:
// that would need the keys in a library context of their own, and does not reach what they sign
// with.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace auth {
namespace {

Random* source = nullptr;

int fill(unsigned char* out, int count) {
    if (source == nullptr || count < 0)
        return 0;
    source->fill({out, static_cast<std::size_t>(count)});
    return 1;
}

int ready() {
    return 1;
}

constexpr RAND_METHOD from_source{.seed = nullptr,
                                  .bytes = fill,
                                  .cleanup = nullptr,
                                  .add = nullptr,
                                  .pseudorand = fill,
                                  .status = ready};

// OpenSSL draws from `random` while one lives.
class ChosenRandomness {
  public:
    explicit ChosenRandomness(Random& random) : before_(RAND_get_rand_method()) {
        source = &random;
        if (RAND_set_rand_method(&from_source) != 1)
            bug("OpenSSL takes no other source of random numbers");
    }
    ~ChosenRandomness() {
        RAND_set_rand_method(before_);
        source = nullptr;
    }
    ChosenRandomness(const ChosenRandomness&) = delete;
    ChosenRandomness& operator=(const ChosenRandomness&) = delete;

  private:
    const RAND_METHOD* before_;
};

} // namespace

std::string sign_with(const SigningKey& key, std::string_view input, Random& random) {
    const ChosenRandomness chosen(random);
    return key.sign(input);
}

SigningKey generate_with(Algorithm algorithm, Random& random) {
    const ChosenRandomness chosen(random);
    return SigningKey::generate(algorithm);
}

} // namespace auth
