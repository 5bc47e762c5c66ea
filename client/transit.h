/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/transit.h
 * @brief What the transit commands share: paths below the mount, data from files, bodies, and how
 * an answer is printed.
 */
#ifndef TSEC_CLIENT_TRANSIT_H
#define TSEC_CLIENT_TRANSIT_H

#include "client/call.h"
#include "crypto/hash.h"

enum {
    CLI_TRANSIT_DATA_MAX = 700 * 1024, /* what one request takes, before base64 */
    CLI_TRANSIT_BODY_MAX = 2 * 1024 * 1024,
    CLI_TRANSIT_PATH_MAX = 4096,
};

#define CLI_TRANSIT_MOUNT_FLAG                                                \
    {                                                                         \
        "mount", "PATH", "Where the transit engine is; transit if not given." \
    }

/** "MOUNT/a/b/c" of the parts that are not NULL, with -mount or "transit". */
int cli_transit_path(struct cli *cli, const char *a, const char *b, const char *c,
                     struct tsec_buf *out);
/** Sends to such a path; `body` may be empty. */
int cli_transit_ask(struct cli *cli, const char *method, const char *a, const char *b,
                    struct tsec_span body, struct cli_reply *reply);

/** Data of a command: all of it, or, past CLI_TRANSIT_DATA_MAX, its digest. */
struct cli_transit_data {
    struct tsec_buf whole; /* of at most CLI_TRANSIT_DATA_MAX bytes */
    bool hashed;
    uint8_t digest[TSEC_SHA512_LEN];
    size_t digest_len;
};
void cli_transit_data_init(struct cli_transit_data *data);
void cli_transit_data_done(struct cli_transit_data *data);
#define CLI_AUTO_TRANSIT_DATA __attribute__((cleanup(cli_transit_data_done)))

/** Reads the file that operand `i` names, or standard input (no operand, or "-"), to its end.
 *  Longer data is hashed as it comes with the hash of that name, or refused without one (NULL). */
int cli_transit_data_read(struct cli *cli, size_t i, const char *hash,
                          struct cli_transit_data *out);
/** The bytes as base64 under `key`. */
void cli_transit_put_bytes(struct tsec_json_out *json, const char *key, struct tsec_span bytes);
/** The member of the reply's data on a line of its own; with -format=json or -field as those say.
 */
int cli_transit_show(struct cli *cli, const struct cli_reply *reply, const char *member);
/** The same member decoded from base64, as it is. */
int cli_transit_show_bytes(struct cli *cli, const struct cli_reply *reply, const char *member);

#endif
