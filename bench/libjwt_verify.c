/* How many tokens a second libjwt decodes on one core, signature and claims checked:
   libjwt_verify SECONDS ISSUER KEY TOKENS     KEY is a PEM or a secret; TOKENS has one a line */
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_TOKENS = 100000 };

static double processor_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static char* content(const char* path, size_t* size) {
    FILE* file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        exit(2);
    *size = (size_t)ftell(file);
    rewind(file);
    char* text = malloc(*size + 1);
    if (!text || fread(text, 1, *size, file) != *size)
        exit(2);
    text[*size] = '\0';
    fclose(file);
    return text;
}

static void verify(const char* token, const char* issuer, const char* key, size_t key_size) {
    jwt_t* jwt = NULL;
    if (jwt_decode(&jwt, token, (const unsigned char*)key, (int)key_size) != 0)
        exit(1);
    const char* iss = jwt_get_grant(jwt, "iss");
    const char* aud = jwt_get_grant(jwt, "aud");
    if (!iss || strcmp(iss, issuer) != 0 || !aud || jwt_get_grant_int(jwt, "exp") < time(NULL))
        exit(1);
    jwt_free(jwt);
}

int main(int argc, char** argv) {
    if (argc != 5)
        return 2;
    const double seconds = atof(argv[1]);
    size_t key_size, tokens_size;
    const char* key = content(argv[3], &key_size);
    char* text = content(argv[4], &tokens_size);

    static char* tokens[MOST_TOKENS];
    int count = 0;
    for (char* token = strtok(text, "\n"); token && count < MOST_TOKENS;
         token = strtok(NULL, "\n")) {
        tokens[count++] = token;
    }
    if (count == 0)
        return 2;

    const double start = processor_time();
    double spent = 0;
    long verified = 0;
    while ((spent = processor_time() - start) < seconds) {
        for (int i = 0; i < 50; ++i, ++verified) {
            verify(tokens[verified % count], argv[2], key, key_size);
        }
    }
    printf("%.1f\n", (double)verified / spent);
    return 0;
}
