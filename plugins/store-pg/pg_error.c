/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_error.h"

#include <stdio.h>
#include <string.h>

/* The first that fits counts: whole states stand before their classes.  Advice first in the
 * detail, the server's words last: a detail that is cut off still says what to do. */
static const struct pg_meaning table[] = {
    { "22012", TSEC_E_CONFLICT, false, false, "a key that was to be present is not there" },
    { "23505", TSEC_E_CONFLICT, false, false, "a key that was to be absent is there" },
    { "25006", TSEC_E_READ_ONLY, false, true, "the database takes no writes: a standby?" },
    { "26000", TSEC_E_UNAVAILABLE, true, true,
      "a prepared statement is gone: connect directly or by a pooler that pools sessions" },
    { "0A000", TSEC_E_UNAVAILABLE, true, true, "the database cannot do this, or was migrated" },
    { "28", TSEC_E_CONFIG, false, true, "the database refuses the role or its password" },
    { "3D000", TSEC_E_CONFIG, false, true, "there is no such database: create it" },
    { "3F000", TSEC_E_CONFIG, false, false, "there are no tables: run tee-secretsd --migrate" },
    { "42P01", TSEC_E_CONFIG, false, false, "there are no tables: run tee-secretsd --migrate" },
    { "42501", TSEC_E_CONFIG, false, false, "the role lacks a privilege, see docs/store-pg.md" },
    { "40003", TSEC_E_UNAVAILABLE, false, false, "the database does not know what it did" },
    { "40", TSEC_E_UNAVAILABLE, true, false, "others write the same: try again" },
    { "53100", TSEC_E_UNAVAILABLE, false, false,
      "the database's disk is full, free some space; nothing was changed" },
    { "53300", TSEC_E_UNAVAILABLE, false, true,
      "the database has no connection left: raise max_connections" },
    { "53", TSEC_E_UNAVAILABLE, false, false, "the database is short of something" },
    { "55P03", TSEC_E_UNAVAILABLE, false, false, "another transaction held a lock for too long" },
    { "57014", TSEC_E_UNAVAILABLE, false, false, "it took too long and was cancelled" },
    { "57P", TSEC_E_UNAVAILABLE, true, true, "the database stops or starts" },
    { "57", TSEC_E_UNAVAILABLE, false, true, "an operator intervened" },
    { "58", TSEC_E_UNAVAILABLE, false, false, "the database's machine failed, look at its log" },
    { "08", TSEC_E_UNAVAILABLE, true, true, "the connection to the database failed" },
    { "25P0", TSEC_E_UNAVAILABLE, true, true, "the transaction took too long to continue" },
    { "XX001", TSEC_E_TAMPERED, false, false, "the database is damaged: restore a backup" },
    { "XX002", TSEC_E_TAMPERED, false, false, "an index of the database is damaged: reindex it" },
    { "", TSEC_E_INTERNAL, false, false, "the database refuses what it should not" },
};

const struct pg_meaning *
pg_meaning(const char *state)
{
    const char *known = state == NULL ? "08006" : state; /* libpq's own words have none */
    size_t i = 0;

    while (strncmp(known, table[i].state, strlen(table[i].state)) != 0) {
        i++;
    }
    return &table[i];
}

bool
pg_ended(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    return severity == NULL || strcmp(severity, "ERROR") != 0;
}

/* An error is a definite answer of the server: the transaction ends without being committed, and a
 * COMMIT that follows is skipped.  Except where the words may be those of a pooler or a proxy which
 * only lost sight of the server: class 08, and whatever ended the connection.  And of COMMIT itself
 * where the server says that it does not know (40003), or where its disk failed (58). */
bool
pg_commit_in_doubt(const char *state, bool ended, bool at_commit)
{
    if (ended || state == NULL || strncmp(state, "08", 2) == 0) {
        return true;
    }
    return at_commit && (strcmp(state, "40003") == 0 || strncmp(state, "58", 2) == 0);
}

tsec_rc
pg_fail(const PGresult *result, const char *doing, struct tsec_err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const struct pg_meaning *m = pg_meaning(state);

    return TSEC_FAIL(err, m->code, "%s: %s (SQLSTATE %s: %.80s)", doing, m->advice,
                     state == NULL ? "none" : state, words == NULL ? "no answer" : words);
}

static bool
is_state(const char *at)
{
    size_t n = 0;

    while (n < PG_STATE_LEN && ((at[n] >= '0' && at[n] <= '9') || (at[n] >= 'A' && at[n] <= 'Z'))) {
        n++;
    }
    return n == PG_STATE_LEN && at[n] == ':';
}

void
pg_state_in_text(const char *text, char *out)
{
    out[0] = '\0';
    for (const char *at = strstr(text, ":  "); at != NULL; at = strstr(at + 1, ":  ")) {
        if (is_state(at + 3)) {
            (void)snprintf(out, PG_STATE_LEN + 1, "%s", at + 3);
        }
    }
}
