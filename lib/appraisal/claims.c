/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/claims.h"

#include <stdio.h>
#include <string.h>

void
tsec_claims_init(struct tsec_claims *claims, const char *tee, const char *format)
{
    memset(claims, 0, sizeof(*claims));
    claims->struct_size = sizeof(*claims);
    (void)snprintf(claims->tee, sizeof(claims->tee), "%s", tee);
    (void)snprintf(claims->format, sizeof(claims->format), "%s", format);
}

/* Called for each claim of each verification: no formatting. */
static struct tsec_claim *
add(struct tsec_claims *claims, const char *name, enum tsec_claim_kind kind, size_t len)
{
    const size_t name_len = strlen(name);

    if (claims->entries_len >= TSEC_CLAIM_ENTRIES || len > TSEC_CLAIM_VALUE_MAX
        || name_len >= sizeof(claims->entries[0].name)) {
        return NULL;
    }

    struct tsec_claim *claim = &claims->entries[claims->entries_len++];

    memcpy(claim->name, name, name_len + 1);
    claim->kind = (uint8_t)kind;
    return claim;
}

static void
add_value(struct tsec_claims *claims, const char *name, enum tsec_claim_kind kind,
          struct tsec_span value)
{
    struct tsec_claim *claim = add(claims, name, kind, value.len);

    if (claim != NULL && value.len > 0) {
        memcpy(claim->value, value.ptr, value.len);
        claim->len = (uint16_t)value.len;
    }
}

void
tsec_claims_add_bytes(struct tsec_claims *claims, const char *name, struct tsec_span value)
{
    add_value(claims, name, TSEC_CLAIM_BYTES, value);
}

void
tsec_claims_add_text(struct tsec_claims *claims, const char *name, struct tsec_span value)
{
    if (tsec_text_plain(value)) {
        add_value(claims, name, TSEC_CLAIM_TEXT, value);
    }
}

void
tsec_claims_add_number(struct tsec_claims *claims, const char *name, uint64_t value)
{
    struct tsec_claim *claim = add(claims, name, TSEC_CLAIM_NUMBER, 0);

    if (claim != NULL) {
        claim->number = value;
    }
}

void
tsec_claims_add_bool(struct tsec_claims *claims, const char *name, bool value)
{
    struct tsec_claim *claim = add(claims, name, TSEC_CLAIM_BOOL, 0);

    if (claim != NULL) {
        claim->number = value ? 1 : 0;
    }
}

const struct tsec_claim *
tsec_claims_find(const struct tsec_claims *claims, const char *name)
{
    for (size_t i = 0; i < claims->entries_len; i++) {
        if (strcmp(claims->entries[i].name, name) == 0) {
            return &claims->entries[i];
        }
    }
    return NULL;
}
