/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/collateral_rig.h"

#include <stdio.h>

#include "tests/mint/mint_cert.h"
#include "tests/test.h"

const char rig_tcb_info[] =
    "{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2026-01-01T00:00:00Z\","
    "\"nextUpdate\":\"2026-02-01T00:00:00Z\",\"fmspc\":\"00906ED50000\",\"pceId\":\"0001\","
    "\"tcbType\":0,\"tcbEvaluationDataNumber\":17,\"tcbLevels\":[]}";
const char rig_identity[] =
    "{\"id\":\"TD_QE\",\"version\":2,\"issueDate\":\"2026-01-01T00:00:00Z\","
    "\"nextUpdate\":\"2026-02-01T00:00:00Z\",\"tcbEvaluationDataNumber\":18,\"tcbLevels\":[]}";
#define SIXTEEN "0123456789abcdeF"
const char rig_signature_hex[] = SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN;

static struct mint_key *
key(void)
{
    static struct mint_key *made;

    if (made == NULL) {
        made = mint_key(TSEC_PUBKEY_P256);
    }
    return made;
}

enum { KEPT = 4 };
static struct tsec_buf certs[KEPT];
static struct tsec_buf crl;

struct tsec_span
rig_cert(unsigned serial)
{
    struct tsec_buf *der = &certs[serial % KEPT];
    const struct mint_cert_spec spec = {
        .cn = "Rig",
        .not_after = INT64_C(2000000000),
        .serial = serial + 1,
        .path_len = -1,
        .md = "SHA256",
    };

    if (der->len == 0) {
        tsec_buf_init(der, TSEC_CERT_MAX);
        mint_cert(&spec, key(), key(), der);
    }
    return tsec_buf_span(der);
}

struct tsec_span
rig_crl(void)
{
    const struct mint_crl_spec spec = {
        .issuer_cn = "Rig",
        .next_update = INT64_C(2000000000),
        .md = "SHA256",
    };

    if (crl.len == 0) {
        tsec_buf_init(&crl, TSEC_CRL_MAX);
        mint_crl(&spec, key(), &crl);
    }
    return tsec_buf_span(&crl);
}

const char *
rig_counts(const struct collateral *set)
{
    static char text[64];

    (void)snprintf(text, sizeof(text), "%zu %zu %zu %zu", collateral_certs(set),
                   collateral_crls(set), collateral_docs(set), collateral_signatures(set));
    return text;
}

const char *
rig_counts_of(struct tsec_span item)
{
    TSEC_AUTO(collateral_free) struct collateral *set = NULL;
    tsec_rc rc;

    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_new(&set, NULL)));
    rc = collateral_add(set, item, NULL);
    if (tsec_failed(rc)) {
        CU_ASSERT_EQUAL(rc.code, TSEC_E_INVALID);
        CU_ASSERT_STRING_EQUAL(rig_counts(set), "0 0 0 0");
        return "refused";
    }
    return rig_counts(set);
}
