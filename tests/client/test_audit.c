/* SPDX-License-Identifier: Apache-2.0 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/cli.h"
#include "crypto/crypto.h"
#include "tests/client/ledger_double.h"
#include "tests/client/run_cli.h"
#include "tests/test.h"

static struct cli_run run;

struct scene {
    struct ledger_double *ledger;
    struct server_double *server;
    char state[128];
    char identity[128];
    char mirror[128];
};

static void
scene_open(struct scene *s, size_t leaves)
{
    const char *home = run_cli_home();
    FILE *f;

    s->ledger = ledger_double_new(leaves);
    s->server = server_double_answering(ledger_double_answer, s->ledger);
    (void)setenv("TEE_SECRETS_ADDR", s->server->address, 1);
    (void)setenv("TEE_SECRETS_TOKEN", "never-sent", 1);
    (void)snprintf(s->state, sizeof(s->state), "%s/state", home);
    (void)snprintf(s->mirror, sizeof(s->mirror), "%s/mirror", home);
    (void)snprintf(s->identity, sizeof(s->identity), "%s/identity", home);
    f = fopen(s->identity, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fprintf(f, "# an auditor\n%s\n", s->ledger->identity);
    (void)fclose(f);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static void
scene_close(struct scene *s)
{
    server_double_free(s->server);
    ledger_double_free(s->ledger);
    (void)nftw(getenv("HOME"), remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/** One audit command with the scene's state file and key. */
static int
audit(const struct scene *s, const char *command)
{
    char line[2048];

    (void)snprintf(line, sizeof(line), "audit %s -state=%s -vkey=%s", command, s->state,
                   s->ledger->vkey);
    run_cli(line, "", &run);
    return run.status;
}

static void
a_ledger_of_any_size_verifies(void)
{
    static const size_t sizes[] = { 2, 3, 255, 256, 257, 511, 512, 700 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(sizes); i++) {
        struct scene s;
        char leaves[64];

        scene_open(&s, sizes[i]);
        CU_ASSERT_EQUAL(audit(&s, "verify"), 0);
        (void)snprintf(leaves, sizeof(leaves), "leaves    %zu\n", sizes[i]);
        CU_ASSERT_PTR_NOT_NULL(strstr(run.out, leaves));
        CU_ASSERT_STRING_EQUAL(run.err, "");
        CU_ASSERT_PTR_NULL(strstr(s.server->requests[0], "X-Vault-Token"));
        scene_close(&s);
    }
}

static void
a_ledger_that_only_has_fuller_bundles_verifies(void)
{
    struct scene s;

    scene_open(&s, 300);
    s.ledger->served = 200;
    s.ledger->only_full_bundles = true;
    CU_ASSERT_EQUAL(audit(&s, "verify"), 0);
    scene_close(&s);
}

static void
flip(struct ledger_double *l, size_t leaf, size_t at)
{
    l->leaves[leaf].ptr[at] ^= 1;
}

/** What a host may do to a ledger behind a checkpoint that was seen: each must be found. */
static void
swap_leaves(struct ledger_double *l)
{
    const struct tsec_buf a = l->leaves[5];

    l->leaves[5] = l->leaves[6];
    l->leaves[6] = a;
}

static void
change_a_leaf(struct ledger_double *l)
{
    flip(l, 7, l->leaves[7].len - 1);
}

static void
lie_about_an_index(struct ledger_double *l)
{
    flip(l, 7, 15);
}

static void
no_leaf_at_all(struct ledger_double *l)
{
    flip(l, 7, 0);
}

static void
drop_the_end(struct ledger_double *l)
{
    l->served = 20;
}

static void
another_origin(struct ledger_double *l)
{
    l->origin = "ledger.example/other/1";
}

static void
another_key(struct ledger_double *l)
{
    tsec_key_free(l->key);
    l->key = NULL;
    CU_ASSERT_FALSE(tsec_failed(tsec_key_generate(TSEC_KEY_ED25519, &l->key, NULL)));
}

static void
every_falsification_after_the_fact_is_found(void)
{
    static const struct {
        void (*falsify)(struct ledger_double *ledger);
        const char *says;
    } lies[] = {
        { swap_leaves, "leaf 6 stands where leaf 5 belongs" },
        { change_a_leaf, "not the one that was seen before" },
        { lie_about_an_index, "stands where leaf 7 belongs" },
        { no_leaf_at_all, "leaf 7 is no leaf" },
        { drop_the_end, "rollback: the ledger has 20 leaves, and had 30" },
        { another_origin, "another ledger" },
        { another_key, "" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lies); i++) {
        struct scene s;

        scene_open(&s, 30);
        CU_ASSERT_EQUAL(audit(&s, "verify"), 0);
        ledger_double_grow(s.ledger, 40);
        CU_ASSERT_EQUAL(lies[i].falsify == drop_the_end ? 0 : audit(&s, "verify"), 0);
        lies[i].falsify(s.ledger);
        CU_ASSERT_EQUAL(audit(&s, "verify"), 2);
        if (strstr(run.err, lies[i].says) == NULL) {
            (void)fprintf(stderr, "  lie %zu: %s", i, run.err);
            CU_FAIL("another message");
        }
        CU_ASSERT_STRING_EQUAL(run.out, "");
        scene_close(&s);
    }
}

/** The entries are replaced between the signature and the reader, who was never here before. */
static bool
answer_with_another_leaf(void *ctx, const char *path, struct double_reply *out)
{
    struct ledger_double *l = ctx;
    const bool bundle = strncmp(path, "/v1/audit/tile/", 15) == 0;
    bool found;

    if (bundle) {
        flip(l, 9, l->leaves[9].len - 1);
    }
    found = ledger_double_answer(ctx, path, out);
    if (bundle) {
        flip(l, 9, l->leaves[9].len - 1);
    }
    return found;
}

static void
leaves_that_were_not_signed_are_found_at_first_sight(void)
{
    struct scene s;

    scene_open(&s, 30);
    server_double_free(s.server);
    s.server = server_double_answering(answer_with_another_leaf, s.ledger);
    (void)setenv("TEE_SECRETS_ADDR", s.server->address, 1);
    CU_ASSERT_EQUAL(audit(&s, "verify"), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "not those that the checkpoint signs"));
    scene_close(&s);
}

static void
growth_is_no_falsification(void)
{
    struct scene s;

    scene_open(&s, 30);
    CU_ASSERT_EQUAL(audit(&s, "verify"), 0);
    ledger_double_grow(s.ledger, 300);
    CU_ASSERT_EQUAL(audit(&s, "verify"), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "extends    30\n"));
    CU_ASSERT_EQUAL(audit(&s, "verify"), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "extends    300\n"));
    scene_close(&s);
}

static void
a_key_from_the_server_is_warned_of_once_and_then_binds(void)
{
    struct scene s;
    char line[512];

    scene_open(&s, 10);
    (void)snprintf(line, sizeof(line), "audit verify -state=%s/deep/er/state", getenv("HOME"));
    run_cli(line, "", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "Warning: the key came from the server itself"));
    run_cli(line, "", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    CU_ASSERT_STRING_EQUAL(run.err, "");
    struct ledger_double *other = ledger_double_new(10);

    (void)memcpy(s.ledger->vkey, other->vkey, sizeof(other->vkey));
    run_cli(line, "", &run);
    CU_ASSERT_EQUAL(run.status, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "another key"));
    ledger_double_free(other);
    scene_close(&s);
}

static void
without_a_state_file_one_is_kept_in_the_home(void)
{
    struct scene s;

    scene_open(&s, 10);
    run_cli("audit verify", "", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    s.ledger->served = 5;
    run_cli("audit verify", "", &run);
    CU_ASSERT_EQUAL(run.status, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "rollback"));
    scene_close(&s);
}

static void
a_damaged_state_file_is_no_licence(void)
{
    struct scene s;
    FILE *f;

    scene_open(&s, 10);
    CU_ASSERT_EQUAL(audit(&s, "verify"), 0);
    f = fopen(s.state, "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs("x", f);
    (void)fclose(f);
    CU_ASSERT_EQUAL(audit(&s, "verify"), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "is damaged"));
    scene_close(&s);
}

static void
an_auditor_reads_the_entries(void)
{
    struct scene s;
    char command[256];

    scene_open(&s, 5);
    (void)snprintf(command, sizeof(command), "decrypt -identity=%s", s.identity);
    CU_ASSERT_EQUAL(audit(&s, command), 0);
    CU_ASSERT_STRING_EQUAL(run.out, "{\"index\":2,\"entry\":{\"n\":2}}\n"
                                    "{\"index\":3,\"entry\":{\"n\":3}}\n"
                                    "{\"index\":4,\"entry\":{\"n\":4}}\n");
    (void)snprintf(command, sizeof(command), "decrypt -from=4 -identity=%s", s.identity);
    CU_ASSERT_EQUAL(audit(&s, command), 0);
    CU_ASSERT_STRING_EQUAL(run.out, "{\"index\":4,\"entry\":{\"n\":4}}\n");
    (void)snprintf(command, sizeof(command), "decrypt -all -identity=%s", s.identity);
    CU_ASSERT_EQUAL(audit(&s, command), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "{\"index\":0,\"kind\":\"boot\"}\n"));
    scene_close(&s);
}

static void
entries_for_other_auditors_stay_closed_and_are_counted(void)
{
    struct scene s;
    char command[256];

    scene_open(&s, 4);
    ledger_double_foreign_epoch(s.ledger);
    (void)snprintf(command, sizeof(command), "decrypt -identity=%s", s.identity);
    CU_ASSERT_EQUAL(audit(&s, command), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "{\"n\":3}"));
    CU_ASSERT_PTR_NULL(strstr(run.out, "{\"n\":5}"));
    CU_ASSERT_STRING_EQUAL(run.err, "1 entries are sealed for other auditors.\n");
    scene_close(&s);
}

static void
nothing_is_printed_of_a_ledger_that_does_not_hold_together(void)
{
    struct scene s;
    char command[256];

    scene_open(&s, 30);
    server_double_free(s.server);
    s.server = server_double_answering(answer_with_another_leaf, s.ledger);
    (void)setenv("TEE_SECRETS_ADDR", s.server->address, 1);
    (void)snprintf(command, sizeof(command), "decrypt -identity=%s", s.identity);
    CU_ASSERT_EQUAL(audit(&s, command), 2);
    CU_ASSERT_STRING_EQUAL(run.out, "");
    scene_close(&s);
}

static void
what_is_no_identity_is_refused(void)
{
    struct scene s;

    scene_open(&s, 5);
    CU_ASSERT_EQUAL(audit(&s, "decrypt"), 1);
    CU_ASSERT_EQUAL(audit(&s, "decrypt -identity=/nowhere/at/all"), 1);
    CU_ASSERT_EQUAL(audit(&s, "decrypt -identity=/dev/null"), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "AGE-SECRET-KEY-1"));
    CU_ASSERT_EQUAL(audit(&s, "decrypt -identity=-"), 1);
    CU_ASSERT_EQUAL(audit(&s, "verify -vkey=nonsense"), 0); /* the later -vkey counts */
    run_cli("audit verify -vkey=nonsense", "", &run);
    CU_ASSERT_EQUAL(run.status, 2);
    scene_close(&s);
}

static void
an_exported_mirror_verifies_and_reads_like_the_server(void)
{
    struct scene s;
    char command[512];
    char path[256];
    struct stat st;

    scene_open(&s, 600);
    (void)snprintf(command, sizeof(command), "export %s", s.mirror);
    CU_ASSERT_EQUAL(audit(&s, command), 0);
    (void)snprintf(path, sizeof(path), "%s/tile/0/001", s.mirror);
    CU_ASSERT_TRUE(stat(path, &st) == 0 && st.st_size == 256 * 32);
    (void)snprintf(path, sizeof(path), "%s/tile/0/002.p/88", s.mirror);
    CU_ASSERT_TRUE(stat(path, &st) == 0 && st.st_size == 88 * 32);
    (void)snprintf(path, sizeof(path), "%s/tile/1/000.p/2", s.mirror);
    CU_ASSERT_TRUE(stat(path, &st) == 0 && st.st_size == 2 * 32);
    server_double_stop(s.server);
    (void)snprintf(command, sizeof(command), "verify -dir=%s", s.mirror);
    CU_ASSERT_EQUAL(audit(&s, command), 0);
    (void)snprintf(command, sizeof(command), "decrypt -from=599 -dir=%s -identity=%s", s.mirror,
                   s.identity);
    CU_ASSERT_EQUAL(audit(&s, command), 0);
    CU_ASSERT_STRING_EQUAL(run.out, "{\"index\":599,\"entry\":{\"n\":599}}\n");
    (void)snprintf(path, sizeof(path), "%s/tile/entries/001", s.mirror);
    CU_ASSERT_EQUAL(truncate(path, 1000), 0);
    (void)snprintf(command, sizeof(command), "verify -dir=%s", s.mirror);
    CU_ASSERT_EQUAL(audit(&s, command), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "entry bundle 1 is cut short"));
    scene_close(&s);
}

/** Grows by one leaf whenever its checkpoint is asked for. */
static bool
answer_and_grow(void *ctx, const char *path, struct double_reply *out)
{
    struct ledger_double *l = ctx;

    if (strcmp(path, "/v1/audit/checkpoint") == 0) {
        ledger_double_grow(l, l->len + 1);
    }
    return ledger_double_answer(ctx, path, out);
}

static void
following_prints_each_entry_once(void)
{
    struct scene s;
    char command[256];

    scene_open(&s, 255);
    server_double_free(s.server);
    s.server = server_double_answering(answer_and_grow, s.ledger);
    (void)setenv("TEE_SECRETS_ADDR", s.server->address, 1);
    (void)snprintf(command, sizeof(command), "follow -looks=3 -interval=0 -from=254 -identity=%s",
                   s.identity);
    CU_ASSERT_EQUAL(audit(&s, command), 0);
    CU_ASSERT_STRING_EQUAL(run.out, "{\"index\":254,\"entry\":{\"n\":254}}\n"
                                    "{\"index\":255,\"entry\":{\"n\":255}}\n"
                                    "{\"index\":256,\"entry\":{\"n\":256}}\n"
                                    "{\"index\":257,\"entry\":{\"n\":257}}\n");
    scene_close(&s);
}

static const struct test_case cases[] = {
    { "a ledger of any size verifies", a_ledger_of_any_size_verifies },
    { "a ledger that only has fuller bundles verifies",
      a_ledger_that_only_has_fuller_bundles_verifies },
    { "every falsification after the fact is found", every_falsification_after_the_fact_is_found },
    { "leaves that were not signed are found at first sight",
      leaves_that_were_not_signed_are_found_at_first_sight },
    { "growth is no falsification", growth_is_no_falsification },
    { "a key from the server is warned of once, and then binds",
      a_key_from_the_server_is_warned_of_once_and_then_binds },
    { "without a state file one is kept in the home",
      without_a_state_file_one_is_kept_in_the_home },
    { "a damaged state file is no licence", a_damaged_state_file_is_no_licence },
    { "an auditor reads the entries", an_auditor_reads_the_entries },
    { "entries for other auditors stay closed, and are counted",
      entries_for_other_auditors_stay_closed_and_are_counted },
    { "nothing is printed of a ledger that does not hold together",
      nothing_is_printed_of_a_ledger_that_does_not_hold_together },
    { "what is no identity is refused", what_is_no_identity_is_refused },
    { "an exported mirror verifies and reads like the server",
      an_exported_mirror_verifies_and_reads_like_the_server },
    { "following prints each entry once", following_prints_each_entry_once },
};

int
main(void)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        return TEST_FAIL;
    }
    return test_main("client/audit", cases, TSEC_ARRAY_LEN(cases));
}
