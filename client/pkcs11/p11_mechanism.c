/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_mechanism.h"

enum {
    SIGNS = CKF_SIGN | CKF_VERIFY,
    CRYPTS = CKF_ENCRYPT | CKF_DECRYPT,
    CURVE = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS,
    /* The server takes bodies of 1 MiB, and the message is base64 in them. */
    MESSAGE_MAX = 750 * 1024,
    PKCS1_OVERHEAD = 11, /* RFC 8017 section 9.2 */
};

static const struct p11_mechanism mechanisms[] = {
    { CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA, CKF_GENERATE_KEY_PAIR, 2048, 4096, P11_NO_PADDING, 0 },
    { CKM_RSA_PKCS, CKK_RSA, SIGNS, 2048, 4096, P11_PKCS1, 0 },
    { CKM_SHA256_RSA_PKCS, CKK_RSA, SIGNS, 2048, 4096, P11_PKCS1, TSEC_SHA256 },
    { CKM_SHA384_RSA_PKCS, CKK_RSA, SIGNS, 2048, 4096, P11_PKCS1, TSEC_SHA384 },
    { CKM_SHA512_RSA_PKCS, CKK_RSA, SIGNS, 2048, 4096, P11_PKCS1, TSEC_SHA512 },
    { CKM_RSA_PKCS_PSS, CKK_RSA, SIGNS, 2048, 4096, P11_PSS, 0 },
    { CKM_SHA256_RSA_PKCS_PSS, CKK_RSA, SIGNS, 2048, 4096, P11_PSS, TSEC_SHA256 },
    { CKM_SHA384_RSA_PKCS_PSS, CKK_RSA, SIGNS, 2048, 4096, P11_PSS, TSEC_SHA384 },
    { CKM_SHA512_RSA_PKCS_PSS, CKK_RSA, SIGNS, 2048, 4096, P11_PSS, TSEC_SHA512 },
    { CKM_RSA_PKCS_OAEP, CKK_RSA, CRYPTS, 2048, 4096, P11_OAEP, 0 },
    { CKM_EC_KEY_PAIR_GEN, CKK_EC, CKF_GENERATE_KEY_PAIR | CURVE, 256, 521, P11_NO_PADDING, 0 },
    { CKM_ECDSA, CKK_EC, SIGNS | CURVE, 256, 521, P11_NO_PADDING, 0 },
    { CKM_ECDSA_SHA256, CKK_EC, SIGNS | CURVE, 256, 521, P11_NO_PADDING, TSEC_SHA256 },
    { CKM_ECDSA_SHA384, CKK_EC, SIGNS | CURVE, 256, 521, P11_NO_PADDING, TSEC_SHA384 },
    { CKM_ECDSA_SHA512, CKK_EC, SIGNS | CURVE, 256, 521, P11_NO_PADDING, TSEC_SHA512 },
    { CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS, CKF_GENERATE_KEY_PAIR | CURVE, 256, 256,
      P11_NO_PADDING, 0 },
    { CKM_EDDSA, CKK_EC_EDWARDS, SIGNS | CURVE, 256, 256, P11_NO_PADDING, 0 },
};

/* The first of each length is what a digest of that length is taken for. */
static const struct {
    enum tsec_hash hash;
    const char *name;
    ck_mechanism_type_t mechanism;
    ck_rsa_pkcs_mgf_type_t mgf;
} hashes[] = {
    { TSEC_SHA256, "sha2-256", CKM_SHA256, CKG_MGF1_SHA256 },
    { TSEC_SHA384, "sha2-384", CKM_SHA384, CKG_MGF1_SHA384 },
    { TSEC_SHA512, "sha2-512", CKM_SHA512, CKG_MGF1_SHA512 },
    { TSEC_SHA224, "sha2-224", CKM_SHA224, CKG_MGF1_SHA224 },
    { TSEC_SHA1, "sha1", CKM_SHA_1, CKG_MGF1_SHA1 },
};

const struct p11_mechanism *
p11_mechanism_at(size_t i)
{
    return &mechanisms[i];
}

size_t
p11_mechanisms(void)
{
    return TSEC_ARRAY_LEN(mechanisms);
}

const struct p11_mechanism *
p11_mechanism_find(ck_mechanism_type_t type)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(mechanisms); i++) {
        if (mechanisms[i].type == type) {
            return &mechanisms[i];
        }
    }
    return NULL;
}

const char *
p11_hash_name(enum tsec_hash hash)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(hashes); i++) {
        if (hashes[i].hash == hash) {
            return hashes[i].name;
        }
    }
    return "none";
}

enum tsec_hash
p11_hash_of_len(size_t len)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(hashes); i++) {
        if (tsec_hash_len(hashes[i].hash) == len) {
            return hashes[i].hash;
        }
    }
    return (enum tsec_hash)TSEC_HASH_NONE;
}

/** Both must name the same hash: the server has one for both. */
static bool
find_hash(ck_mechanism_type_t mechanism, ck_rsa_pkcs_mgf_type_t mgf, enum tsec_hash *out)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(hashes); i++) {
        if (hashes[i].mechanism == mechanism && hashes[i].mgf == mgf) {
            *out = hashes[i].hash;
            return true;
        }
    }
    return false;
}

/** The parameters may lie where no structure is aligned. */
static bool
take_parameter(const struct ck_mechanism *wish, void *out, size_t len)
{
    if (wish->parameter == NULL || wish->parameter_len != len) {
        return false;
    }
    memcpy(out, wish->parameter, len);
    return true;
}

static ck_rv_t
read_pss(const struct ck_mechanism *wish, const struct p11_public *key, struct p11_scheme *out)
{
    struct ck_rsa_pkcs_pss_params params;
    enum tsec_hash hash = (enum tsec_hash)TSEC_HASH_NONE;

    if (!take_parameter(wish, &params, sizeof(params))
        || !find_hash(params.hash_alg, params.mgf, &hash)
        || (out->hash != (enum tsec_hash)TSEC_HASH_NONE && out->hash != hash)
        || params.s_len > key->modulus.len - 2 - tsec_hash_len(hash)) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    out->hash = hash;
    out->salt_len = (int)params.s_len;
    return CKR_OK;
}

/** The server's is OAEP with SHA-256 and no label. */
static ck_rv_t
read_oaep(const struct ck_mechanism *wish, struct p11_scheme *out)
{
    struct ck_rsa_pkcs_oaep_params params;

    if (!take_parameter(wish, &params, sizeof(params))
        || !find_hash(params.hash_alg, params.mgf, &out->hash) || out->hash != TSEC_SHA256
        || params.source_data_len != 0 || params.source > CKZ_DATA_SPECIFIED) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    return CKR_OK;
}

ck_rv_t
p11_scheme_of(const struct ck_mechanism *wish, ck_flags_t use, const struct p11_public *key,
              struct p11_scheme *out)
{
    const struct p11_mechanism *mechanism = p11_mechanism_find(wish->mechanism);

    if (mechanism == NULL || (mechanism->flags & use) == 0) {
        return CKR_MECHANISM_INVALID;
    }
    if (mechanism->key != key->type) {
        return CKR_KEY_TYPE_INCONSISTENT;
    }
    *out = (struct p11_scheme){ .mechanism = mechanism, .hash = mechanism->hash };
    if (mechanism->padding == P11_PSS) {
        return read_pss(wish, key, out);
    }
    if (mechanism->padding == P11_OAEP) {
        return read_oaep(wish, out);
    }
    return wish->parameter_len == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

size_t
p11_scheme_input_max(const struct p11_scheme *scheme, const struct p11_public *key)
{
    switch (scheme->mechanism->padding) {
    case P11_PKCS1:
        return key->modulus.len - PKCS1_OVERHEAD;
    case P11_PSS:
        return tsec_hash_len(scheme->hash);
    case P11_OAEP:
        return key->modulus.len;
    case P11_NO_PADDING:
    default:
        return key->type == CKK_EC ? TSEC_SHA512_LEN : MESSAGE_MAX;
    }
}
