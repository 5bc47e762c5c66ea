/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/transit_type.h
 * @brief The types of transit keys, as one table: names, and what each can do.
 */
#ifndef TSEC_CORE_TRANSIT_TYPE_H
#define TSEC_CORE_TRANSIT_TYPE_H

#include "crypto/aead.h"
#include "crypto/pair.h"

enum transit_type {
    TRANSIT_AES256_GCM96 = 1, /* the default */
    TRANSIT_AES128_GCM96,
    TRANSIT_CHACHA20_POLY1305,
    TRANSIT_XAES256_GCM,
    TRANSIT_ED25519,
    TRANSIT_ECDSA_P256,
    TRANSIT_ECDSA_P384,
    TRANSIT_ECDSA_P521,
    TRANSIT_ECDSA_SECP256K1,
    TRANSIT_RSA_2048,
    TRANSIT_RSA_3072,
    TRANSIT_RSA_4096,
    TRANSIT_HMAC,
    TRANSIT_TYPES
};

struct transit_traits {
    const char *name;         /* "aes256-gcm96" */
    const char *public_name;  /* as a key's version shows it: "P-256", "rsa-2048"; "" */
    enum tsec_aead aead;      /* 0: none */
    enum tsec_pair_kind pair; /* 0: none */
    bool encrypts;
    bool signs;
    bool derives;     /* from a context, one key for each */
    bool associates;  /* associated_data */
    bool agrees;      /* ECDH */
    unsigned sign_us; /* about what one private operation takes on one core */
    unsigned make_us; /* and making one */
};

/** NULL for a value that is no type. */
const struct transit_traits *transit_traits(enum transit_type type);
/** 0: no such type. */
enum transit_type transit_type_named(const char *name);

#endif
