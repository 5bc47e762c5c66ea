/* SPDX-License-Identifier: Apache-2.0 */
#include "client/transit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/base64.h"
#include "client/output.h"
#include "crypto/hasher.h"

int
cli_transit_path(struct cli *cli, const char *a, const char *b, const char *c, struct tsec_buf *out)
{
    const char *mount = cli_args_value(&cli->args, "mount");
    const char *const parts[] = { mount == NULL ? "transit" : mount, a, b == NULL ? "" : b,
                                  c == NULL ? "" : c };
    struct tsec_err err = { 0 };

    for (size_t i = 2; i < TSEC_ARRAY_LEN(parts); i++) {
        if (strchr(parts[i], '/') != NULL) {
            return cli_usage_error(cli, "%s cannot be in a name; the mount is named by -mount.",
                                   "'/'");
        }
    }
    return tsec_failed(cli_path(out, parts, TSEC_ARRAY_LEN(parts), &err)) ? cli_fail(cli, &err)
                                                                          : CLI_OK;
}

int
cli_transit_ask(struct cli *cli, const char *method, const char *a, const char *b,
                struct tsec_span body, struct cli_reply *reply)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    const int rc = cli_transit_path(cli, a, b, NULL, &path);

    return rc == CLI_OK ? cli_ask(cli, method, cli_path_text(&path), body, reply) : rc;
}

void
cli_transit_data_init(struct cli_transit_data *data)
{
    *data = (struct cli_transit_data){ .hashed = false };
    tsec_buf_init(&data->whole, CLI_TRANSIT_DATA_MAX + 1);
}

void
cli_transit_data_done(struct cli_transit_data *data)
{
    tsec_buf_done(&data->whole);
    explicit_bzero(data->digest, sizeof(data->digest));
}

static tsec_rc
read_some(int fd, uint8_t *to, size_t room, size_t *got, struct tsec_err *err)
{
    ssize_t n = 0;

    do {
        n = read(fd, to, room);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "cannot read: %s", strerror(errno));
    }
    *got = (size_t)n;
    return TSEC_OK;
}

/* Fills the buffer; *more says that there is more than it takes. */
static tsec_rc
read_whole(int fd, struct tsec_buf *out, bool *more, struct tsec_err *err)
{
    uint8_t piece[16384];
    size_t got = 1;
    tsec_rc rc = TSEC_OK;

    while (!tsec_failed(rc) && got > 0 && out->len <= CLI_TRANSIT_DATA_MAX) {
        const size_t room = CLI_TRANSIT_DATA_MAX + 1 - out->len;

        rc = read_some(fd, piece, room < sizeof(piece) ? room : sizeof(piece), &got, err);
        tsec_buf_put(out, piece, tsec_failed(rc) ? 0 : got);
    }
    explicit_bzero(piece, sizeof(piece));
    *more = out->len > CLI_TRANSIT_DATA_MAX;
    TSEC_TRY(rc);
    return tsec_buf_check(out, err);
}

static tsec_rc
hash_rest(int fd, const char *name, struct cli_transit_data *data, struct tsec_err *err)
{
    TSEC_AUTO(tsec_hasher_free) struct tsec_hasher *hasher = NULL;
    enum tsec_hash hash = (enum tsec_hash)0;
    uint8_t piece[65536];
    size_t got = 1;
    tsec_rc rc = TSEC_OK;

    if (!tsec_hash_named(tsec_span_str(name), &hash)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "there is no hash %.32s", name);
    }
    TSEC_TRY(tsec_hasher_new(hash, &hasher, err));
    tsec_hasher_add(hasher, tsec_buf_span(&data->whole));
    while (!tsec_failed(rc) && got > 0) {
        rc = read_some(fd, piece, sizeof(piece), &got, err);
        tsec_hasher_add(hasher, tsec_span(piece, tsec_failed(rc) ? 0 : got));
    }
    explicit_bzero(piece, sizeof(piece));
    TSEC_TRY(rc);
    tsec_buf_reset(&data->whole);
    tsec_hasher_end(hasher, data->digest);
    data->digest_len = tsec_hash_len(hash);
    data->hashed = true;
    return TSEC_OK;
}

static tsec_rc
read_data(int fd, const char *hash, struct cli_transit_data *out, struct tsec_err *err)
{
    bool more = false;

    TSEC_TRY(read_whole(fd, &out->whole, &more, err));
    if (!more) {
        return TSEC_OK;
    }
    if (hash == NULL) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE,
                         "the data has more than %d bytes, which is what one request takes",
                         CLI_TRANSIT_DATA_MAX);
    }
    return hash_rest(fd, hash, out, err);
}

int
cli_transit_data_read(struct cli *cli, size_t i, const char *hash, struct cli_transit_data *out)
{
    const char *file = cli_operand(cli, i);
    const bool from_stdin = file == NULL || strcmp(file, "-") == 0;
    const int fd = from_stdin ? cli->in_fd : open(file, O_RDONLY | O_CLOEXEC);
    struct tsec_err err = { 0 };
    tsec_rc rc;

    if (fd < 0) {
        cli_say(cli, "Error: cannot open %s: %s\n", file, strerror(errno));
        return CLI_LOCAL;
    }
    rc = read_data(fd, hash, out, &err);
    if (!from_stdin) {
        (void)close(fd);
    }
    return tsec_failed(rc) ? cli_fail(cli, &err) : CLI_OK;
}

void
cli_transit_put_bytes(struct tsec_json_out *json, const char *key, struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);

    tsec_base64_append(&text, TSEC_BASE64_STD, bytes);
    tsec_json_put_span(json, key, tsec_buf_span(&text));
}

/* CLI_OK and an empty span: it was shown already, as -format or -field has it. */
static int
find_member(struct cli *cli, const struct cli_reply *reply, const char *member,
            struct tsec_span *value)
{
    const struct tsec_span data = cli_reply_data(reply);
    const bool wrapped =
        tsec_json_type_of(cli_reply_member(reply, "wrap_info")) == TSEC_JSON_OBJECT;

    *value = tsec_span(NULL, 0);
    if (wrapped || cli->field != NULL || cli->format == CLI_JSON) {
        return cli_show_any(cli, reply, "");
    }
    if (data.len == 0 || tsec_json_member(data, member, value) == TSEC_JSON_NONE) {
        cli_say(cli, "Error: the reply has no %s\n", member);
        return CLI_SERVER;
    }
    return CLI_OK;
}

int
cli_transit_show(struct cli *cli, const struct cli_reply *reply, const char *member)
{
    struct tsec_span value;
    const int rc = find_member(cli, reply, member, &value);

    if (rc == CLI_OK && value.len > 0) {
        cli_output_raw(&cli->out, value);
        tsec_buf_put_byte(&cli->out, '\n');
    }
    return rc;
}

int
cli_transit_show_bytes(struct cli *cli, const struct cli_reply *reply, const char *member)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(CLI_REPLY_MAX);
    struct tsec_span value;
    const int rc = find_member(cli, reply, member, &value);
    struct tsec_err err = { 0 };

    if (rc != CLI_OK || value.len == 0) {
        return rc;
    }
    cli_output_raw(&text, value);
    if (tsec_failed(tsec_base64_decode(&cli->out, TSEC_BASE64_STD, tsec_buf_span(&text), &err))) {
        cli_say(cli, "Error: the reply's %s is not base64\n", member);
        return CLI_SERVER;
    }
    return CLI_OK;
}
