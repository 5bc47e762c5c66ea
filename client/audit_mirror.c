/* SPDX-License-Identifier: Apache-2.0 */
#include "client/audit_mirror.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "client/settings.h"

enum { LEVELS = TSEC_MERKLE_LEVELS / TSEC_TILE_HEIGHT };

/** A tile that is being filled. */
struct tile {
    uint64_t n;
    unsigned width;
    uint8_t hashes[TSEC_TILE_WIDTH][TSEC_SHA256_LEN];
};

struct audit_mirror {
    char folder[PATH_MAX / 2];
    struct tsec_buf bundle;
    uint64_t leaves;
    struct tsec_err failed; /* of a tile: found where nothing can be returned */
    struct tile tiles[LEVELS];
};

tsec_rc
audit_mirror_new(const char *folder, struct audit_mirror **out, struct tsec_err *err)
{
    TSEC_AUTO(audit_mirror_free) struct audit_mirror *mirror = calloc(1, sizeof(*mirror));

    if (mirror == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory");
    }
    tsec_buf_init(&mirror->bundle, AUDIT_BUNDLE_MAX);
    if (snprintf(mirror->folder, sizeof(mirror->folder), "%s", folder)
        >= (int)sizeof(mirror->folder)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "the folder's name is too long");
    }
    if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot make %.120s: %s", folder, strerror(errno));
    }
    *out = TSEC_TAKE(mirror);
    return TSEC_OK;
}

void
audit_mirror_free(struct audit_mirror *mirror)
{
    if (mirror != NULL) {
        tsec_buf_done(&mirror->bundle);
        free(mirror);
    }
}

static tsec_rc
write_file(const struct audit_mirror *mirror, const char *path, struct tsec_span bytes,
           struct tsec_err *err)
{
    char full[PATH_MAX];
    const size_t base = strlen(mirror->folder);
    tsec_rc rc;

    if (snprintf(full, sizeof(full), "%s/%s", mirror->folder, path) >= (int)sizeof(full)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "the folder's name is too long");
    }
    for (char *slash = strchr(full + base + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(full, 0755); /* whether it worked shows when the file is written */
        *slash = '/';
    }
    rc = cli_file_replace(full, bytes, err);
    if (!tsec_failed(rc) && chmod(full, 0644) != 0) { /* anybody may mirror a mirror */
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot open %.120s to others", full);
    }
    return rc;
}

static tsec_rc
write_tile(const struct audit_mirror *mirror, const char *area, uint64_t n, unsigned width,
           struct tsec_span bytes, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(AUDIT_PATH_MAX);

    audit_tile_path(&path, area, n, width);
    TSEC_TRY(tsec_buf_check(&path, err));
    return write_file(mirror, (const char *)path.ptr, bytes, err);
}

static tsec_rc
write_hashes(const struct audit_mirror *mirror, unsigned level, const struct tile *tile,
             struct tsec_err *err)
{
    char area[16];

    (void)snprintf(area, sizeof(area), "%u", level);
    return write_tile(mirror, area, tile->n, tile->width,
                      tsec_span(tile->hashes, (size_t)tile->width * TSEC_SHA256_LEN), err);
}

static void
on_subtree(void *ctx, unsigned level, uint64_t index, const uint8_t hash[TSEC_SHA256_LEN])
{
    struct audit_mirror *mirror = ctx;
    struct tile *tile = &mirror->tiles[level / TSEC_TILE_HEIGHT];

    if (level % TSEC_TILE_HEIGHT != 0) {
        return;
    }
    if (tile->width == TSEC_TILE_WIDTH) {
        tile->width = 0;
    }
    tile->n = index / TSEC_TILE_WIDTH;
    memcpy(tile->hashes[tile->width++], hash, TSEC_SHA256_LEN);
    if (tile->width == TSEC_TILE_WIDTH && mirror->failed.code == TSEC_OK_CODE) {
        (void)!write_hashes(mirror, level / TSEC_TILE_HEIGHT, tile, &mirror->failed).code;
    }
}

static tsec_rc
on_leaf(void *ctx, const struct tsec_leaf *leaf, struct tsec_span bytes, struct tsec_err *err)
{
    struct audit_mirror *mirror = ctx;

    (void)leaf;
    tsec_buf_put_byte(&mirror->bundle, (uint8_t)(bytes.len >> 8));
    tsec_buf_put_byte(&mirror->bundle, (uint8_t)bytes.len);
    tsec_buf_put_span(&mirror->bundle, bytes);
    TSEC_TRY(tsec_buf_check(&mirror->bundle, err));
    mirror->leaves++;
    if (mirror->leaves % TSEC_TILE_WIDTH == 0) {
        TSEC_TRY(write_tile(mirror, "entries", mirror->leaves / TSEC_TILE_WIDTH - 1,
                            TSEC_TILE_WIDTH, tsec_buf_span(&mirror->bundle), err));
        tsec_buf_reset(&mirror->bundle);
    }
    return TSEC_OK;
}

void
audit_mirror_attach(struct audit_mirror *mirror, struct audit_log *log)
{
    log->visit = on_leaf;
    log->completed = on_subtree;
    log->ctx = mirror;
}

tsec_rc
audit_mirror_finish(struct audit_mirror *mirror, const char *vkey, struct tsec_span note,
                    struct tsec_err *err)
{
    const unsigned rest = (unsigned)(mirror->leaves % TSEC_TILE_WIDTH);

    if (mirror->failed.code != TSEC_OK_CODE) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%.180s", mirror->failed.detail);
    }
    if (rest > 0) {
        TSEC_TRY(write_tile(mirror, "entries", mirror->leaves / TSEC_TILE_WIDTH, rest,
                            tsec_buf_span(&mirror->bundle), err));
    }
    for (unsigned level = 0; level < LEVELS; level++) {
        const struct tile *tile = &mirror->tiles[level];

        if (tile->width > 0 && tile->width < TSEC_TILE_WIDTH) {
            TSEC_TRY(write_hashes(mirror, level, tile, err));
        }
    }
    TSEC_TRY(write_file(mirror, "vkey", tsec_span_str(vkey), err));
    return write_file(mirror, "checkpoint", note, err);
}
