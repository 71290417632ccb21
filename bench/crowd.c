/* A crowd of processes: so many at a time run a program again and again.
 *
 *   crowd CLIENTS SECONDS PROGRAM WORD...    %d in a word stands for the number of the client
 *
 * Prints how often the program ended with 0, how often otherwise, the seconds it took, and the first
 * other exit status (-1 for a signal). */
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int count;
static char **words;
static double deadline;
static long good, bad, first_status;
static posix_spawn_file_actions_t streams;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static char *numbered(const char *word, long client) {
    const char *place = strstr(word, "%d");
    char *out = NULL;
    if (place == NULL)
        return strdup(word);
    if (asprintf(&out, "%.*s%ld%s", (int)(place - word), word, client, place + 2) < 0)
        exit(2);
    return out;
}

static void *be_client(void *number) {
    char **own = calloc((size_t)count + 1, sizeof *own);
    for (int i = 0; i < count; ++i)
        own[i] = numbered(words[i], (long)number);
    do {
        pid_t child;
        int status = 0;
        if (posix_spawn(&child, own[0], &streams, NULL, own, environ) != 0 ||
            waitpid(child, &status, 0) < 0)
            exit(2);
        if (status == 0) {
            __atomic_fetch_add(&good, 1, __ATOMIC_RELAXED);
        } else if (__atomic_fetch_add(&bad, 1, __ATOMIC_RELAXED) == 0) {
            first_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
    } while (now() < deadline);
    return NULL;
}

int main(int argument_count, char **arguments) {
    if (argument_count < 4)
        return 2;
    const long clients = atol(arguments[1]);
    count = argument_count - 3;
    words = arguments + 3;
    posix_spawn_file_actions_init(&streams);
    posix_spawn_file_actions_addopen(&streams, 0, "/dev/null", 0, 0);
    posix_spawn_file_actions_addopen(&streams, 1, "/dev/null", 1, 0);
    posix_spawn_file_actions_addopen(&streams, 2, "/dev/null", 1, 0);
    pthread_t *all = calloc((size_t)clients, sizeof *all);
    const double start = now();
    deadline = start + atof(arguments[2]);
    for (long i = 0; i < clients; ++i)
        pthread_create(&all[i], NULL, be_client, (void *)i);
    for (long i = 0; i < clients; ++i)
        pthread_join(all[i], NULL);
    printf("%ld %ld %.3f %ld\n", good, bad, now() - start, first_status);
    return 0;
}
