/* SPDX-License-Identifier: Apache-2.0 */
#include "pck_ext.h"

#include "codec/der.h"

#define SGX_EXTENSIONS "1.2.840.113741.1.13.1"

/* The OID's contents; what stands in the extension has one or two numbers behind them. */
static const uint8_t prefix[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 };

enum part {
    PPID = 1,
    TCB,
    PCE_ID,
    FMSPC,
    SGX_TYPE,
    INSTANCE,
    CONFIGURATION,
};
enum { PART_TCB_PCE_SVN = PCK_COMPONENTS + 1, PART_TCB_CPU_SVN, PARTS_TCB = PART_TCB_CPU_SVN };
#define BIT(n)    (UINT32_C(1) << (n))
#define MANDATORY (BIT(PPID) | BIT(TCB) | BIT(PCE_ID) | BIT(FMSPC) | BIT(SGX_TYPE))

/* One SEQUENCE { OID, value } off the front: the numbers behind the prefix, and the value. */
struct entry {
    uint8_t number;
    uint8_t tag;
    struct tsec_span value;
};

static tsec_rc
entry_next(struct tsec_der *list, const uint8_t *under, struct entry *out, struct tsec_err *err)
{
    const size_t depth = under == NULL ? 0 : 1;
    struct tsec_der inside;
    struct tsec_span oid;

    TSEC_TRY(tsec_der_take(list, TSEC_DER_SEQUENCE, &inside.rest, err));
    TSEC_TRY(tsec_der_take(&inside, TSEC_DER_OID, &oid, err));
    TSEC_TRY(tsec_der_next(&inside, &out->tag, &out->value, err));
    if (inside.rest.len != 0 || oid.len != sizeof(prefix) + depth + 1
        || !tsec_span_starts(oid, tsec_span(prefix, sizeof(prefix)))
        || (under != NULL && oid.ptr[sizeof(prefix)] != *under)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "SGX extensions: an entry that is none of theirs");
    }
    out->number = oid.ptr[oid.len - 1];
    return TSEC_OK;
}

static tsec_rc
once(uint32_t *seen, uint8_t number, unsigned max, struct tsec_err *err)
{
    if (number < 1 || number > max || (*seen & BIT(number)) != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "SGX extensions: part %u is unknown or there twice",
                         number);
    }
    *seen |= BIT(number);
    return TSEC_OK;
}

static tsec_rc
octets(const struct entry *e, uint8_t *out, size_t len, struct tsec_err *err)
{
    if (e->tag != TSEC_DER_OCTETS || e->value.len != len) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "SGX extensions: part %u has %zu bytes, not %zu",
                         e->number, e->value.len, len);
    }
    memcpy(out, e->value.ptr, len);
    return TSEC_OK;
}

static tsec_rc
number(const struct entry *e, uint8_t tag, uint64_t max, uint64_t *out, struct tsec_err *err)
{
    if (e->tag != tag || tsec_failed(tsec_der_u64(e->value, out, NULL)) || *out > max) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "SGX extensions: part %u is not a number up to %llu",
                         e->number, (unsigned long long)max);
    }
    return TSEC_OK;
}

static tsec_rc
parse_tcb(struct tsec_span value, struct pck_ext *out, struct tsec_err *err)
{
    const uint8_t under = TCB;
    struct tsec_der list = { value };
    uint32_t seen = 0;
    uint64_t n = 0;

    while (list.rest.len > 0) {
        struct entry e;

        TSEC_TRY(entry_next(&list, &under, &e, err));
        TSEC_TRY(once(&seen, e.number, PARTS_TCB, err));
        if (e.number == PART_TCB_CPU_SVN) {
            TSEC_TRY(octets(&e, out->cpu_svn, sizeof(out->cpu_svn), err));
        } else if (e.number == PART_TCB_PCE_SVN) {
            TSEC_TRY(number(&e, TSEC_DER_INTEGER, UINT16_MAX, &n, err));
            out->pce_svn = (uint16_t)n;
        } else {
            TSEC_TRY(number(&e, TSEC_DER_INTEGER, UINT8_MAX, &n, err));
            out->components[e.number - 1] = (uint8_t)n;
        }
    }
    if (seen != (BIT(PARTS_TCB + 1) - BIT(1))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "SGX extensions: a part of the TCB is missing");
    }
    return TSEC_OK;
}

static tsec_rc
parse_part(const struct entry *e, struct pck_ext *out, struct tsec_err *err)
{
    uint64_t n = 0;

    switch (e->number) {
    case PPID:
        return octets(e, out->ppid, sizeof(out->ppid), err);
    case TCB:
        return parse_tcb(e->tag == TSEC_DER_SEQUENCE ? e->value : tsec_span(NULL, 0), out, err);
    case PCE_ID:
        return octets(e, out->pce_id, sizeof(out->pce_id), err);
    case FMSPC:
        return octets(e, out->fmspc, sizeof(out->fmspc), err);
    case SGX_TYPE:
        TSEC_TRY(number(e, TSEC_DER_ENUMERATED, 2, &n, err));
        out->sgx_type = (uint8_t)n;
        return TSEC_OK;
    case INSTANCE:
        out->has_instance = true;
        return octets(e, out->instance, sizeof(out->instance), err);
    default:
        return TSEC_OK; /* the configuration: flags that nothing here depends on */
    }
}

tsec_rc
pck_ext_parse(struct tsec_span der, struct pck_ext *out, struct tsec_err *err)
{
    struct tsec_der whole = { der };
    struct tsec_der list;
    uint32_t seen = 0;

    memset(out, 0, sizeof(*out));
    TSEC_TRY(tsec_der_take(&whole, TSEC_DER_SEQUENCE, &list.rest, err));
    if (whole.rest.len != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "SGX extensions: %zu bytes too many", whole.rest.len);
    }
    while (list.rest.len > 0) {
        struct entry e;

        TSEC_TRY(entry_next(&list, NULL, &e, err));
        TSEC_TRY(once(&seen, e.number, CONFIGURATION, err));
        TSEC_TRY(parse_part(&e, out, err));
    }
    if ((seen & MANDATORY) != MANDATORY) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "SGX extensions: a part is missing");
    }
    return TSEC_OK;
}

tsec_rc
pck_ext_read(const struct tsec_cert *cert, struct pck_ext *out, struct tsec_err *err)
{
    const struct tsec_span der = tsec_cert_extension(cert, SGX_EXTENSIONS);

    if (der.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the PCK certificate has no SGX extensions");
    }
    return pck_ext_parse(der, out, err);
}
