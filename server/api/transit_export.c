/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys and certificates of any key; private ones of keys whose settings let them out. */
#include "core/transit_transfer.h"

#include <stdio.h>

#include "api/routes.h"
#include "api/transit.h"
#include "api/transit_gate.h"
#include "codec/json_scan.h"

enum { EXPORT_TEXT_MAX = 64 * 1024 };

struct wanted {
    const struct transit_key *key;
    enum transit_export what;
    enum transit_export_format format;
};

static tsec_rc
read_kind(struct api_call *call, enum transit_export *out)
{
    static const struct {
        const char *name;
        enum transit_export what;
    } kinds[] = {
        { "encryption-key", TRANSIT_EXPORT_ENCRYPTION },
        { "signing-key", TRANSIT_EXPORT_SIGNING },
        { "hmac-key", TRANSIT_EXPORT_HMAC },
        { "public-key", TRANSIT_EXPORT_PUBLIC },
        { "certificate-chain", TRANSIT_EXPORT_CHAIN },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        if (tsec_span_is(call->vars[0], kinds[i].name)) {
            *out = kinds[i].what;
            return TSEC_OK;
        }
    }
    return api_refusef(call, TSEC_E_INVALID, "invalid export type: %.*s",
                       call->vars[0].len > 64 ? 64 : (int)call->vars[0].len,
                       (const char *)call->vars[0].ptr);
}

static tsec_rc
read_format(struct api_call *call, enum transit_export_format *out)
{
    static const struct {
        const char *name;
        enum transit_export_format format;
    } formats[] = {
        { "", TRANSIT_FORMAT_DEFAULT },
        { "raw", TRANSIT_FORMAT_RAW },
        { "der", TRANSIT_FORMAT_DER },
        { "pem", TRANSIT_FORMAT_PEM },
    };
    const char *text = api_query(call->req, "format");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats); i++) {
        if (strcmp(text == NULL ? "" : text, formats[i].name) == 0) {
            *out = formats[i].format;
            return TSEC_OK;
        }
    }
    return api_refusef(call, TSEC_E_INVALID, "invalid format: %.64s", text);
}

static bool
is_public(enum transit_export what)
{
    return what == TRANSIT_EXPORT_PUBLIC || what == TRANSIT_EXPORT_CHAIN;
}

static tsec_rc
read_export(struct api_call *call, struct wanted *wanted, struct tsec_err *err)
{
    TSEC_TRY(read_kind(call, &wanted->what));
    TSEC_TRY(read_format(call, &wanted->format));
    TSEC_TRY(transit_find(call, 1, NULL, &wanted->key, err));
    return is_public(wanted->what) ? TSEC_OK : transit_gate(call, wanted->key, 1, false, err);
}

static tsec_rc
put_version(struct api_call *call, struct tsec_json_out *out, const struct wanted *wanted,
            int64_t number, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(EXPORT_TEXT_MAX);
    struct transit_version version;
    char name[24];
    tsec_rc rc;

    rc = transit_key_version(call->txn, transit_mount(call), wanted->key, number, &version, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refuse(call, TSEC_E_INVALID, "version does not exist or cannot be found");
    }
    TSEC_TRY(rc);
    rc = transit_export(wanted->key, &version, wanted->what, wanted->format, &text, err);
    if (tsec_failed(rc)) {
        return transit_refuse(call, rc, err);
    }
    TSEC_TRY(tsec_buf_check(&text, err));
    (void)snprintf(name, sizeof(name), "%lld", (long long)number);
    tsec_json_put_span(out, name, tsec_buf_span(&text));
    return TSEC_OK;
}

static tsec_rc
answer_export(struct api_call *call, const struct wanted *wanted, int64_t first, int64_t last,
              struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    tsec_json_put_str(&out, "name", wanted->key->name);
    tsec_json_put_str(&out, "type", wanted->key->type_name);
    tsec_json_key(&out, "keys");
    tsec_json_object(&out);
    for (int64_t n = first; n <= last; n++) {
        TSEC_TRY(put_version(call, &out, wanted, n, err));
    }
    tsec_json_object_end(&out);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_transitExportKey(struct api_call *call, struct tsec_err *err)
{
    struct wanted wanted;

    TSEC_TRY(read_export(call, &wanted, err));
    return answer_export(call, &wanted, transit_first_shown(wanted.key), wanted.key->latest, err);
}

/* "3", "v3" or "latest". */
static tsec_rc
read_number(struct api_call *call, const struct transit_key *key, int64_t *out)
{
    struct tsec_span text = call->vars[2];

    if (tsec_span_is(text, "latest")) {
        *out = key->latest;
        return TSEC_OK;
    }
    if (text.len > 1 && text.ptr[0] == 'v') {
        text = tsec_span(text.ptr + 1, text.len - 1);
    }
    return text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9' && tsec_json_to_i64(text, out)
               ? TSEC_OK
               : api_refuse(call, TSEC_E_INVALID, "invalid key version");
}

tsec_rc
api_op_transitExportKeyVersion(struct api_call *call, struct tsec_err *err)
{
    struct wanted wanted;
    int64_t number = 0;

    TSEC_TRY(read_export(call, &wanted, err));
    TSEC_TRY(read_number(call, wanted.key, &number));
    if (number < wanted.key->min_decryption) {
        return api_refuse(call, TSEC_E_INVALID,
                          "version for export is below minimum decryption version");
    }
    return answer_export(call, &wanted, number, number, err);
}
