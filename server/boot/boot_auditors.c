/* SPDX-License-Identifier: Apache-2.0 */
/* Who can read the audit log: the configured recipients, and for trying out one made here. */
#include "boot/boot_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/age.h"

enum { IDENTITY_FILE_MAX = 4096 };

static tsec_rc
add_recipient(struct audit_options *out, const uint8_t key[32], struct tsec_err *err)
{
    if (out->recipients_len == AUDIT_RECIPIENTS_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "audit.recipients: more than %d",
                         AUDIT_RECIPIENTS_MAX);
    }
    memcpy(out->recipients[out->recipients_len++], key, 32);
    return TSEC_OK;
}

/* Through memory that is zeroed after it, which a stream's would not be. */
static bool
write_text(int fd, const char *recipient, const char *identity)
{
    char text[512];
    const int n = snprintf(text, sizeof(text),
                           "# auditor of tee-secrets, made for trying out\n"
                           "# public key: %s\n%s\n",
                           recipient, identity);
    const bool whole = n > 0 && (size_t)n < sizeof(text) && write(fd, text, (size_t)n) == n;

    explicit_bzero(text, sizeof(text));
    return whole && fsync(fd) == 0;
}

/* As age-keygen writes one, so that the age tool takes it as it is. */
static tsec_rc
write_identity(const char *path, uint8_t recipient[32], struct tsec_err *err)
{
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char text[TSEC_AGE_RECIPIENT_LEN + 1];
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "audit.generate_identity %s: %s", path,
                         strerror(errno));
    }

    tsec_rc rc = tsec_age_identity_new(identity, text, err);

    if (!tsec_failed(rc)) {
        rc = write_text(fd, text, identity)
                 ? tsec_age_recipient_parse(tsec_span_str(text), recipient, err)
                 : TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s cannot be written", path);
    }
    explicit_bzero(identity, sizeof(identity));
    (void)close(fd);
    if (tsec_failed(rc)) {
        (void)unlink(path);
        return rc;
    }
    tsec_log(TSEC_LOG_WARN, "an auditor's identity was made here; keep real ones elsewhere",
             TSEC_F_STR("file", path), TSEC_F_STR("recipient", text));
    return TSEC_OK;
}

/* The first line that is not a comment. */
static tsec_rc
read_identity(const char *path, struct tsec_span text, uint8_t recipient[32], struct tsec_err *err)
{
    uint8_t identity[32];
    tsec_rc rc = { TSEC_E_NOT_FOUND };

    while (text.len > 0 && rc.code == TSEC_E_NOT_FOUND) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        const size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);

        if (len > 0 && text.ptr[0] != '#') {
            rc = tsec_age_identity_parse(tsec_span(text.ptr, len), identity, err);
        }
        text.ptr += end == NULL ? len : len + 1;
        text.len -= end == NULL ? len : len + 1;
    }
    if (!tsec_failed(rc)) {
        rc = tsec_age_identity_recipient(identity, recipient, err);
    }
    explicit_bzero(identity, sizeof(identity));
    if (tsec_failed(rc)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "audit.generate_identity %s: not an age identity",
                         path);
    }
    tsec_log(TSEC_LOG_INFO, "auditor's identity", TSEC_F_STR("file", path));
    return TSEC_OK;
}

static tsec_rc
generated_recipient(const char *path, uint8_t recipient[32], struct tsec_err *err)
{
    char text[IDENTITY_FILE_MAX];
    struct stat st = { .st_mode = 0 };
    /* Not waiting for the other end of a pipe. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0 && errno == ENOENT) {
        return write_identity(path, recipient, err);
    }

    const ssize_t n = fd < 0 || fstat(fd, &st) != 0 ? -1 : read(fd, text, sizeof(text));

    if (fd >= 0) {
        (void)close(fd);
    }
    if (n >= 0 && (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)) {
        explicit_bzero(text, sizeof(text));
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "audit.generate_identity %s: a file that others may not open is needed "
                         "(chmod 600)",
                         path);
    }
    if (n < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "audit.generate_identity %s: %s", path,
                         strerror(errno));
    }

    const tsec_rc rc = read_identity(path, tsec_span(text, (size_t)n), recipient, err);

    explicit_bzero(text, sizeof(text));
    return rc;
}

tsec_rc
boot_auditors(const struct tsec_conf *conf, struct audit_options *out, struct tsec_err *err)
{
    uint8_t key[32];

    out->recipients_len = 0;
    for (size_t i = 0; i < conf->audit_recipients.len; i++) {
        TSEC_TRY(tsec_age_recipient_parse(tsec_span_str(conf->audit_recipients.items[i].value), key,
                                          err));
        TSEC_TRY(add_recipient(out, key, err));
    }
    if (conf->audit_generate_identity[0] != '\0') {
        TSEC_TRY(generated_recipient(conf->audit_generate_identity, key, err));
        TSEC_TRY(add_recipient(out, key, err));
    }
    return TSEC_OK;
}
