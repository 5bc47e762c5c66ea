/* SPDX-License-Identifier: Apache-2.0 */
#include "nitro_claims.h"

#include <stdio.h>

#include "appraisal/claims.h"

/* AWS: PCR8 is of the certificate that signed the image file; zero when nobody did.  In a TPM, PCR8
 * is the boot loader's. */
enum { PCR_IMAGE = 0, PCR_TPM_BOOT = 4, PCR_SIGNER = 8 };

_Static_assert(NITRO_FIELD_MAX <= sizeof(((struct tsec_claims *)0)->user_data)
                   && NITRO_FIELD_MAX <= sizeof(((struct tsec_claims *)0)->nonce)
                   && NITRO_FIELD_MAX <= sizeof(((struct tsec_claims *)0)->public_key)
                   && NITRO_MODULE_ID_MAX < sizeof(((struct tsec_claims *)0)->instance)
                   && NITRO_MODULE_ID_MAX <= TSEC_CLAIM_VALUE_MAX
                   && NITRO_PCRS + 2 <= TSEC_CLAIM_ENTRIES,
               "what a document may hold fits into the claims");

static void
copy(struct tsec_span from, uint8_t *to, size_t *len)
{
    if (from.len > 0) {
        memcpy(to, from.ptr, from.len);
    }
    *len = from.len;
}

static bool
is_debug(const struct nitro_doc *doc)
{
    return !doc->tpm
           && (tsec_span_zero(doc->pcrs[0]) || tsec_span_zero(doc->pcrs[1])
               || tsec_span_zero(doc->pcrs[2]));
}

static void
add_pcrs(const struct nitro_doc *doc, struct tsec_claims *claims)
{
    char name[16];

    for (unsigned i = 0; i < NITRO_PCRS; i++) {
        if (doc->pcrs[i].ptr != NULL) {
            (void)snprintf(name, sizeof(name), "pcr%u", i);
            tsec_claims_add_bytes(claims, name, doc->pcrs[i]);
        }
    }
}

void
nitro_claims_fill(const struct nitro_doc *doc, struct tsec_claims *claims)
{
    const struct tsec_span signer = doc->pcrs[PCR_SIGNER];

    tsec_claims_init(claims, doc->tpm ? "nitro-tpm" : "nitro", NITRO_FORMAT);
    (void)snprintf(claims->hardware_model, sizeof(claims->hardware_model), "Nitro");
    copy(doc->pcrs[doc->tpm ? PCR_TPM_BOOT : PCR_IMAGE], claims->measurement,
         &claims->measurement_len);
    if (!doc->tpm && signer.ptr != NULL && !tsec_span_zero(signer)) {
        copy(signer, claims->signer, &claims->signer_len);
    }
    memcpy(claims->instance, doc->module_id.ptr, doc->module_id.len);
    claims->debug = is_debug(doc);
    claims->has_issued_at = true;
    claims->issued_at = (int64_t)(doc->timestamp_ms / 1000);
    claims->tcb_status = TSEC_TCB_NONE;
    copy(doc->user_data, claims->user_data, &claims->user_data_len);
    copy(doc->nonce, claims->nonce, &claims->nonce_len);
    copy(doc->public_key, claims->public_key, &claims->public_key_len);
    tsec_claims_add_text(claims, "module_id", doc->module_id);
    tsec_claims_add_number(claims, "timestamp_ms", doc->timestamp_ms);
    add_pcrs(doc, claims);
}
