/* The floor of a login on a PostgreSQL server: a process that connects and makes as many round trips,
 * two of which commit a row.
 *
 *   journeys CONNINFO COUNT      COUNT includes the two that libpq needs to connect without TLS
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

static void run(PGconn *server, const char *command) {
    PGresult *result = PQexec(server, command);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s", PQerrorMessage(server));
        exit(1);
    }
    PQclear(result);
}

int main(int count, char **words) {
    if (count != 3)
        return 2;
    PGconn *server = PQconnectdb(words[1]);
    if (PQstatus(server) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(server));
        return 1;
    }
    for (int left = atoi(words[2]) - 2; left > 0; --left)
        run(server, left <= 2 ? "INSERT INTO public.journeys VALUES (1)" : "SELECT 1");
    PQfinish(server);
    return 0;
}
