/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "crypto/rand.h"

enum { SCALAR_LEN = 48, FILE_TEXT_MAX = 2 * SCALAR_LEN + 1 };

/* ---- files of the folder ---- */

static tsec_rc
read_all(int fd, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t chunk[1024];
    ssize_t n;

    while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
        tsec_buf_put(out, chunk, (size_t)n);
    }
    explicit_bzero(chunk, sizeof(chunk));
    return n < 0 ? TSEC_FAIL(err, TSEC_E_CONFIG, "cannot read a file (errno %d)", errno)
                 : tsec_buf_check(out, err);
}

/* A name that is taken stays as it is: the file is complete before it has its name. */
static tsec_rc
publish(int folder, const char *name, mode_t mode, struct tsec_span text, struct tsec_err *err)
{
    char temp[64];
    int fd;
    bool written;

    (void)snprintf(temp, sizeof(temp), ".%s.%d", name, (int)getpid());
    (void)unlinkat(folder, temp, 0);
    fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "cannot write into the simulated TEE's state_dir (errno %d)", errno);
    }
    written = write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0
              && (linkat(folder, temp, folder, name, 0) == 0 || errno == EEXIST);
    (void)close(fd);
    (void)unlinkat(folder, temp, 0);
    (void)fsync(folder);
    return written ? TSEC_OK
                   : TSEC_FAIL(err, TSEC_E_CONFIG,
                               "cannot write %s into the simulated TEE's state_dir", name);
}

static tsec_rc
check_private(int fd, const char *name, struct tsec_err *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid()
        || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "others can read the simulated TEE's %s, or it is not ours: chmod 600 it",
                         name);
    }
    return TSEC_OK;
}

/* `len` bytes as hex and a newline.  TSEC_E_NOT_FOUND: no such file. */
static tsec_rc
read_key(int folder, const char *name, uint8_t *out, size_t len, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(FILE_TEXT_MAX);
    const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    tsec_rc rc;

    if (fd < 0 && errno == ENOENT) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no %s yet", name);
    }
    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot open the simulated TEE's %s (errno %d)", name,
                         errno);
    }
    rc = check_private(fd, name, err);
    if (!tsec_failed(rc)) {
        rc = read_all(fd, &text, err);
    }
    (void)close(fd);
    TSEC_TRY(rc);
    if (text.len != 2 * len + 1 || text.ptr[2 * len] != '\n'
        || !tsec_hex_decode(tsec_span(text.ptr, 2 * len), out, len)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "the simulated TEE's %s is damaged: restore it, or start over", name);
    }
    return TSEC_OK;
}

static tsec_rc
write_key(int folder, const char *name, struct tsec_span bytes, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(FILE_TEXT_MAX);

    tsec_hex_append(&text, bytes);
    tsec_buf_put_byte(&text, '\n');
    TSEC_TRY(tsec_buf_check(&text, err));
    return publish(folder, name, 0600, tsec_buf_span(&text), err);
}

/* ---- keys ---- */

static tsec_rc
create_root(int folder, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf scalar = TSEC_BUF_INIT(SCALAR_LEN);

    TSEC_TRY(tsec_key_generate(TSEC_KEY_P384, &key, err));
    TSEC_TRY(tsec_key_private(key, &scalar, err));
    return write_key(folder, "root.key", tsec_buf_span(&scalar), err);
}

static tsec_rc
create_seal(int folder, struct tsec_err *err)
{
    uint8_t key[SIM_SEAL_KEY_LEN];
    tsec_rc rc;

    tsec_rand_bytes(key, sizeof(key));
    rc = write_key(folder, "seal.key", tsec_span(key, sizeof(key)), err);
    explicit_bzero(key, sizeof(key));
    return rc;
}

/* Read again after it was made: another process may have been first. */
static tsec_rc
read_or_create(int folder, const char *name, tsec_rc (*create)(int, struct tsec_err *),
               uint8_t *out, size_t len, struct tsec_err *err)
{
    const tsec_rc rc = read_key(folder, name, out, len, err);

    if (rc.code != TSEC_E_NOT_FOUND) {
        return rc;
    }
    TSEC_TRY(create(folder, err));
    return read_key(folder, name, out, len, err);
}

static tsec_rc
load_root(int folder, struct sim_state *state, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(SIM_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(SIM_PEM_MAX);
    uint8_t scalar[SCALAR_LEN];
    tsec_rc rc = read_or_create(folder, "root.key", create_root, scalar, sizeof(scalar), err);

    if (!tsec_failed(rc)) {
        rc = tsec_key_from_private(TSEC_KEY_P384, tsec_span(scalar, sizeof(scalar)), &state->root,
                                   err);
    }
    explicit_bzero(scalar, sizeof(scalar));
    TSEC_TRY(rc);
    TSEC_TRY(tsec_key_spki(state->root, &spki, err));
    memcpy(state->root_spki, spki.ptr, spki.len);
    state->root_spki_len = spki.len;
    sim_root_pem(tsec_buf_span(&spki), &pem);
    TSEC_TRY(tsec_buf_check(&pem, err));
    return publish(folder, "root.pem", 0644, tsec_buf_span(&pem), err);
}

tsec_rc
sim_state_open(const char *dir, struct sim_state *out, struct tsec_err *err)
{
    int folder;
    tsec_rc rc;

    *out = (struct sim_state){ .root = NULL };
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "cannot make the simulated TEE's state_dir (errno %d): %s", errno, dir);
    }
    folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "cannot open the simulated TEE's state_dir (errno %d): %s", errno, dir);
    }
    rc = tsec_secret_new(SIM_SEAL_KEY_LEN, &out->seal_key, err);
    if (!tsec_failed(rc)) {
        rc = load_root(folder, out, err);
    }
    if (!tsec_failed(rc)) {
        rc = read_or_create(folder, "seal.key", create_seal, tsec_secret_bytes(out->seal_key),
                            SIM_SEAL_KEY_LEN, err);
    }
    (void)close(folder);
    if (tsec_failed(rc)) {
        sim_state_done(out);
    }
    return rc;
}

void
sim_state_done(struct sim_state *state)
{
    tsec_key_free(state->root);
    tsec_secret_free(state->seal_key);
    *state = (struct sim_state){ .root = NULL };
}

tsec_rc
sim_read_file(const char *path, struct tsec_buf *out, struct tsec_err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    tsec_rc rc;

    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot open trusted_roots (errno %d): %s", errno,
                         path);
    }
    rc = read_all(fd, out, err);
    (void)close(fd);
    return rc;
}
