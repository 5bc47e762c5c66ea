/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/trust_vector.h"

#include <string.h>

/* AR4SI section 2.3: what the numbers mean. */
enum {
    VERIFIER_MALFUNCTION = -1,
    NO_CLAIM = 0,
    UNEXPECTED_EVIDENCE = 1,
    CRYPTO_FAILED = 99,
    INSTANCE_UNTRUSTWORTHY = 96,
    CONFIG_APPROVED = 2,
    CONFIG_UNSAFE = 32,
    CONFIG_UNSUPPORTABLE = 96,
    EXECUTABLES_APPROVED_BOOT = 3,
    EXECUTABLES_UNRECOGNIZED = 33,
    HARDWARE_GENUINE = 2,
    HARDWARE_UNSAFE = 32,
    HARDWARE_UNRECOGNIZED = 97,
    RUNTIME_ENCRYPTED_MEMORY = 2,
    WARNING_FROM = 32,
    CONTRAINDICATED_FROM = 96,
};

static bool
encrypts_memory(const char *tee)
{
    static const char *const tees[] = { "snp", "azure-cvm", "sgx", "tdx" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(tees); i++) {
        if (strcmp(tees[i], tee) == 0) {
            return true;
        }
    }
    return false;
}

static int8_t
hardware_of(const struct tsec_claims *claims)
{
    const bool fine =
        claims->tcb_status == TSEC_TCB_NONE || claims->tcb_status == TSEC_TCB_UP_TO_DATE;

    return fine && !claims->simulated ? HARDWARE_GENUINE : HARDWARE_UNSAFE;
}

/* What a setting let through although it should not be trusted stays a warning to who reads it. */
struct trust_vector
trust_vector_admitted(const struct tsec_claims *claims, bool listed)
{
    const bool open = claims->debug || claims->simulated;

    return (struct trust_vector){
        .configuration = claims->debug ? CONFIG_UNSAFE : CONFIG_APPROVED,
        .executables = listed ? EXECUTABLES_APPROVED_BOOT : NO_CLAIM,
        .hardware = hardware_of(claims),
        .runtime_opaque =
            !open && encrypts_memory(claims->tee) ? RUNTIME_ENCRYPTED_MEMORY : NO_CLAIM,
    };
}

/* What a refusal says of the machine.  Malformed, not fresh, not bound as expected: nothing of it
 * was recognised. */
struct trust_vector
trust_vector_refused(enum tsec_reason reason)
{
    static const int8_t hardware[TSEC_REASON_INTERNAL + 1] = {
        [TSEC_REASON_TCB] = HARDWARE_UNSAFE,
        [TSEC_REASON_SIMULATED] = HARDWARE_UNRECOGNIZED,
        [TSEC_REASON_NO_ENDORSEMENT] = HARDWARE_UNRECOGNIZED,
        [TSEC_REASON_ISSUER] = HARDWARE_UNRECOGNIZED,
        [TSEC_REASON_ALGORITHM] = CRYPTO_FAILED,
        [TSEC_REASON_CHAIN] = CRYPTO_FAILED,
        [TSEC_REASON_SIGNATURE] = CRYPTO_FAILED,
        [TSEC_REASON_COLLATERAL] = CRYPTO_FAILED,
        [TSEC_REASON_EXPIRED] = CRYPTO_FAILED,
        [TSEC_REASON_NOT_YET_VALID] = CRYPTO_FAILED,
        [TSEC_REASON_INTERNAL] = VERIFIER_MALFUNCTION,
    };
    struct trust_vector v = { .hardware = NO_CLAIM };

    if (reason == TSEC_REASON_DEBUG || reason == TSEC_REASON_POLICY) {
        v.configuration = CONFIG_UNSUPPORTABLE;
    } else if (reason == TSEC_REASON_MEASUREMENT) {
        v.executables = EXECUTABLES_UNRECOGNIZED;
    } else if (reason == TSEC_REASON_REVOKED) {
        v.instance_identity = INSTANCE_UNTRUSTWORTHY;
    } else {
        v.hardware = (unsigned)reason < TSEC_ARRAY_LEN(hardware) && hardware[reason] != NO_CLAIM
                         ? hardware[reason]
                         : UNEXPECTED_EVIDENCE;
    }
    return v;
}

static enum trust_tier
tier_of(int8_t claim)
{
    if (claim >= -1 && claim <= 1) {
        return TRUST_NONE;
    }
    if (claim < 0 || claim >= CONTRAINDICATED_FROM) {
        return TRUST_CONTRAINDICATED;
    }
    return claim >= WARNING_FROM ? TRUST_WARNING : TRUST_AFFIRMING;
}

enum trust_tier
trust_vector_tier(const struct trust_vector *vector, enum trust_tier most)
{
    const int8_t claims[] = { vector->instance_identity, vector->configuration,
                              vector->executables,       vector->file_system,
                              vector->hardware,          vector->runtime_opaque,
                              vector->storage_opaque,    vector->sourced_data };
    enum trust_tier worst = most;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(claims); i++) {
        const enum trust_tier tier = tier_of(claims[i]);

        worst = tier > worst ? tier : worst;
    }
    return worst;
}

const char *
trust_tier_name(enum trust_tier tier)
{
    return tier == TRUST_AFFIRMING         ? "affirming"
           : tier == TRUST_WARNING         ? "warning"
           : tier == TRUST_CONTRAINDICATED ? "contraindicated"
                                           : "none";
}

void
trust_vector_json(const struct trust_vector *vector, struct tsec_json_out *out)
{
    tsec_json_object(out);
    tsec_json_put_int(out, "instance-identity", vector->instance_identity);
    tsec_json_put_int(out, "configuration", vector->configuration);
    tsec_json_put_int(out, "executables", vector->executables);
    tsec_json_put_int(out, "file-system", vector->file_system);
    tsec_json_put_int(out, "hardware", vector->hardware);
    tsec_json_put_int(out, "runtime-opaque", vector->runtime_opaque);
    tsec_json_put_int(out, "storage-opaque", vector->storage_opaque);
    tsec_json_put_int(out, "sourced-data", vector->sourced_data);
    tsec_json_object_end(out);
}
