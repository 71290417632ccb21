// What everybody who computes with libsodium calls first.
#pragma once

namespace auth {

// Chooses libsodium's fastest code for this machine, without which it is several times slower.
void start_sodium();

} // namespace auth
