/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_sgx.h"

#include "base/hex.h"

static void
put_hex(struct tsec_buf *out, const char *name, const uint8_t *bytes, size_t len)
{
    tsec_buf_printf(out, ",\"%s\":\"", name);
    tsec_hex_append(out, tsec_span(bytes, len));
    tsec_buf_put_str(out, "\"");
}

static void
put_repeated(struct tsec_buf *out, const char *name, uint8_t byte, size_t len)
{
    tsec_buf_printf(out, ",\"%s\":\"", name);
    for (size_t i = 0; i < len; i++) {
        tsec_buf_printf(out, "%02X", byte);
    }
    tsec_buf_put_str(out, "\"");
}

static void
put_verdict(struct tsec_buf *out, const char *status, const char *date, const char *advisories)
{
    tsec_buf_printf(out, ",\"tcbDate\":\"%sT00:00:00Z\",\"tcbStatus\":\"%s\"", date, status);
    if (advisories != NULL) {
        tsec_buf_printf(out, ",\"advisoryIDs\":%s", advisories);
    }
    tsec_buf_put_str(out, "}");
}

static void
put_svn_levels(struct tsec_buf *out, const struct mint_sgx_svn *levels)
{
    tsec_buf_put_str(out, ",\"tcbLevels\":[");
    for (size_t i = 0; i < MINT_SGX_LEVELS && levels[i].status != NULL; i++) {
        tsec_buf_printf(out, "%s{\"tcb\":{\"isvsvn\":%u}", i > 0 ? "," : "", levels[i].svn);
        put_verdict(out, levels[i].status, levels[i].date, NULL);
    }
    tsec_buf_put_str(out, "]");
}

/* ---- TCB info ---- */

static void
put_components(struct tsec_buf *out, const char *name, const uint8_t svn[16])
{
    tsec_buf_printf(out, "\"%s\":[", name);
    for (size_t i = 0; i < 16; i++) {
        tsec_buf_printf(out, "%s{\"svn\":%u}", i > 0 ? "," : "", svn[i]);
    }
    tsec_buf_put_str(out, "],");
}

static void
put_level(const struct mint_sgx *spec, const struct mint_sgx_level *level, struct tsec_buf *out)
{
    tsec_buf_put_str(out, "{\"tcb\":{");
    if (spec->info_version == 2) {
        for (unsigned i = 0; i < 16; i++) {
            tsec_buf_printf(out, "\"sgxtcbcomp%02usvn\":%u,", i + 1, level->sgx[i]);
        }
    } else {
        put_components(out, "sgxtcbcomponents", level->sgx);
    }
    if (spec->tdx) {
        put_components(out, "tdxtcbcomponents", level->tdx);
    }
    tsec_buf_printf(out, "\"pcesvn\":%u}", level->pce_svn);
    put_verdict(out, level->status, level->date, level->advisories);
}

static void
put_module(struct tsec_buf *out, uint8_t signer)
{
    put_repeated(out, "mrsigner", signer, 48);
    put_repeated(out, "attributes", 0, 8);
    put_repeated(out, "attributesMask", 0xff, 8);
}

static void
put_modules(const struct mint_sgx *spec, struct tsec_buf *out)
{
    tsec_buf_put_str(out, ",\"tdxModule\":{\"version\":0");
    put_module(out, spec->module_signer);
    tsec_buf_put_str(out, "},\"tdxModuleIdentities\":[");
    for (size_t i = 0; i < MINT_SGX_MODULES && spec->modules[i].id != NULL; i++) {
        tsec_buf_printf(out, "%s{\"id\":\"%s\"", i > 0 ? "," : "", spec->modules[i].id);
        put_module(out, spec->modules[i].signer);
        put_svn_levels(out, spec->modules[i].levels);
        tsec_buf_put_str(out, "}");
    }
    tsec_buf_put_str(out, "]");
}

void
mint_sgx_tcb_info(const struct mint_sgx *spec, struct tsec_buf *body)
{
    tsec_buf_printf(body, "{\"version\":%u,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\"",
                    spec->info_version, spec->issue_date, spec->next_update);
    if (spec->info_id != NULL) {
        tsec_buf_printf(body, ",\"id\":\"%s\"", spec->info_id);
    }
    put_hex(body, "fmspc", spec->info_fmspc, sizeof(spec->info_fmspc));
    put_hex(body, "pceId", spec->info_pce_id, sizeof(spec->info_pce_id));
    tsec_buf_printf(body, ",\"tcbType\":0,\"tcbEvaluationDataNumber\":%u", spec->evaluation);
    if (spec->tdx) {
        put_modules(spec, body);
    }
    tsec_buf_put_str(body, ",\"tcbLevels\":[");
    for (size_t i = 0; i < spec->levels_len; i++) {
        tsec_buf_put_str(body, i > 0 ? "," : "");
        put_level(spec, &spec->levels[i], body);
    }
    tsec_buf_put_str(body, "]}");
}

/* ---- QE identity ---- */

void
mint_sgx_identity(const struct mint_sgx *spec, struct tsec_buf *body)
{
    tsec_buf_printf(body,
                    "{\"id\":\"%s\",\"version\":2,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\","
                    "\"tcbEvaluationDataNumber\":%u,\"miscselect\":\"00000000\","
                    "\"miscselectMask\":\"FFFFFFFF\","
                    "\"attributes\":\"11000000000000000000000000000000\","
                    "\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\","
                    "\"mrsigner\":\"%s\",\"isvprodid\":%u",
                    spec->identity_id, spec->identity_issue_date, spec->identity_next_update,
                    spec->evaluation, spec->identity_signer, spec->identity_prod_id);
    put_svn_levels(body, spec->identity_levels);
    tsec_buf_put_str(body, "}");
}

void
mint_sgx_wrap(const char *name, struct tsec_span body, enum mint_sgx_key signer,
              struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf signature = TSEC_BUF_INIT(MINT_SGX_MAX);

    mint_sign(mint_sgx_key(signer), TSEC_SIG_ES256, body, &signature);
    tsec_buf_printf(out, "{\"%s\":", name);
    tsec_buf_put_span(out, body);
    tsec_buf_put_str(out, ",\"signature\":\"");
    tsec_hex_append(out, tsec_buf_span(&signature));
    tsec_buf_put_str(out, "\"}");
}
