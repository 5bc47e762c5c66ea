/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/policy_reference.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tests/test.h"

static uint32_t
letter_bit(char letter)
{
    switch (letter) {
    case '!':
        return POLICY_DENY;
    case 'c':
        return POLICY_CREATE;
    case 'r':
        return POLICY_READ;
    case 'u':
        return POLICY_UPDATE;
    case 'd':
        return POLICY_DELETE;
    case 'l':
        return POLICY_LIST;
    default:
        return POLICY_SUDO;
    }
}

static const char *
parse_rule(const char *at, struct reference_set *out, struct tsec_buf *hcl)
{
    struct reference_rule *rule = &out->rule[out->rules++];
    const size_t len = strcspn(at, "=");
    const char *separator = "";

    memcpy(rule->path, at, len);
    tsec_buf_printf(hcl, "path \"%s\" { capabilities = [", rule->path);
    for (at += len + 1; *at != '\0' && *at != ',' && *at != ';'; at++) {
        const uint32_t bit = letter_bit(*at);

        rule->capabilities |= bit;
        for (unsigned i = 0; i < POLICY_CAPABILITIES; i++) {
            if (bit == 1U << i) {
                tsec_buf_printf(hcl, "%s\"%s\"", separator, policy_capability_name(i));
                separator = ", ";
            }
        }
    }
    tsec_buf_put_str(hcl, "] }\n");
    return *at == ',' ? at + 1 : at;
}

void
reference_parse(const char *text, struct reference_set *out)
{
    *out = (struct reference_set){ 0 };
    for (const char *at = text;; at++) {
        TSEC_AUTO_BUF struct tsec_buf hcl = TSEC_BUF_INIT(65536);
        struct policy *policy = NULL;
        struct tsec_err err = { 0 };

        while (*at != '\0' && *at != ';') {
            at = parse_rule(at, out, &hcl);
        }
        if (tsec_failed(policy_parse(tsec_buf_span(&hcl), &policy, &err))) {
            (void)fprintf(stderr, "%s\n  in: %s\n", err.detail, text);
            CU_FAIL_FATAL("a policy of the table does not parse");
        }
        out->compiled[out->policies++] = policy;
        if (*at == '\0') {
            return;
        }
    }
}

void
reference_done(struct reference_set *set)
{
    for (size_t i = 0; i < set->policies; i++) {
        policy_free((struct policy *)(uintptr_t)set->compiled[i]);
    }
}

struct parts {
    char text[160];
    const char *item[80];
    size_t len;
};

static void
split(const char *path, size_t len, struct parts *out)
{
    char *at = out->text;

    memcpy(out->text, path, len);
    out->text[len] = '\0';
    out->len = 0;
    for (;;) {
        char *slash = strchr(at, '/');

        out->item[out->len++] = at;
        if (slash == NULL) {
            return;
        }
        *slash = '\0';
        at = slash + 1;
    }
}

static bool
ends_in_star(const char *pattern)
{
    return *pattern != '\0' && pattern[strlen(pattern) - 1] == '*';
}

/** "one + stands for one segment": Vault looks for a segment that begins with '+'. */
static bool
has_plus(const char *pattern)
{
    return strcmp(pattern, "+") == 0 || strncmp(pattern, "+/", 2) == 0
           || strstr(pattern, "/+") != NULL;
}

static bool
matches(const char *pattern, const char *path)
{
    const bool star = ends_in_star(pattern);
    struct parts want;
    struct parts have;

    if (!has_plus(pattern)) {
        return star ? strncmp(pattern, path, strlen(pattern) - 1) == 0 : strcmp(pattern, path) == 0;
    }
    split(pattern, strlen(pattern) - (star ? 1 : 0), &want);
    split(path, strlen(path), &have);
    if (star ? have.len < want.len : have.len != want.len) {
        return false;
    }
    for (size_t i = 0; i < want.len; i++) {
        const bool last = i + 1 == want.len;

        if (strcmp(want.item[i], "+") == 0 || strcmp(want.item[i], have.item[i]) == 0) {
            continue;
        }
        if (!(star && last && strncmp(want.item[i], have.item[i], strlen(want.item[i])) == 0)) {
            return false;
        }
    }
    return true;
}

static size_t
first_wildcard(const char *pattern)
{
    return has_plus(pattern) ? strcspn(pattern, "+") : strlen(pattern) - 1;
}

static size_t
plus_segments(const char *pattern)
{
    struct parts parts;
    size_t n = 0;

    if (!has_plus(pattern)) {
        return 0;
    }
    split(pattern, strlen(pattern), &parts);
    for (size_t i = 0; i < parts.len; i++) {
        n += strcmp(parts.item[i], "+") == 0;
    }
    return n;
}

static bool
loses(const char *a, const char *b)
{
    if (first_wildcard(a) != first_wildcard(b)) {
        return first_wildcard(a) < first_wildcard(b);
    }
    if (ends_in_star(a) != ends_in_star(b)) {
        return ends_in_star(a);
    }
    if (plus_segments(a) != plus_segments(b)) {
        return plus_segments(a) > plus_segments(b);
    }
    if (strlen(a) != strlen(b)) {
        return strlen(a) < strlen(b);
    }
    return strcmp(a, b) < 0;
}

static const char *
best(const struct reference_set *set, const char *path, bool exact)
{
    const char *found = NULL;

    for (size_t i = 0; i < set->rules; i++) {
        const char *pattern = set->rule[i].path;
        const bool is_exact = !has_plus(pattern) && !ends_in_star(pattern);

        if (is_exact == exact && matches(pattern, path)
            && (found == NULL || (!exact && loses(found, pattern)))) {
            found = pattern;
        }
    }
    return found;
}

uint32_t
reference_decide(const struct reference_set *set, const char *path, bool list)
{
    char bare[160] = { 0 };
    const size_t len = strlen(path);
    const bool slash = list && len > 0 && path[len - 1] == '/';
    const char *pattern = best(set, path, true);
    uint32_t capabilities = 0;

    memcpy(bare, path, slash ? len - 1 : len);
    pattern = pattern == NULL && slash ? best(set, bare, true) : pattern;
    pattern = pattern == NULL && slash ? best(set, bare, false) : pattern;
    pattern = pattern == NULL ? best(set, path, false) : pattern;
    for (size_t i = 0; pattern != NULL && i < set->rules; i++) {
        if (strcmp(set->rule[i].path, pattern) == 0) {
            capabilities |= set->rule[i].capabilities;
        }
    }
    return (capabilities & POLICY_DENY) != 0 ? POLICY_DENY : capabilities;
}
