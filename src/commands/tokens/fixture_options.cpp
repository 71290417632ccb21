#include "commands/tokens/fixture_options.h"

#include "commands/tokens/extra_claims.h"
#include "core/base/text.h"

namespace auth {

void FixtureOptions::bind(Flags& flags) {
    flags.option("--as", email, "EMAIL", "whose tokens: an address, @username or id:UUID");
    flags.required("--as");
    flags.list("--aud", audiences, "AUDIENCE",
               "the audience of the service; default: token.audience");
    bind_extra_claims(flags, claims);
    flags.option("--disabled", disabled, "EMAIL",
                 "a disabled user, for a token that only the database can refuse");
}

Result<FixtureOrder> FixtureOptions::order(std::string_view purpose) const {
    FixtureOrder order;
    for (const std::string& audience : audiences)
        AUTH_CHECK(parse_line("aud", audience));
    order.audiences = audiences;
    AUTH_TRY(order.claims, extra_claims(claims));
    order.purpose = purpose;
    if (!disabled.empty()) {
        AUTH_TRY(order.disabled, parse_user_ref(disabled));
    }
    return order;
}

} // namespace auth
