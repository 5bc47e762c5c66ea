/* SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"

#include <stdlib.h>

#define TSEC_ROUTE(verb, url, op, who, limit, kind, existence)              \
    _Static_assert(API_##verb != API_METHOD_UNSET, "method of " #op);       \
    _Static_assert(API_CALLER_##who != API_CALLER_UNSET, "caller of " #op); \
    _Static_assert(API_AUDIT_##kind != API_AUDIT_UNSET, "audit of " #op);
#include "api/routes.def"
#include "api/routes_kv.def"
#include "api/routes_transit.def"
#undef TSEC_ROUTE

const struct api_route api_routes[] = {
#define TSEC_ROUTE(verb, url, op, who, limit, kind, existence) \
    { API_##verb, API_CALLER_##who, API_AUDIT_##kind, (limit), (url), #op, api_op_##op, existence },
#include "api/routes.def"
#include "api/routes_kv.def"
#include "api/routes_transit.def"
#undef TSEC_ROUTE
};
const size_t api_routes_len = TSEC_ARRAY_LEN(api_routes);

/* One segment of the templates. */
struct node {
    struct tsec_span segment; /* literal */
    struct node *next;        /* the sibling */
    struct node *child;       /* literal segments below */
    struct node *one;         /* below a variable of one segment */
    struct node *rest;        /* a variable that takes all; its children are last segments */
    struct api_resource resource;
    bool is_resource;
};

struct api_routes_tree {
    struct node roots[API_FAMILIES];
    struct node *nodes; /* all others */
    size_t used;
    size_t cap;
};

static struct node *
new_node(struct api_routes_tree *tree)
{
    return tree->used < tree->cap ? &tree->nodes[tree->used++] : NULL;
}

static struct tsec_span
first_segment(struct tsec_span path)
{
    const uint8_t *slash = path.len == 0 ? NULL : memchr(path.ptr, '/', path.len);

    return tsec_span(path.ptr, slash == NULL ? path.len : (size_t)(slash - path.ptr));
}

/* What follows the first segment and its slash. */
static struct tsec_span
after_segment(struct tsec_span path, struct tsec_span segment)
{
    const size_t skip = segment.len < path.len ? segment.len + 1 : segment.len;

    return tsec_span(path.ptr + skip, path.len - skip);
}

static struct node *
find_child(const struct node *node, struct tsec_span segment)
{
    for (struct node *child = node->child; child != NULL; child = child->next) {
        if (child->segment.len == segment.len && child->segment.ptr[0] == segment.ptr[0]
            && tsec_span_equal(child->segment, segment)) {
            return child;
        }
    }
    return NULL;
}

static struct node *
add_child(struct api_routes_tree *tree, struct node *node, struct tsec_span segment)
{
    struct node *child = find_child(node, segment);

    if (child == NULL && (child = new_node(tree)) != NULL) {
        child->segment = segment;
        child->next = node->child;
        node->child = child;
    }
    return child;
}

static struct node *
add_below(struct api_routes_tree *tree, struct node *node, struct tsec_span segment)
{
    const bool rest = tsec_span_is(segment, "{path}") || tsec_span_is(segment, "{mount}")
                      || tsec_span_is(segment, "{index}");
    struct node **slot = rest ? &node->rest : &node->one;

    if (segment.ptr[0] != '{') {
        return add_child(tree, node, segment);
    }
    if (*slot == NULL) {
        *slot = new_node(tree);
    }
    return *slot;
}

static enum api_family
family_of(const char *template, struct tsec_span *below)
{
    static const char *const prefixes[API_FAMILIES] = {
        [API_FAMILY_SYSTEM] = "/v1/",
        [API_FAMILY_KV] = "/v1/{mount}/",
        [API_FAMILY_APPROLE] = "/v1/auth/approle/",
        [API_FAMILY_ATTEST] = "/v1/auth/attest/",
        [API_FAMILY_TRANSIT] = "/v1/{transit}/",
    };
    enum api_family family = API_FAMILY_SYSTEM;

    for (enum api_family f = API_FAMILY_KV; f < API_FAMILIES; f++) {
        if (strncmp(template, prefixes[f], strlen(prefixes[f])) == 0) {
            family = f;
        }
    }
    *below = tsec_span_str(template + strlen(prefixes[family]));
    return family;
}

static bool
add_route(struct api_routes_tree *tree, const struct api_route *route)
{
    struct tsec_span path;
    struct node *node = &tree->roots[family_of(route->path, &path)];

    if (path.len > 0 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    while (path.len > 0 && node != NULL) {
        const struct tsec_span segment = first_segment(path);

        node = add_below(tree, node, segment);
        path = after_segment(path, segment);
    }
    if (node == NULL) {
        return false;
    }
    node->is_resource = true;
    if (node->resource.by_method[route->method] == NULL) {
        node->resource.by_method[route->method] = route;
    }
    return true;
}

static void
write_allow(struct api_resource *resource)
{
    static const struct {
        enum api_method method;
        const char *text;
    } words[] = {
        { API_GET, "GET, " },       { API_POST, "POST, PUT, " }, { API_PATCH, "PATCH, " },
        { API_DELETE, "DELETE, " }, { API_LIST, "LIST, " },      { API_SCAN, "SCAN, " },
    };
    size_t len = 0;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(words); i++) {
        const size_t more = strlen(words[i].text);

        if (resource->by_method[words[i].method] != NULL
            && len + more + sizeof("OPTIONS") <= sizeof(resource->allow)) {
            memcpy(resource->allow + len, words[i].text, more);
            len += more;
        }
    }
    memcpy(resource->allow + len, "OPTIONS", sizeof("OPTIONS"));
}

tsec_rc
api_routes_build(struct api_routes_tree **out, struct tsec_err *err)
{
    TSEC_AUTO(api_routes_free) struct api_routes_tree *tree = calloc(1, sizeof(*tree));

    if (tree == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "routes");
    }
    tree->cap = api_routes_len * 8;
    tree->nodes = calloc(tree->cap, sizeof(*tree->nodes));
    if (tree->nodes == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "routes");
    }
    for (size_t i = 0; i < api_routes_len; i++) {
        if (!add_route(tree, &api_routes[i])) {
            return TSEC_FAIL(err, TSEC_E_INTERNAL, "route %s", api_routes[i].operation);
        }
    }
    for (size_t i = 0; i < tree->used; i++) {
        write_allow(&tree->nodes[i].resource);
    }
    *out = TSEC_TAKE(tree);
    return TSEC_OK;
}

void
api_routes_free(struct api_routes_tree *tree)
{
    if (tree != NULL) {
        free(tree->nodes);
        free(tree);
    }
}

struct lookup {
    struct tsec_span *vars;
    size_t len;
    bool slash; /* the path ended in one, which is not in what is walked */
};

static const struct api_resource *
match_rest(const struct node *rest, struct tsec_span path, struct lookup *lookup)
{
    for (const struct node *last = rest->child; last != NULL; last = last->next) {
        const size_t n = last->segment.len;

        if (last->is_resource && path.len > n + 1 && path.ptr[path.len - n - 1] == '/'
            && tsec_span_equal(tsec_span(path.ptr + path.len - n, n), last->segment)) {
            lookup->vars[lookup->len] = tsec_span(path.ptr, path.len - n - 1);
            return &last->resource;
        }
    }
    lookup->vars[lookup->len] =
        tsec_span(path.ptr, path.len + (lookup->slash && path.len > 0 ? 1 : 0));
    return rest->is_resource ? &rest->resource : NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the longest template */
static const struct api_resource *
match(const struct node *node, struct tsec_span path, struct lookup *lookup)
{
    const struct tsec_span segment = first_segment(path);
    const struct api_resource *found = NULL;
    const struct node *child;

    if (path.len == 0 && node->is_resource) {
        return &node->resource;
    }
    if (path.len > 0 && (child = find_child(node, segment)) != NULL) {
        found = match(child, after_segment(path, segment), lookup);
    }
    if (found == NULL && path.len > 0 && node->one != NULL && lookup->len < API_VARS_MAX) {
        lookup->vars[lookup->len++] = segment;
        found = match(node->one, after_segment(path, segment), lookup);
        lookup->len -= found == NULL ? 1 : 0;
    }
    if (found == NULL && node->rest != NULL && lookup->len < API_VARS_MAX) {
        found = match_rest(node->rest, path, lookup);
    }
    return found;
}

const struct api_resource *
api_routes_find(const struct api_routes_tree *tree, enum api_family family, struct tsec_span path,
                struct tsec_span vars[API_VARS_MAX])
{
    struct lookup lookup = { vars, 0, path.len > 0 && path.ptr[path.len - 1] == '/' };

    for (size_t i = 0; i < API_VARS_MAX; i++) {
        vars[i] = tsec_span(NULL, 0);
    }
    path.len -= lookup.slash ? 1 : 0;
    return match(&tree->roots[family], path, &lookup);
}
