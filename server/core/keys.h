/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/keys.h
 * @brief The keys that nouns need to name what they must not store: lent by the node, never copied.
 */
#ifndef TSEC_CORE_KEYS_H
#define TSEC_CORE_KEYS_H

struct tsec_hmac_key;

struct core_keys {
    const struct tsec_hmac_key *token_tag; /* what a token, role id or secret id is looked up by */
    const struct tsec_hmac_key *pseudonym; /* how an audit entry names a path */
};

#endif
