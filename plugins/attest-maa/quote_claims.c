/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_claims.h"

#include <stdio.h>

#include "appraisal/claims.h"
#include "base/hex.h"

/* SGX: ATTRIBUTES.DEBUG.  TDX: the first eight attributes are the group TUD, "TD under debug": when
 * any is set, the TD is not to be trusted (TDX module ABI, ATTRIBUTES). */
enum { SGX_DEBUG = 0x02, TD_UNDER_DEBUG = 0xff };

struct field {
    const char *name;
    size_t offset;
    size_t len;
    bool number; /* little-endian, 2 bytes */
};

static const struct field sgx_fields[] = {
    { "mrenclave", SGX_MRENCLAVE, 32, false },   { "mrsigner", SGX_MRSIGNER, 32, false },
    { "prod_id", SGX_PROD_ID, 2, true },         { "svn", SGX_SVN, 2, true },
    { "attributes", SGX_ATTRIBUTES, 16, false }, { "miscselect", SGX_MISCSELECT, 4, false },
    { "config_id", SGX_CONFIG_ID, 64, false },   { "config_svn", SGX_CONFIG_SVN, 2, true },
    { "family_id", SGX_FAMILY_ID, 16, false },   { "ext_prod_id", SGX_EXT_PROD_ID, 16, false },
    { "cpu_svn", SGX_CPU_SVN, 16, false },
};

static const struct field td_fields[] = {
    { "mrtd", TD_MRTD, 48, false },
    { "rtmr0", TD_RTMR0, 48, false },
    { "rtmr1", TD_RTMR0 + 48, 48, false },
    { "rtmr2", TD_RTMR0 + 96, 48, false },
    { "rtmr3", TD_RTMR0 + 144, 48, false },
    { "td_attributes", TD_ATTRIBUTES, 8, false },
    { "xfam", TD_XFAM, 8, false },
    { "mrconfigid", TD_MRCONFIGID, 48, false },
    { "mrowner", TD_MROWNER, 48, false },
    { "mrownerconfig", TD_MROWNERCONFIG, 48, false },
    { "mrseam", TD_MRSEAM, 48, false },
    { "mrsignerseam", TD_MRSIGNERSEAM, 48, false },
    { "tee_tcb_svn", TD_TEE_TCB_SVN, 16, false },
};

static const struct field td15_fields[] = {
    { "tee_tcb_svn2", TD_TEE_TCB_SVN2, 16, false },
    { "mrservicetd", TD_MRSERVICETD, 48, false },
};

static void
add_fields(struct tsec_span body, const struct field *fields, size_t n, struct tsec_claims *claims)
{
    for (size_t i = 0; i < n; i++) {
        if (fields[i].number) {
            tsec_claims_add_number(claims, fields[i].name, quote_u16(body, fields[i].offset));
        } else {
            tsec_claims_add_bytes(claims, fields[i].name,
                                  quote_at(body, fields[i].offset, fields[i].len));
        }
    }
}

bool
quote_is_debug(const struct quote *quote)
{
    return quote->tdx ? (quote->body.ptr[TD_ATTRIBUTES] & TD_UNDER_DEBUG) != 0
                      : (quote->body.ptr[SGX_ATTRIBUTES] & SGX_DEBUG) != 0;
}

struct tsec_span
quote_report_data(const struct quote *quote)
{
    return quote_at(quote->body, quote->tdx ? TD_REPORT_DATA : SGX_REPORT_DATA, 64);
}

static void
copy(struct tsec_span from, uint8_t *to, size_t *len)
{
    memcpy(to, from.ptr, from.len);
    *len = from.len;
}

void
quote_claims_fill(const struct quote *quote, struct tsec_claims *claims)
{
    const char *tee = quote->tdx ? "tdx" : "sgx";

    tsec_claims_init(claims, tee, tee);
    claims->debug = quote_is_debug(quote);
    claims->tcb_status = TSEC_TCB_UNKNOWN;
    copy(quote_report_data(quote), claims->report_data, &claims->report_data_len);
    if (quote->tdx) {
        copy(quote_at(quote->body, TD_MRTD, 48), claims->measurement, &claims->measurement_len);
        add_fields(quote->body, td_fields, TSEC_ARRAY_LEN(td_fields), claims);
        add_fields(quote->body, td15_fields, quote->td15 ? TSEC_ARRAY_LEN(td15_fields) : 0, claims);
    } else {
        copy(quote_at(quote->body, SGX_MRENCLAVE, 32), claims->measurement,
             &claims->measurement_len);
        copy(quote_at(quote->body, SGX_MRSIGNER, 32), claims->signer, &claims->signer_len);
        claims->has_svn = true;
        claims->svn = quote_u16(quote->body, SGX_SVN);
        add_fields(quote->body, sgx_fields, TSEC_ARRAY_LEN(sgx_fields), claims);
    }
    tsec_claims_add_number(claims, "qe_svn", quote_u16(quote->qe_report, SGX_SVN));
}

void
quote_claims_add_pck(const struct pck_ext *ext, struct tsec_claims *claims)
{
    char fmspc[2 * sizeof(ext->fmspc) + 1];
    const struct tsec_span instance = ext->has_instance
                                          ? tsec_span(ext->instance, sizeof(ext->instance))
                                          : tsec_span(ext->ppid, sizeof(ext->ppid));

    tsec_hex_encode(tsec_span(ext->fmspc, sizeof(ext->fmspc)), fmspc);
    (void)snprintf(claims->hardware_model, sizeof(claims->hardware_model), "%s %s",
                   strcmp(claims->tee, "tdx") == 0 ? "TDX" : "SGX", fmspc);
    tsec_hex_encode(instance, claims->instance);
    tsec_claims_add_bytes(claims, "fmspc", tsec_span(ext->fmspc, sizeof(ext->fmspc)));
    tsec_claims_add_number(claims, "pce_svn", ext->pce_svn);
}
