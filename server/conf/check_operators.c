/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/operators.h"
#include "base/base64.h"
#include "codec/pem.h"
#include "conf/check.h"
#include "conf/diag.h"
#include "conf/file.h"
#include "conf/list.h"
#include "crypto/hash.h"

enum { KEY_FILE_MAX = 16 * 1024 };

static const char SETTING[] = "auth.operator_keys";

static bool
is_key(struct tsec_span der)
{
    char id[OPERATOR_ID_LEN + 1];

    return !tsec_failed(operators_id(der, id, NULL));
}

static tsec_rc
add(struct tsec_conf *conf, const struct conf_item *item, const char *path, struct tsec_span der,
    struct tsec_err *err)
{
    char text[TSEC_BASE64_LEN(OPERATOR_SPKI_MAX) + 1];

    if (!is_key(der)) {
        return conf_wrong(err, conf->name, item->mark, SETTING,
                          "%.60s%snot a public key of Ed25519, P-256 or P-384",
                          path == NULL ? "" : path, path == NULL ? "" : " is ");
    }
    tsec_base64_encode(TSEC_BASE64_STD, der, text);
    return conf_list_add(&conf->operators, path, text, item->mark, err);
}

/* The one block of a PEM file. */
static tsec_rc
add_file(struct tsec_conf *conf, const struct conf_item *item, struct tsec_buf *trail,
         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(KEY_FILE_MAX);
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(KEY_FILE_MAX);
    struct tsec_err inner = { 0 };
    struct tsec_span text;
    struct tsec_span label;
    bool found = false;

    if (tsec_failed(conf_file_read(item->value, &bytes, &inner))) {
        return conf_wrong(err, conf->name, item->mark, SETTING, "%.60s %s", item->value,
                          inner.detail);
    }
    tsec_sha384(tsec_buf_span(&bytes), tsec_buf_extend(trail, TSEC_SHA384_LEN));
    text = tsec_buf_span(&bytes);
    if (tsec_failed(tsec_pem_next(&text, &label, &der, &found, NULL)) || !found
        || !tsec_span_equal(label, tsec_span_str("PUBLIC KEY"))) {
        return conf_wrong(err, conf->name, item->mark, SETTING,
                          "%.60s does not begin with a PUBLIC KEY block", item->value);
    }
    return add(conf, item, item->value, tsec_buf_span(&der), err);
}

static tsec_rc
add_key(struct tsec_conf *conf, const struct conf_item *item, struct tsec_buf *trail,
        struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(KEY_FILE_MAX);

    /* Every SubjectPublicKeyInfo begins with a SEQUENCE, which no path looks like. */
    if (item->value[0] == 'M'
        && !tsec_failed(
            tsec_base64_decode(&der, TSEC_BASE64_STD, tsec_span_str(item->value), NULL))) {
        return add(conf, item, NULL, tsec_buf_span(&der), err);
    }
    return add_file(conf, item, trail, err);
}

tsec_rc
conf_check_operators(struct tsec_conf *conf, struct tsec_buf *trail, struct tsec_err *err)
{
    for (size_t i = 0; i < conf->operator_keys.len; i++) {
        TSEC_TRY(add_key(conf, &conf->operator_keys.items[i], trail, err));
    }
    return tsec_buf_check(trail, err);
}
