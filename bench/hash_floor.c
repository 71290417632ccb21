/* What the hash function alone does: so many Argon2id hashes on so many threads.
 *
 *   hash_floor COUNT THREADS KIB PASSES      prints the seconds it took */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long left;
static unsigned long long passes;
static size_t bytes;

static void *work(void *unused) {
    char out[crypto_pwhash_STRBYTES];
    while (__atomic_fetch_sub(&left, 1, __ATOMIC_RELAXED) > 0)
        if (crypto_pwhash_str_alg(out, "violet-kettle-marches-9", 23, passes, bytes,
                                  crypto_pwhash_ALG_ARGON2ID13) != 0)
            exit(1);
    return unused;
}

int main(int count, char **words) {
    if (count != 5 || sodium_init() < 0)
        return 2;
    left = atol(words[1]);
    const long threads = atol(words[2]);
    bytes = (size_t)atol(words[3]) * 1024;
    passes = (unsigned long long)atol(words[4]);
    pthread_t *all = calloc((size_t)threads, sizeof *all);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long i = 0; i < threads; ++i)
        pthread_create(&all[i], NULL, work, NULL);
    for (long i = 0; i < threads; ++i)
        pthread_join(all[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.3f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    free(all);
    return 0;
}
