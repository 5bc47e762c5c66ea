/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/channel.h"
#include "tests/client/tees_double.h"
#include "tests/test.h"

enum { THREADS = 4, ROUNDS = 5 };

struct pair {
    struct tees_double *d;
    struct tees *tees;
    struct tees_channel *channel;
    struct tees_error error;
};

static struct pair
open_pair(bool attested)
{
    struct pair pair = { .d = tees_double_new() };
    struct tees_options options;

    tees_double_options(pair.d, attested, &options);
    CU_ASSERT_EQUAL_FATAL(tees_open(&options, &pair.tees, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL_FATAL(
        tees_channel_open(pair.tees, attested ? "shop" : NULL, &pair.channel, &pair.error),
        TEES_OK);
    return pair;
}

static void
close_pair(struct pair *pair)
{
    tees_channel_close(pair->channel);
    tees_close(pair->tees);
    tees_double_free(pair->d);
}

static enum tees_result
get(struct tees_channel *channel, struct tees_error *error)
{
    const struct tees_request request = { .method = "GET", .path = "secret/data/a" };
    struct tees_bytes reply = { NULL, 0 };
    const enum tees_result result = tees_channel_request(channel, &request, NULL, &reply, error);

    tees_bytes_free(&reply);
    return result;
}

static void
a_rekey_attests_both_sides_anew(void)
{
    struct pair pair = open_pair(true);

    CU_ASSERT_EQUAL(get(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(tees_channel_rekey(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(get(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(tees_channel_rekey(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(get(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_TRUE(pair.d->rekeys == 2 && pair.d->reattests == 2);
    CU_ASSERT_EQUAL(amc_session_epoch(pair.channel->session), 2);
    close_pair(&pair);
}

static void
an_operator_has_nothing_to_attest_in_a_rekey(void)
{
    struct pair pair = open_pair(false);

    CU_ASSERT_EQUAL(tees_channel_rekey(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(get(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_TRUE(pair.d->rekeys == 1 && pair.d->reattests == 0);
    close_pair(&pair);
}

static void
a_request_that_needs_one_does_it_and_is_sent_again(void)
{
    struct pair pair = open_pair(true);

    pair.d->lie = LIE_KEYS_USED_UP;
    CU_ASSERT_EQUAL(get(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(pair.d->rekeys, 1);
    pair.d->lie = LIE_INTERVAL;
    CU_ASSERT_EQUAL(get(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(pair.d->rekeys, 2);
    close_pair(&pair);
}

static void
a_request_after_the_interval_does_it_first(void)
{
    struct pair pair = open_pair(true);

    pair.channel->rekeyed_ns -= pair.channel->rekey_after_ns;
    CU_ASSERT_EQUAL(get(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(pair.d->rekeys, 1);
    CU_ASSERT_EQUAL(get(pair.channel, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(pair.d->rekeys, 1);
    close_pair(&pair);
}

static void
a_server_that_cannot_attest_anew_is_left(void)
{
    struct pair pair = open_pair(true);

    pair.d->lie = LIE_REKEY;
    CU_ASSERT_EQUAL(tees_channel_rekey(pair.channel, &pair.error), TEES_UNTRUSTED);
    CU_ASSERT_STRING_EQUAL(pair.error.reason, "binding");
    pair.d->lie = LIE_NONE;
    CU_ASSERT_EQUAL(get(pair.channel, &pair.error), TEES_CLOSED);
    CU_ASSERT_EQUAL(pair.d->reattests, 0);
    close_pair(&pair);
}

static void
a_ticket_opens_a_channel_without_evidence(void)
{
    struct pair pair = open_pair(true);
    struct tees_channel *second = NULL;
    struct tees_bytes ticket = { NULL, 0 };

    CU_ASSERT_EQUAL_FATAL(tees_channel_ticket(pair.channel, &ticket, &pair.error), TEES_OK);
    pair.d->takes_tickets = true;
    CU_ASSERT_EQUAL_FATAL(tees_channel_resume(pair.tees, &ticket, NULL, &second, &pair.error),
                          TEES_OK);
    CU_ASSERT_TRUE(pair.d->resumed);
    CU_ASSERT_EQUAL(get(second, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(tees_channel_rekey(second, &pair.error), TEES_OK);
    tees_channel_close(second);
    pair.d->takes_tickets = false; /* then a full handshake */
    CU_ASSERT_EQUAL_FATAL(tees_channel_resume(pair.tees, &ticket, "shop", &second, &pair.error),
                          TEES_OK);
    CU_ASSERT_TRUE(pair.d->peer_attested);
    tees_channel_close(second);
    second = NULL;
    ticket.data[40] ^= 1; /* the key of another */
    pair.d->takes_tickets = true;
    CU_ASSERT_NOT_EQUAL(tees_channel_resume(pair.tees, &ticket, NULL, &second, &pair.error),
                        TEES_OK);
    CU_ASSERT_PTR_NULL(second);
    ticket.len--;
    CU_ASSERT_EQUAL(tees_channel_resume(pair.tees, &ticket, NULL, &second, &pair.error),
                    TEES_INVALID);
    ticket.len++;
    tees_bytes_free(&ticket);
    pair.channel->closed = true; /* the double has another session by now */
    close_pair(&pair);
}

static void *
ask_often(void *ctx)
{
    struct tees_error error = { .result = TEES_OK };

    for (int i = 0; i < ROUNDS; i++) {
        if (get(ctx, &error) != TEES_OK) {
            return ctx;
        }
    }
    return NULL;
}

static void
threads_share_a_channel_that_is_rekeyed_meanwhile(void)
{
    struct pair pair = open_pair(true);
    pthread_t threads[THREADS];
    void *failed = NULL;

    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, ask_often, pair.channel), 0);
    }
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(tees_channel_rekey(pair.channel, &pair.error), TEES_OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], &failed);
        CU_ASSERT_PTR_NULL(failed);
    }
    CU_ASSERT_EQUAL(pair.d->rekeys, 3);
    close_pair(&pair);
}

static const struct test_case cases[] = {
    { "a rekey attests both sides anew", a_rekey_attests_both_sides_anew },
    { "an operator has nothing to attest in a rekey",
      an_operator_has_nothing_to_attest_in_a_rekey },
    { "a request that needs one does it and is sent again",
      a_request_that_needs_one_does_it_and_is_sent_again },
    { "a request after the interval does it first", a_request_after_the_interval_does_it_first },
    { "a server that cannot attest anew is left", a_server_that_cannot_attest_anew_is_left },
    { "a ticket opens a channel without evidence", a_ticket_opens_a_channel_without_evidence },
    { "threads share a channel that is rekeyed meanwhile",
      threads_share_a_channel_that_is_rekeyed_meanwhile },
};

TEST_MAIN("client/lib/channel_rekey", cases)
