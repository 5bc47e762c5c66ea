/* SPDX-License-Identifier: Apache-2.0 */
/* One version as text, in the forms that Vault's clients expect. */
#include "base/base64.h"
#include "codec/pem.h"
#include "core/transit_transfer.h"

static tsec_rc
refuse_format(const char *what, struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_INVALID, "unknown key format for %s", what);
}

static tsec_rc
put_base64(struct tsec_span bytes, struct tsec_buf *out, struct tsec_err *err)
{
    tsec_base64_append(out, TSEC_BASE64_STD, bytes);
    return tsec_buf_check(out, err);
}

/* DER as it is asked for. */
static tsec_rc
put_der(struct tsec_span der, const char *label, bool pem, struct tsec_buf *out,
        struct tsec_err *err)
{
    if (!pem) {
        return put_base64(der, out, err);
    }
    tsec_pem_append(out, label, der);
    return tsec_buf_check(out, err);
}

static tsec_rc
export_raw(struct tsec_span bytes, enum transit_export_format format, struct tsec_buf *out,
           struct tsec_err *err)
{
    if (format != TRANSIT_FORMAT_DEFAULT && format != TRANSIT_FORMAT_RAW) {
        return refuse_format("HMAC key; supported values are `` or `raw`", err);
    }
    return put_base64(bytes, out, err);
}

/* SEC 1, PKCS #1, or the 64 bytes of Ed25519. */
static tsec_rc
export_traditional(enum tsec_pair_kind kind, const struct transit_version *version,
                   struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    TSEC_TRY(tsec_pair_open(kind, version->material, &pair, err));
    TSEC_TRY(tsec_pair_traditional(pair, &der, err));
    return put_der(tsec_buf_span(&der),
                   tsec_pair_kind_is_rsa(kind) ? "RSA PRIVATE KEY" : "EC PRIVATE KEY",
                   kind != TSEC_PAIR_ED25519, out, err);
}

/* Of a public key alone: nothing, as Vault has it. */
static tsec_rc
export_private(enum tsec_pair_kind kind, const struct transit_version *version,
               enum transit_export_format format, struct tsec_buf *out, struct tsec_err *err)
{
    if (format == TRANSIT_FORMAT_RAW && kind != TSEC_PAIR_ED25519) {
        return refuse_format(tsec_pair_kind_is_rsa(kind)
                                 ? "rsa key; supported values are ``, `der`, or `pem`"
                                 : "ec key; supported values are ``, `der`, or `pem`",
                             err);
    }
    if (version->material.len == 0) {
        return TSEC_OK;
    }
    if (format == TRANSIT_FORMAT_DER || format == TRANSIT_FORMAT_PEM) {
        return put_der(version->material, "PRIVATE KEY", format == TRANSIT_FORMAT_PEM, out, err);
    }
    return export_traditional(kind, version, out, err);
}

static tsec_rc
export_point(enum tsec_pair_kind kind, const struct transit_version *version, struct tsec_buf *out,
             struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    TSEC_TRY(tsec_pair_from_spki(kind, version->spki, &pair, err));
    TSEC_TRY(tsec_pair_point(pair, &point, err));
    return put_base64(tsec_buf_span(&point), out, err);
}

/* The public half of a key that others are derived from is half of what they are derived from. */
static tsec_rc
export_public(const struct transit_key *key, enum tsec_pair_kind kind,
              const struct transit_version *version, enum transit_export_format format,
              struct tsec_buf *out, struct tsec_err *err)
{
    if (kind == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "unknown key type %s for export type public-key",
                         key->type_name);
    }
    if (key->derived) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "a derived key has a public key for each context; read the key with one");
    }
    if (kind != TSEC_PAIR_ED25519 && format == TRANSIT_FORMAT_RAW) {
        return refuse_format(tsec_pair_kind_is_rsa(kind)
                                 ? "rsa key; supported values are ``, `der`, or `pem`"
                                 : "ec key; supported values are ``, `der`, or `pem`",
                             err);
    }
    if (kind == TSEC_PAIR_ED25519
        && (format == TRANSIT_FORMAT_DEFAULT || format == TRANSIT_FORMAT_RAW)) {
        return export_point(kind, version, out, err);
    }
    return put_der(version->spki, "PUBLIC KEY", format != TRANSIT_FORMAT_DER, out, err);
}

static tsec_rc
export_chain(const struct transit_version *version, struct tsec_buf *out, struct tsec_err *err)
{
    struct tsec_span chain = version->chain;

    if (chain.len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "selected key version does not have a certificate chain imported");
    }
    while (chain.len > 0 && tsec_is_space(chain.ptr[chain.len - 1])) {
        chain.len--;
    }
    tsec_buf_put_span(out, chain);
    return tsec_buf_check(out, err);
}

/* Whether that may leave the server, and whether such a key has it. */
static tsec_rc
check(const struct transit_key *key, const struct transit_traits *traits, enum transit_export what,
      struct tsec_err *err)
{
    if (!key->exportable && what != TRANSIT_EXPORT_PUBLIC && what != TRANSIT_EXPORT_CHAIN) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "private key material is not exportable");
    }
    if (what == TRANSIT_EXPORT_ENCRYPTION && !traits->encrypts) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "encryption not supported for the key");
    }
    if (what == TRANSIT_EXPORT_SIGNING && !traits->signs) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "signing not supported for the key");
    }
    if (what == TRANSIT_EXPORT_CHAIN && !traits->signs) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "certificate chain not supported for keys that do not support signing");
    }
    return TSEC_OK;
}

tsec_rc
transit_export(const struct transit_key *key, const struct transit_version *version,
               enum transit_export what, enum transit_export_format format, struct tsec_buf *out,
               struct tsec_err *err)
{
    const enum transit_type type = transit_key_type(key);
    const struct transit_traits *traits = transit_traits(type);

    TSEC_TRY(check(key, traits, what, err));
    switch (what) {
    case TRANSIT_EXPORT_HMAC:
        return export_raw(type == TRANSIT_HMAC ? version->material : version->hmac_key, format, out,
                          err);
    case TRANSIT_EXPORT_ENCRYPTION:
    case TRANSIT_EXPORT_SIGNING:
        return traits->pair == 0 ? export_raw(version->material, format, out, err)
                                 : export_private(traits->pair, version, format, out, err);
    case TRANSIT_EXPORT_PUBLIC:
        return export_public(key, traits->pair, version, format, out, err);
    case TRANSIT_EXPORT_CHAIN:
        return export_chain(version, out, err);
    }
    return TSEC_FAIL(err, TSEC_E_INVALID, "invalid export type");
}
