/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "client/lib/attested.h"

enum { PATHS_MAX = 256 };

/** The path of an entry is the one asked for at that place, lest one secret be taken for another.
 */
static enum tees_result
open_entry(const struct tees_attested *attested, struct tsec_span entry, const char *path,
           struct tees_bytes *out, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(TSEC_JWE_MAX);
    struct tsec_span named = { NULL, 0 };
    struct tsec_span wrapped = { NULL, 0 };
    enum tees_result result;

    if (tsec_json_type_of(entry) != TSEC_JSON_OBJECT
        || tsec_json_member(entry, "path", &named) != TSEC_JSON_STRING
        || !tsec_json_string_is(named, tsec_span_str(path))) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the server released another secret");
    }
    (void)tsec_json_member(entry, "wrapped", &wrapped);
    result = tees_attested_open(attested, wrapped, &plain, error);
    return result == TEES_OK ? tees_give(&plain, out, error) : result;
}

static enum tees_result
open_all(const struct tees_attested *attested, const struct cli_reply *reply,
         const char *const *paths, size_t n, struct tees_bytes *out, struct tees_error *error)
{
    struct tsec_span released = { NULL, 0 };
    struct tsec_json_walk walk;
    struct tsec_json_member entry;
    enum tees_result result = TEES_OK;

    if (tsec_json_member(tees_reply_data(reply), "released", &released) != TSEC_JSON_ARRAY) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the server's answer has no \"released\"");
    }
    walk = tsec_json_walk(released);
    for (size_t i = 0; i < n && result == TEES_OK; i++) {
        result = tsec_json_next(&walk, &entry)
                     ? open_entry(attested, entry.value, paths[i], &out[i], error)
                     : tees_fail(error, TEES_PROTOCOL, NULL, "the server released fewer secrets");
    }
    return result;
}

static enum tees_result
check_paths(const char *const *paths, size_t n, struct tees_error *error)
{
    if (n == 0 || n > PATHS_MAX) {
        return tees_fail(error, TEES_INVALID, NULL, "1 to %d paths are released at once",
                         PATHS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        if (paths[i] == NULL || paths[i][0] == '\0') {
            return tees_fail(error, TEES_INVALID, NULL, "path %zu is empty", i);
        }
    }
    return TEES_OK;
}

enum tees_result
tees_release(struct tees *tees, const char *role, const char *const *paths, size_t n,
             struct tees_bytes *out, struct tees_error *error)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tees_attested attested = { .role = role };
    enum tees_result result = check_paths(paths, n, error);
    struct tees_bytes *opened = result == TEES_OK ? calloc(n, sizeof(*opened)) : NULL;

    cli_reply_init(&reply);
    if (result == TEES_OK && opened == NULL) {
        return tees_fail(error, TEES_NO_MEMORY, NULL, "no memory");
    }
    tsec_crypto_enter();
    if (result == TEES_OK) {
        result = tees_attested_ask(tees, &attested, "tee/release", paths, n, &reply, error);
    }
    result = result == TEES_OK ? open_all(&attested, &reply, paths, n, opened, error) : result;
    for (size_t i = 0; opened != NULL && i < n; i++) {
        if (result == TEES_OK) {
            out[i] = opened[i];
        } else {
            tees_bytes_free(&opened[i]);
        }
    }
    free(opened);
    tees_attested_done(&attested);
    tsec_crypto_leave();
    return result;
}
