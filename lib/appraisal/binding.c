/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/binding.h"

#include "crypto/hash.h"

enum { LP_LEN = 4, VTPM_LEN = 32 };

static const char release_label[] = "tee-secrets-release-v1";
static const char server_label[] = "tee-secrets/evidence/2"; /* its NUL is hashed as well */

static void
put_length(uint8_t out[LP_LEN], size_t len)
{
    out[0] = (uint8_t)(len >> 24);
    out[1] = (uint8_t)(len >> 16);
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
}

void
tsec_binding_release(struct tsec_span nonce, struct tsec_span spki,
                     uint8_t out[TSEC_BINDING_HASH_LEN])
{
    const struct tsec_span values[] = { tsec_span_str(release_label), nonce, spki };
    uint8_t lengths[TSEC_ARRAY_LEN(values)][LP_LEN];
    struct tsec_span parts[2 * TSEC_ARRAY_LEN(values)];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(values); i++) {
        put_length(lengths[i], values[i].len);
        parts[2 * i] = tsec_span(lengths[i], LP_LEN);
        parts[2 * i + 1] = values[i];
    }
    tsec_hash_parts(TSEC_SHA384, parts, TSEC_ARRAY_LEN(parts), out);
}

/* What is expected is always checked: a NULL span would not be. */
static struct tsec_span
present(struct tsec_span value)
{
    return value.ptr == NULL ? tsec_span("", 0) : value;
}

void
tsec_binding_release_expect(const char *format, struct tsec_span nonce, struct tsec_span spki,
                            struct tsec_binding_expect *out)
{
    *out = (struct tsec_binding_expect){ .binding = { NULL, 0 } };
    /* What these carry is written by the TEE itself, so that a hash over it would add nothing; and
     * it is what clients of AWS KMS and of Azure Attestation ask their TEE for as they are. */
    if (strcmp(format, "nitro") == 0 || strcmp(format, "maa") == 0) {
        out->nonce = present(nonce);
        out->public_key = present(spki);
        return;
    }
    tsec_binding_release(nonce, spki, out->own);
    out->binding = tsec_span(out->own, sizeof(out->own));
    if (strcmp(format, "az-snp-vtpm") == 0) {
        memset(out->own + VTPM_LEN, 0, sizeof(out->own) - VTPM_LEN);
        out->binding.len = VTPM_LEN;
    }
}

void
tsec_binding_release_request(const char *tee, struct tsec_span nonce, struct tsec_span spki,
                             struct tsec_evidence_request *request)
{
    const bool nitro = strcmp(tee, "nitro") == 0 || strcmp(tee, "nitro-tpm") == 0;

    *request = (struct tsec_evidence_request){ .struct_size = sizeof(*request) };
    tsec_binding_release(nonce, spki, request->binding);
    if (strcmp(tee, "azure-cvm") == 0) {
        memset(request->binding + VTPM_LEN, 0, sizeof(request->binding) - VTPM_LEN);
    }
    if (nitro) {
        request->nonce = nonce;
        request->public_key = spki;
    }
}

void
tsec_binding_server(const struct tsec_server_binding *parts, uint8_t out[64])
{
    const struct tsec_span inputs[] = { parts->nonce, parts->vkey, parts->identity, parts->tls };
    uint8_t digests[TSEC_ARRAY_LEN(inputs)][TSEC_SHA512_LEN];
    const struct tsec_span whole[] = {
        tsec_span(server_label, sizeof(server_label)),
        parts->config_digest,
        tsec_span(digests, sizeof(digests)),
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(inputs); i++) {
        tsec_hash_parts(TSEC_SHA512, &inputs[i], 1, digests[i]);
    }
    tsec_hash_parts(TSEC_SHA512, whole, TSEC_ARRAY_LEN(whole), out);
}

void
tsec_binding_statement(const char *tag, struct tsec_span statement, uint8_t out[64])
{
    uint8_t digest[TSEC_SHA512_LEN];
    const struct tsec_span parts[] = {
        tsec_span(tag, strlen(tag) + 1), /* with its NUL */
        tsec_span(digest, sizeof(digest)),
    };

    tsec_hash_parts(TSEC_SHA512, &statement, 1, digest);
    tsec_hash_parts(TSEC_SHA512, parts, TSEC_ARRAY_LEN(parts), out);
}
