/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/check.h"
#include "conf/diag.h"
#include "conf/file.h"
#include "conf/list.h"
#include "conf/measurement.h"
#include "crypto/hash.h"

enum { LIST_FILE_MAX = 256 * 1024, LINE_MAX_LEN = 2048, ENTRIES_MAX = 4096 };

static tsec_rc
add(struct tsec_conf *conf, const char *name, const char *text, struct conf_mark mark,
    struct tsec_err *err)
{
    if (conf->measurements.len >= ENTRIES_MAX) {
        return conf_wrong(err, conf->name, mark, "backend.tee.attestation.allowed_measurements",
                          "more than %d entries", (int)ENTRIES_MAX);
    }
    return conf_list_add(&conf->measurements, name, text, mark, err);
}

/* One line of a file of measurements: empty, a # comment, or an entry. */
static tsec_rc
add_line(struct tsec_conf *conf, const char *path, const char *name, struct tsec_span line,
         struct conf_mark at, struct tsec_err *err)
{
    char text[LINE_MAX_LEN];
    struct tsec_err inner = { 0 };
    enum conf_measurement kind = CONF_MEASUREMENT_NAME;
    const char *warning = NULL;

    while (line.len > 0 && strchr(" \t\r", line.ptr[line.len - 1]) != NULL
           && line.ptr[line.len - 1] != '\0') {
        line.len--;
    }
    if (line.len == 0 || line.ptr[0] == '#') {
        return TSEC_OK;
    }
    if (line.len >= sizeof(text) || memchr(line.ptr, '\0', line.len) != NULL) {
        return conf_wrong(err, path, at, NULL, "too long, or not text");
    }
    memcpy(text, line.ptr, line.len);
    text[line.len] = '\0';
    if (tsec_failed(conf_measurement_kind(text, &kind, &warning, &inner))) {
        return conf_wrong(err, path, at, NULL, "%s", inner.detail);
    }
    if (kind != CONF_MEASUREMENT_BARE && kind != CONF_MEASUREMENT_CONJUNCTION) {
        return conf_wrong(err, path, at, NULL, "neither a measurement nor a conjunction");
    }
    if (warning != NULL) {
        TSEC_TRY(conf_warn(conf, (struct conf_mark){ 0, 0 }, CONF_ID_allowed_measurements, err,
                           "%s line %u: %s", path, (unsigned)at.line, warning));
    }
    return add(conf, name, text, at, err);
}

/* name@file.  The file's digest goes into `trail`: what it admits is attested like the rest. */
static tsec_rc
add_file(struct tsec_conf *conf, const struct conf_item *item, struct tsec_buf *trail,
         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(LIST_FILE_MAX);
    struct tsec_err inner = { 0 };
    char name[LINE_MAX_LEN] = "";
    const char *at = strchr(item->value, '@');
    struct conf_mark mark = { 0, 1 };

    if (at == NULL || (size_t)(at - item->value) >= sizeof(name)) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "not name@file");
    }
    memcpy(name, item->value, (size_t)(at - item->value));
    if (tsec_failed(conf_file_read(at + 1, &bytes, &inner))) {
        return conf_wrong(err, conf->name, item->mark, NULL, "%.60s %s", at + 1, inner.detail);
    }
    tsec_sha384(tsec_buf_span(&bytes), tsec_buf_extend(trail, TSEC_SHA384_LEN));
    for (size_t from = 0; from < bytes.len;) {
        const uint8_t *end = memchr(bytes.ptr + from, '\n', bytes.len - from);
        const size_t len = end == NULL ? bytes.len - from : (size_t)(end - bytes.ptr) - from;

        mark.line++;
        TSEC_TRY(add_line(conf, at + 1, name, tsec_span(bytes.ptr + from, len), mark, err));
        from += len + 1;
    }
    return TSEC_OK;
}

static tsec_rc
add_entry(struct tsec_conf *conf, const struct conf_item *item, struct tsec_buf *trail,
          struct tsec_err *err)
{
    struct tsec_err inner = { 0 };
    enum conf_measurement kind = CONF_MEASUREMENT_NAME;
    const char *warning = NULL;

    if (tsec_failed(conf_measurement_kind(item->value, &kind, &warning, &inner))) {
        return conf_wrong(err, conf->name, item->mark, "allowed_measurements", "%s", inner.detail);
    }
    if (kind == CONF_MEASUREMENT_FILE) {
        return add_file(conf, item, trail, err);
    }
    if (kind == CONF_MEASUREMENT_NAME) {
        return conf_warn(conf, item->mark, CONF_ID_allowed_measurements, err,
                         "\"%s\" is a name, not a measurement, and admits nobody", item->value);
    }
    if (warning != NULL) {
        TSEC_TRY(conf_warn(conf, item->mark, CONF_ID_allowed_measurements, err, "%s", warning));
    }
    return add(conf, NULL, item->value, item->mark, err);
}

tsec_rc
conf_check_allowed(struct tsec_conf *conf, struct tsec_buf *trail, struct tsec_err *err)
{
    for (size_t i = 0; i < conf->allowed_measurements.len; i++) {
        TSEC_TRY(add_entry(conf, &conf->allowed_measurements.items[i], trail, err));
    }
    return tsec_buf_check(trail, err);
}
