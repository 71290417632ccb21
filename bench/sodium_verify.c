/* How many Ed25519 signatures a second libsodium verifies on one core:  sodium_verify SECONDS BYTES
 */
#include <sodium.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MESSAGES = 500, LONGEST = 65536 };

static unsigned char message[LONGEST];
static unsigned char signatures[MESSAGES][crypto_sign_BYTES];

static double processor_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char** argv) {
    if (argc != 3 || sodium_init() < 0)
        return 2;
    const double seconds = atof(argv[1]);
    const size_t size = strtoul(argv[2], NULL, 10);
    if (size < 1 || size > LONGEST)
        return 2;

    unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    crypto_sign_keypair(public_key, secret_key);
    randombytes_buf(message, size);
    for (int i = 0; i < MESSAGES; ++i) {
        message[0] = (unsigned char)i;
        crypto_sign_detached(signatures[i], NULL, message, size, secret_key);
    }

    const double start = processor_time();
    double spent = 0;
    long verified = 0;
    while ((spent = processor_time() - start) < seconds) {
        for (int i = 0; i < MESSAGES; ++i, ++verified) {
            message[0] = (unsigned char)i;
            if (crypto_sign_verify_detached(signatures[i], message, size, public_key) != 0)
                return 1;
        }
    }
    printf("%.1f\n", (double)verified / spent);
    return 0;
}
