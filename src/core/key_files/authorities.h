// Keys that tokens bring in a certificate (RFC 7515 section 4.1.6), as far as authorities vouch for
// them (RFC 5280 section 6). No network: nothing is fetched, and revocation lists are not looked
// at.
#pragma once

#include "core/jose/verifier.h"
#include "core/key_files/key_wrapping.h"

#include <openssl/types.h>

#include <memory>
#include <string_view>

namespace auth {

// Never changes once made; any number of threads may use it.
class Authorities {
  public:
    // Of a file of certificates, in PEM or as unwrap_key reads it. Those that are of no authority
    // vouch for nothing, which is remarked. Fails with usage where none is left.
    [[nodiscard]] static Result<Authorities> from_file(std::string_view text);

    // The key of the first certificate in "x5c", for the header's algorithm alone. It counts where
    // a chain leads from it to one of these authorities, all of it valid when the token was made,
    // and where its uses allow signatures of tokens. What is no chain is refused with unknown_key,
    // bad_header or as VerificationKey::from_jwk; the rest, once the signature is right, with
    // "untrusted_certificate" or as time_of_issue.
    [[nodiscard]] KeyAnswer answer(const Json& header) const;
    [[nodiscard]] const Remarks& remarks() const { return remarks_; }

  private:
    std::shared_ptr<X509_STORE> store_;
    Remarks remarks_;
};

} // namespace auth
