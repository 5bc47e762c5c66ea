/* SPDX-License-Identifier: Apache-2.0 */
#include "client/audit_source.h"

#include <limits.h>
#include <stdio.h>

#include "client/input.h"
#include "crypto/merkle.h"

static tsec_rc
get_from_server(const struct audit_source *source, const char *path, struct tsec_buf *out,
                struct tsec_err *err)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    char full[AUDIT_PATH_MAX + 16];
    const struct cli_request request = { .method = "GET", .path = full };

    cli_reply_init(&reply);
    (void)snprintf(full, sizeof(full), "audit/%s", path);
    TSEC_TRY(cli_http_do(source->http, &request, &reply, err));
    if (reply.status == 404) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "the server has no %.120s", path);
    }
    if (reply.status != 200) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "the server answers %d to %.120s", reply.status,
                         path);
    }
    tsec_buf_put_span(out, tsec_buf_span(&reply.body));
    return tsec_buf_check(out, err);
}

tsec_rc
audit_source_get(const struct audit_source *source, const char *path, struct tsec_buf *out,
                 struct tsec_err *err)
{
    char full[PATH_MAX];

    if (source->http != NULL) {
        return get_from_server(source, path, out, err);
    }
    if (snprintf(full, sizeof(full), "%s/%s", source->folder, path) >= (int)sizeof(full)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the folder's name is too long");
    }
    return cli_input_file(full, out, err);
}

void
audit_tile_path(struct tsec_buf *out, const char *area, uint64_t n, unsigned width)
{
    tsec_buf_printf(out, "tile/%s/", area);
    tsec_tile_path(out, n);
    if (width < TSEC_TILE_WIDTH) {
        tsec_buf_printf(out, ".p/%u", width);
    }
    tsec_buf_put_byte(out, '\0');
}

static tsec_rc
get_tile(const struct audit_source *source, uint64_t n, unsigned width, struct tsec_buf *out,
         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(AUDIT_PATH_MAX);

    audit_tile_path(&path, "entries", n, width);
    TSEC_TRY(tsec_buf_check(&path, err));
    return audit_source_get(source, (const char *)path.ptr, out, err);
}

tsec_rc
audit_source_bundle(const struct audit_source *source, uint64_t n, unsigned width,
                    struct tsec_buf *out, struct tsec_err *err)
{
    const tsec_rc rc = get_tile(source, n, width, out, err);

    if (rc.code != TSEC_E_NOT_FOUND || width == TSEC_TILE_WIDTH) {
        return rc;
    }
    return get_tile(source, n, TSEC_TILE_WIDTH, out, err);
}
