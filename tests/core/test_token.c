/* SPDX-License-Identifier: Apache-2.0 */
#include "core/token.h"

#include <stdio.h>

#include "base/hex.h"
#include "tests/core/nouns.h"

struct step {
    const char *parent; /* text; NULL: an orphan */
    int64_t ttl_s;
    int64_t num_uses;
    char text[TOKEN_TEXT_MAX + 1];
    char accessor[64];
};

static const struct core_keys *
keys(void)
{
    return node_keys(nouns.node);
}

static tsec_rc
find(struct txn *txn, const char *text, const struct token **out, struct tsec_err *err)
{
    uint8_t tag[RECORD_TAG_LEN];

    token_tag(keys(), tsec_span_str(text), tag);
    return token_find(txn, tag, out, err);
}

static tsec_rc
make(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static const char *policies[] = { "a" };
    struct step *step = ctx;
    struct token_made made;
    struct token_spec spec = { .id = NULL };

    spec.token = (struct token){
        .path = "auth/token/create",
        .display_name = "t",
        .role = "",
        .policies = { policies, 1 },
        .ttl_s = step->ttl_s,
        .num_uses = step->num_uses,
        .renewable = true,
    };
    if (step->parent != NULL) {
        TSEC_TRY(find(txn, step->parent, &spec.parent, err));
    }
    TSEC_TRY(token_make(txn, keys(), &spec, &made, err));
    (void)snprintf(step->text, sizeof(step->text), "%s", made.text);
    (void)snprintf(step->accessor, sizeof(step->accessor), "%s", made.token->accessor);
    return TSEC_OK;
}

static tsec_rc
look(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct token *token = NULL;

    return find(txn, ctx, &token, err);
}

static tsec_rc
look_by_accessor(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct token *token = NULL;

    return token_find_accessor(txn, tsec_span_str(ctx), &token, err);
}

static tsec_rc
use(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct token *token = NULL;

    TSEC_TRY(find(txn, ctx, &token, err));
    return token_use(txn, token, err);
}

static tsec_rc
revoke(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct token *token = NULL;

    TSEC_TRY(find(txn, ctx, &token, err));
    return token_revoke(txn, token, err);
}

static void
a_token_is_known_by_its_text_and_accessor_only(void)
{
    struct step t = { .ttl_s = 60 };
    char wrong[TOKEN_TEXT_MAX + 1];
    char none[1] = "";

    nouns_open("mem:token");
    CU_ASSERT_EQUAL(nouns_do(make, &t), 0);
    CU_ASSERT_EQUAL(nouns_do(look, t.text), 0);
    CU_ASSERT_EQUAL(nouns_do(look_by_accessor, t.accessor), 0);
    (void)snprintf(wrong, sizeof(wrong), "%s", t.text);
    wrong[10] = wrong[10] == 'a' ? 'b' : 'a';
    CU_ASSERT_EQUAL(nouns_do(look, wrong), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(look, t.accessor), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(look_by_accessor, t.text), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(look, none), TSEC_E_NOT_FOUND);
    nouns_close();
}

/* As servers wrote them before there was evidence behind a login: version 1, without `attest`. */
static tsec_rc
make_old(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct step *step = ctx;
    uint8_t tag[RECORD_TAG_LEN];
    char hex[2 * RECORD_TAG_LEN + 1];
    struct tsec_span payload;
    struct tsec_span key;
    uint8_t *old;

    TSEC_TRY(make(ctx, txn, err));
    token_tag(keys(), tsec_span_str(step->text), tag);
    tsec_hex_encode(tsec_span(tag, sizeof(tag)), hex);
    key = txn_key2(txn, "sys/token/", tsec_span_str(hex));
    TSEC_TRY(txn_get(txn, key, &payload, err));
    CU_ASSERT_EQUAL(payload.ptr[0], 2);
    old = (uint8_t *)tsec_arena_dup(txn_arena(txn), tsec_span(payload.ptr, payload.len - 8));
    old[0] = 1;
    return txn_put(txn, key, tsec_span(old, payload.len - 8), err);
}

static tsec_rc
look_at_old(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct token *token = NULL;

    TSEC_TRY(find(txn, ctx, &token, err));
    CU_ASSERT_STRING_EQUAL(token->policies.items[0], "a");
    CU_ASSERT_EQUAL(token->num_uses, 3);
    CU_ASSERT_EQUAL(token->attest.len, 0);
    return TSEC_OK;
}

static void
a_token_of_an_earlier_version_opens_and_has_no_evidence(void)
{
    struct step t = { .ttl_s = 60, .num_uses = 3 };

    nouns_open("mem:token");
    CU_ASSERT_EQUAL(nouns_do(make_old, &t), 0);
    CU_ASSERT_EQUAL(nouns_do(look_at_old, t.text), 0);
    CU_ASSERT_EQUAL(nouns_do(use, t.text), 0);
    CU_ASSERT_EQUAL(nouns_do(look, t.text), 0);
    nouns_close();
}

static void
a_token_ends_at_its_second_and_its_children_with_it(void)
{
    struct step parent = { .ttl_s = 60 };
    struct step child = { .parent = parent.text, .ttl_s = 600 };

    nouns_open("mem:token");
    CU_ASSERT_EQUAL(nouns_do(make, &parent), 0);
    CU_ASSERT_EQUAL(nouns_do(make, &child), 0);
    nouns_pass(59);
    CU_ASSERT_EQUAL(nouns_do(look, parent.text), 0);
    CU_ASSERT_EQUAL(nouns_do(look, child.text), 0);
    nouns_pass(1);
    CU_ASSERT_EQUAL(nouns_do(look, parent.text), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(look, child.text), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(look_by_accessor, child.accessor), TSEC_E_NOT_FOUND);
    nouns_close();
}

static void
the_last_use_revokes(void)
{
    struct step t = { .ttl_s = 60, .num_uses = 2 };
    struct step unlimited = { .ttl_s = 60 };

    nouns_open("mem:token");
    CU_ASSERT_EQUAL(nouns_do(make, &t), 0);
    CU_ASSERT_EQUAL(nouns_do(make, &unlimited), 0);
    CU_ASSERT_EQUAL(nouns_do(use, t.text), 0);
    CU_ASSERT_EQUAL(nouns_do(use, t.text), 0);
    CU_ASSERT_EQUAL(nouns_do(use, t.text), TSEC_E_NOT_FOUND);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(nouns_do(use, unlimited.text), 0);
    }
    nouns_close();
}

static void
a_chain_of_tokens_is_cut_anywhere(void)
{
    struct step chain[6] = { { .ttl_s = 0 } };

    nouns_open("mem:token");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(chain); i++) {
        chain[i].parent = i == 0 ? NULL : chain[i - 1].text;
        CU_ASSERT_EQUAL(nouns_do(make, &chain[i]), 0);
    }
    CU_ASSERT_EQUAL(nouns_do(look, chain[5].text), 0);
    CU_ASSERT_EQUAL(nouns_do(revoke, chain[2].text), 0);
    CU_ASSERT_EQUAL(nouns_do(look, chain[1].text), 0);
    for (size_t i = 2; i < TSEC_ARRAY_LEN(chain); i++) {
        CU_ASSERT_EQUAL(nouns_do(look, chain[i].text), TSEC_E_NOT_FOUND);
    }
    nouns_close();
}

static tsec_rc
renew(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct token *token = NULL;
    const struct token *renewed = NULL;
    bool capped = false;

    TSEC_TRY(find(txn, ctx, &token, err));
    TSEC_TRY(token_renew(txn, token, 0, &renewed, &capped, err));
    CU_ASSERT_EQUAL(token_ttl_left_s(renewed, txn_now(txn)), 60);
    return TSEC_OK;
}

static void
a_renewed_token_outlives_its_first_end(void)
{
    struct step t = { .ttl_s = 60 };
    struct step forever = { .ttl_s = 0 };

    nouns_open("mem:token");
    CU_ASSERT_EQUAL(nouns_do(make, &t), 0);
    CU_ASSERT_EQUAL(nouns_do(make, &forever), 0);
    nouns_pass(50);
    CU_ASSERT_EQUAL(nouns_do(renew, t.text), 0);
    nouns_pass(50);
    CU_ASSERT_EQUAL(nouns_do(look, t.text), 0);
    nouns_pass(10);
    CU_ASSERT_EQUAL(nouns_do(look, t.text), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(renew, forever.text), TSEC_E_INVALID);
    nouns_close();
}

static const struct test_case cases[] = {
    { "a token of an earlier version opens and has no evidence",
      a_token_of_an_earlier_version_opens_and_has_no_evidence },
    { "a token is known by text and accessor only",
      a_token_is_known_by_its_text_and_accessor_only },
    { "a token ends at its second", a_token_ends_at_its_second_and_its_children_with_it },
    { "the last use revokes", the_last_use_revokes },
    { "a chain of tokens is cut anywhere", a_chain_of_tokens_is_cut_anywhere },
    { "a renewed token outlives its first end", a_renewed_token_outlives_its_first_end },
};

TEST_MAIN("core/token", cases)
