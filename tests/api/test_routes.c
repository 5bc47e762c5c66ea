/* SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

/* One operation of the OpenAPI document: enough of it to hold against the table. */
struct operation {
    char path[160];
    char method[16];
    char name[64];
    char who[16];
    char audited[16];
    unsigned long body_max;
    /** A path variable cannot be empty in OpenAPI: this is another operation with it left out. */
    char same_as[64];
    bool seen;
};

enum { OPERATIONS_MAX = 256 };

static struct operation operations[OPERATIONS_MAX];
static size_t operations_len;

static bool
starts(const char *line, const char *prefix)
{
    return strncmp(line, prefix, strlen(prefix)) == 0;
}

/* Lines are ours, so their indentation is known. */
static void
read_line(const char *line, char path[160], char method[16])
{
    struct operation *now = operations_len == 0 ? NULL : &operations[operations_len - 1];

    if (starts(line, "  /")) {
        (void)snprintf(path, 160, "%.*s", (int)strcspn(line + 2, ":"), line + 2);
    } else if (starts(line, "    ") && line[4] >= 'a' && line[4] <= 'z') {
        (void)snprintf(method, 16, "%.*s", (int)strcspn(line + 4, ":"), line + 4);
    } else if (starts(line, "      operationId: ") && operations_len < OPERATIONS_MAX) {
        now = &operations[operations_len++];
        (void)snprintf(now->path, sizeof(now->path), "%s", path);
        (void)snprintf(now->method, sizeof(now->method), "%s", method);
        (void)sscanf(line + 19, "%63s", now->name);
    } else if (now != NULL && starts(line, "      x-who: ")) {
        (void)sscanf(line + 13, "%15s", now->who);
    } else if (now != NULL && starts(line, "      x-audited: ")) {
        (void)sscanf(line + 17, "%15s", now->audited);
    } else if (now != NULL && starts(line, "      x-same-as: ")) {
        (void)sscanf(line + 17, "%63s", now->same_as);
    } else if (now != NULL && starts(line, "      x-body-max: ")) {
        now->body_max = strtoul(line + 18, NULL, 10);
    }
}

static void
read_document(void)
{
    FILE *in = fopen(SOURCE_DIR "/openapi/tee-secrets.yaml", "r");
    char line[1024];
    char path[160] = "";
    char method[16] = "";

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    operations_len = 0;
    memset(operations, 0, sizeof(operations));
    while (fgets(line, sizeof(line), in) != NULL && !starts(line, "components:")) {
        read_line(line, path, method);
    }
    (void)fclose(in);
    CU_ASSERT_TRUE_FATAL(operations_len > 50 && operations_len < OPERATIONS_MAX);
}

static struct operation *
find(const char *name)
{
    for (size_t i = 0; i < operations_len; i++) {
        if (strcmp(operations[i].name, name) == 0) {
            return &operations[i];
        }
    }
    return NULL;
}

/* OpenAPI has no LIST: there it is GET on a path that ends in '/'. */
static const char *
method_of(const struct api_route *route)
{
    static const char *const names[] = {
        [API_GET] = "get",       [API_POST] = "post", [API_PATCH] = "patch",
        [API_DELETE] = "delete", [API_LIST] = "get",
    };

    return names[route->method];
}

static void
check_route(const struct api_route *route, struct operation *op)
{
    static const char *const who[] = { "", "anyone", "visitor", "holder", "token", "sudo", "peer" };
    static const char *const audited[] = { "",      "nothing", "device", "read",
                                           "write", "auth",    "node",   "inner" };
    const bool same =
        strcmp(op->path, route->path) == 0 && strcmp(op->method, method_of(route)) == 0
        && strcmp(op->who, who[route->caller]) == 0
        && strcmp(op->audited, audited[route->audit]) == 0 && op->body_max == route->body_max;

    if (!same) {
        (void)printf("\n%s: the document has %s %s %s %s %lu\n", route->operation, op->method,
                     op->path, op->who, op->audited, op->body_max);
    }
    CU_ASSERT_TRUE(same);
    op->seen = true;
}

static void
the_table_and_the_document_name_the_same_operations(void)
{
    read_document();
    for (size_t i = 0; i < api_routes_len; i++) {
        struct operation *op = find(api_routes[i].operation);

        if (api_routes[i].method == API_SCAN) {
            continue; /* a LIST that goes deep: x-also of the document */
        }
        if (op == NULL) {
            (void)printf("\n%s is not in the document\n", api_routes[i].operation);
            CU_FAIL("an operation that is not documented");
            continue;
        }
        check_route(&api_routes[i], op);
    }
    for (size_t i = 0; i < operations_len; i++) {
        const struct operation *same = find(operations[i].same_as);

        if (same != NULL) {
            CU_ASSERT_TRUE(same->seen);
            continue;
        }
        if (!operations[i].seen) {
            (void)printf("\n%s is not in the table\n", operations[i].name);
        }
        CU_ASSERT_TRUE(operations[i].seen);
    }
}

/* The template with every variable replaced by its name, below the family's prefix. */
static enum api_family
example_of(const char *template, char out[256])
{
    enum api_family family = API_FAMILY_SYSTEM;
    size_t len = 0;

    template += strlen("/v1/");
    if (starts(template, "{mount}/")) {
        family = API_FAMILY_KV;
        template += strlen("{mount}/");
    } else if (starts(template, "{transit}/")) {
        family = API_FAMILY_TRANSIT;
        template += strlen("{transit}/");
    } else if (starts(template, "auth/approle/")) {
        family = API_FAMILY_APPROLE;
        template += strlen("auth/approle/");
    } else if (starts(template, "auth/attest/")) {
        family = API_FAMILY_ATTEST;
        template += strlen("auth/attest/");
    }
    for (; *template != '\0' && len < 255; template ++) {
        if (*template != '{' && *template != '}') {
            out[len++] = *template;
        }
    }
    out[len] = '\0';
    return family;
}

static void
every_route_is_found_by_its_path(void)
{
    TSEC_AUTO(api_routes_free) struct api_routes_tree *tree = NULL;
    struct tsec_span vars[API_VARS_MAX];
    char path[256];

    CU_ASSERT_EQUAL_FATAL(api_routes_build(&tree, NULL).code, 0);
    for (size_t i = 0; i < api_routes_len; i++) {
        const enum api_family family = example_of(api_routes[i].path, path);
        const struct api_resource *resource =
            api_routes_find(tree, family, tsec_span_str(path), vars);

        CU_ASSERT_PTR_NOT_NULL_FATAL(resource);
        CU_ASSERT_PTR_EQUAL(resource->by_method[api_routes[i].method], &api_routes[i]);
    }
}

static const struct api_resource *
look(const struct api_routes_tree *tree, const char *path, struct tsec_span vars[API_VARS_MAX])
{
    return api_routes_find(tree, API_FAMILY_SYSTEM, tsec_span_str(path), vars);
}

static void
variables_take_what_they_stand_for(void)
{
    TSEC_AUTO(api_routes_free) struct api_routes_tree *tree = NULL;
    struct tsec_span vars[API_VARS_MAX];

    CU_ASSERT_EQUAL_FATAL(api_routes_build(&tree, NULL).code, 0);
    CU_ASSERT_PTR_NOT_NULL(look(tree, "sys/mounts/a/b/tune", vars));
    CU_ASSERT_TRUE(tsec_span_is(vars[0], "a/b"));
    CU_ASSERT_PTR_NOT_NULL(look(tree, "sys/mounts/a/b/", vars));
    CU_ASSERT_TRUE(tsec_span_is(vars[0], "a/b/"));
    CU_ASSERT_PTR_NOT_NULL(look(tree, "audit/tile/3/x001/002.p/7", vars));
    CU_ASSERT_TRUE(tsec_span_is(vars[0], "3"));
    CU_ASSERT_TRUE(tsec_span_is(vars[1], "x001/002.p/7"));
    CU_ASSERT_PTR_NOT_NULL(look(tree, "audit/tile/entries/000", vars));
    CU_ASSERT_TRUE(tsec_span_is(vars[0], "000"));
    CU_ASSERT_PTR_NOT_NULL(look(tree, "sys/mounts", vars));
    CU_ASSERT_EQUAL(vars[0].len, 0);
}

static void
paths_that_nothing_answers_are_not_found(void)
{
    static const char *const none[] = { "",          "sys",         "sy",         "syss/health",
                                        "sys/healt", "sys/healthy", "auth/token", "sys/health/x",
                                        "audit",     "tee/infos" };
    TSEC_AUTO(api_routes_free) struct api_routes_tree *tree = NULL;
    struct tsec_span vars[API_VARS_MAX];

    CU_ASSERT_EQUAL_FATAL(api_routes_build(&tree, NULL).code, 0);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(none); i++) {
        CU_ASSERT_PTR_NULL(look(tree, none[i], vars));
    }
}

static const struct test_case cases[] = {
    { "the table and the document agree", the_table_and_the_document_name_the_same_operations },
    { "every route is found by its path", every_route_is_found_by_its_path },
    { "variables take what they stand for", variables_take_what_they_stand_for },
    { "paths that nothing answers are not found", paths_that_nothing_answers_are_not_found },
};

TEST_MAIN("api/routes", cases)
