/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/strangers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct strangers {
    pthread_mutex_t lock;
    size_t len;
    int64_t taken_mono_ns;
    struct stranger list[STRANGERS_MAX];
};

tsec_rc
strangers_new(struct strangers **out, struct tsec_err *err)
{
    struct strangers *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "strangers");
    }
    (void)pthread_mutex_init(&s->lock, NULL);
    *out = s;
    return TSEC_OK;
}

void
strangers_free(struct strangers *strangers)
{
    if (strangers != NULL) {
        (void)pthread_mutex_destroy(&strangers->lock);
        free(strangers);
    }
}

static struct stranger *
find(struct strangers *s, const char *remote, const char *reason)
{
    for (size_t i = 0; i < s->len; i++) {
        if (strcmp(s->list[i].remote, remote) == 0 && strcmp(s->list[i].reason, reason) == 0) {
            return &s->list[i];
        }
    }
    return NULL;
}

static void
count(struct strangers *strangers, const char *remote, const char *reason, uint64_t n)
{
    (void)pthread_mutex_lock(&strangers->lock);

    struct stranger *found = find(strangers, remote, reason);

    if (found == NULL && strangers->len < STRANGERS_MAX) {
        found = &strangers->list[strangers->len++];
        (void)snprintf(found->remote, sizeof(found->remote), "%s",
                       strangers->len == STRANGERS_MAX ? "other" : remote);
        (void)snprintf(found->reason, sizeof(found->reason), "%s",
                       strangers->len == STRANGERS_MAX ? "other" : reason);
        found->count = 0;
    }
    if (found == NULL) {
        found = &strangers->list[STRANGERS_MAX - 1];
    }
    found->count += n;
    (void)pthread_mutex_unlock(&strangers->lock);
}

void
strangers_count(struct strangers *strangers, const char *remote, const char *reason)
{
    count(strangers, remote, reason, 1);
}

void
strangers_return(struct strangers *strangers, const struct stranger *stranger)
{
    count(strangers, stranger->remote, stranger->reason, stranger->count);
}

size_t
strangers_take(struct strangers *strangers, int64_t mono_ns, bool now,
               struct stranger out[STRANGERS_MAX])
{
    size_t n = 0;

    (void)pthread_mutex_lock(&strangers->lock);
    if (now || mono_ns - strangers->taken_mono_ns >= 60 * TSEC_NS_PER_S) {
        n = strangers->len;
        memcpy(out, strangers->list, n * sizeof(*out));
        strangers->len = 0;
        strangers->taken_mono_ns = mono_ns;
    }
    (void)pthread_mutex_unlock(&strangers->lock);
    return n;
}
