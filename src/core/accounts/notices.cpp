#include "core/accounts/notices.h"

namespace auth {

Recipient recipient_of(const User& user) {
    return {user.id, user.email_key, user.name.value_or("")};
}

} // namespace auth
