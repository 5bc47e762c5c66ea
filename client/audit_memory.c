/* SPDX-License-Identifier: Apache-2.0 */
#include "client/audit_memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "client/input.h"
#include "client/settings.h"
#include "crypto/hash.h"

enum { NAME_BYTES = 16 };

static tsec_rc
default_path(const char *ledger, char *out, size_t cap, struct tsec_err *err)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    uint8_t hash[TSEC_SHA256_LEN];
    char name[2 * NAME_BYTES + 1];
    int n;

    tsec_sha256(tsec_span_str(ledger), hash);
    tsec_hex_encode(tsec_span(hash, NAME_BYTES), name);
    if (state != NULL && state[0] == '/') {
        n = snprintf(out, cap, "%s/tee-secrets/%s.checkpoint", state, name);
    } else if (home != NULL && home[0] == '/') {
        n = snprintf(out, cap, "%s/.local/state/tee-secrets/%s.checkpoint", home, name);
    } else {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "HOME does not name a folder; give -state=FILE");
    }
    if (n < 0 || (size_t)n >= cap) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the name of the state file is too long");
    }
    return TSEC_OK;
}

static tsec_rc
parse(struct tsec_span bytes, struct audit_memory *out, struct tsec_err *err)
{
    const uint8_t *line = bytes.len == 0 ? NULL : memchr(bytes.ptr, '\n', bytes.len);
    const size_t len = line == NULL ? 0 : (size_t)(line - bytes.ptr);
    struct tsec_note_verifier verifier;
    struct tsec_span text;

    if (len == 0 || len >= sizeof(out->vkey)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "no key in its first line");
    }
    memcpy(out->vkey, bytes.ptr, len);
    out->vkey[len] = '\0';
    TSEC_TRY(tsec_note_verifier_parse(tsec_span(bytes.ptr, len), &verifier, err));
    TSEC_TRY(tsec_note_open(tsec_span(line + 1, bytes.len - len - 1), &verifier, &text, err));
    return tsec_checkpoint_parse(text, &out->checkpoint, err);
}

tsec_rc
audit_memory_load(const char *file, const char *ledger, struct audit_memory *out,
                  struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TSEC_NOTE_MAX + AUDIT_VKEY_MAX);
    struct tsec_err why = { 0 };

    *out = (struct audit_memory){ .found = false };
    if (file == NULL) {
        TSEC_TRY(default_path(ledger, out->path, sizeof(out->path), err));
    } else if (snprintf(out->path, sizeof(out->path), "%s", file) >= (int)sizeof(out->path)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the name of the state file is too long");
    }
    if (access(out->path, F_OK) != 0) {
        return TSEC_OK;
    }
    TSEC_TRY(cli_input_file(out->path, &bytes, err));
    if (tsec_failed(parse(tsec_buf_span(&bytes), out, &why))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%.100s is damaged: %.60s", out->path, why.detail);
    }
    out->found = true;
    return TSEC_OK;
}

/** The folders above a file, for the owner only. */
static void
make_folders(const char *path)
{
    char folder[4096];

    for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
        (void)mkdir(folder, 0700); /* whether it worked shows when the file is written */
    }
}

tsec_rc
audit_memory_store(const struct audit_memory *memory, const char *vkey, struct tsec_span note,
                   struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TSEC_NOTE_MAX + AUDIT_VKEY_MAX);

    tsec_buf_printf(&bytes, "%s\n", vkey);
    tsec_buf_put_span(&bytes, note);
    TSEC_TRY(tsec_buf_check(&bytes, err));
    make_folders(memory->path);
    return cli_file_replace(memory->path, tsec_buf_span(&bytes), err);
}
