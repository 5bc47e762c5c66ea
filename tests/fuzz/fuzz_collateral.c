/* SPDX-License-Identifier: Apache-2.0 */
/* One item of collateral.  What is taken changes nothing when it comes again, nor when sets are
 * joined; each certificate and document that it gave is collateral by itself, and the same.  What
 * is refused leaves nothing behind. */
#include "attest-maa/collateral.h"

#include "tests/fuzz/fuzz.h"

struct counts {
    size_t certs;
    size_t crls;
    size_t docs;
    size_t signatures;
};

static struct counts
count(const struct collateral *set)
{
    return (struct counts){ collateral_certs(set), collateral_crls(set), collateral_docs(set),
                            collateral_signatures(set) };
}

static bool
same(struct counts a, struct counts b)
{
    return a.certs == b.certs && a.crls == b.crls && a.docs == b.docs
           && a.signatures == b.signatures;
}

static void
joins(const struct collateral *a, const struct collateral *b, struct counts expected)
{
    TSEC_AUTO(collateral_free) struct collateral *both = NULL;

    FUZZ_ASSERT(!tsec_failed(collateral_join(a, b, &both, NULL)));
    FUZZ_ASSERT(same(count(both), expected));
}

/* By itself in a set of its own. */
static struct collateral *
alone(struct tsec_span item)
{
    struct collateral *set = NULL;

    FUZZ_ASSERT(!tsec_failed(collateral_new(&set, NULL)));
    FUZZ_ASSERT(!tsec_failed(collateral_add(set, item, NULL)));
    return set;
}

static void
parts_are_collateral(const struct collateral *set)
{
    for (size_t i = 0; i < collateral_certs(set); i++) {
        const struct tsec_span der = tsec_cert_der(collateral_cert(set, i));
        TSEC_AUTO(collateral_free) struct collateral *one = alone(der);

        FUZZ_ASSERT(same(count(one), (struct counts){ .certs = 1 }));
        FUZZ_ASSERT(tsec_span_equal(tsec_cert_der(collateral_cert(one, 0)), der));
    }
    for (size_t i = 0; i < collateral_docs(set); i++) {
        const struct collateral_doc *doc = collateral_doc(set, i);
        TSEC_AUTO(collateral_free) struct collateral *one = alone(doc->body);

        FUZZ_ASSERT(doc->kind == COLLATERAL_TCB_INFO || doc->kind == COLLATERAL_QE_IDENTITY);
        FUZZ_ASSERT(doc->signature.len == 0 || doc->signature.len == 64);
        FUZZ_ASSERT(collateral_docs(one) == 1 && collateral_doc(one, 0)->kind == doc->kind);
        FUZZ_ASSERT(tsec_span_equal(collateral_doc(one, 0)->body, doc->body));
    }
    for (size_t i = 0; i < collateral_signatures(set); i++) {
        FUZZ_ASSERT(collateral_signature(set, i).len == 64);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO(collateral_free) struct collateral *set = NULL;
    struct tsec_err err = { .code = 0 };

    FUZZ_ASSERT(!tsec_failed(collateral_new(&set, NULL)));

    const tsec_rc rc = collateral_add(set, tsec_span(data, size), &err);
    const struct counts found = count(set);

    FUZZ_ASSERT(rc.code == 0 || rc.code == TSEC_E_INVALID || rc.code == TSEC_E_TOO_LARGE);
    if (rc.code == 0) {
        FUZZ_ASSERT(!tsec_failed(collateral_add(set, tsec_span(data, size), NULL)));
        FUZZ_ASSERT(same(count(set), found));
        parts_are_collateral(set);
    } else {
        FUZZ_ASSERT(same(found, (struct counts){ .certs = 0 }));
    }
    joins(set, NULL, found);
    joins(NULL, set, found);
    joins(set, set, found);
    return 0;
}
