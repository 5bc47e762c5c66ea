/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/core/policy_reference.h
 * @brief The rules of matching, slowly: every pattern is split into segments and compared with
 * every other, straight from the words of the rules.
 */
#ifndef TSEC_TESTS_CORE_POLICY_REFERENCE_H
#define TSEC_TESTS_CORE_POLICY_REFERENCE_H

#include "core/policy.h"

enum { REFERENCE_POLICIES = 8, REFERENCE_RULES = 40 };

struct reference_rule {
    char path[128];
    uint32_t capabilities;
};

struct reference_set {
    size_t policies;
    const struct policy *compiled[REFERENCE_POLICIES];
    size_t rules;
    struct reference_rule rule[REFERENCE_RULES]; /* of all policies */
};

/** "path=letters,path=letters;path=!": also compiles every policy from the text it stands for. */
void reference_parse(const char *text, struct reference_set *out);
void reference_done(struct reference_set *set);
uint32_t reference_decide(const struct reference_set *set, const char *path, bool list);

#endif
