/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/cmd_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/client/run_cli.h"
#include "tests/client/server_double.h"
#include "tests/test.h"

const char *
cmd_case_body(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n");

    return end == NULL ? "" : end + 4;
}

static bool
asked_as_it_should(const struct cmd_case *c, const struct server_double *server)
{
    if (c->asks == NULL) {
        return server->requests_len == 0;
    }
    return server->requests_len == 1 && strncmp(server->requests[0], c->asks, strlen(c->asks)) == 0
           && strcmp(cmd_case_body(server->requests[0]), c->sends == NULL ? "" : c->sends) == 0;
}

void
cmd_cases_run(const struct cmd_case *cases, size_t n)
{
    static struct cli_run run;

    (void)run_cli_home();
    (void)setenv("TEE_SECRETS_TOKEN", "env-token", 1);
    for (size_t i = 0; i < n; i++) {
        const struct cmd_case *c = &cases[i];
        const struct double_reply script[] = { { c->reply, NULL, c->body, 0 } };
        struct server_double *server = server_double_new(script, 1, false);

        (void)setenv("TEE_SECRETS_ADDR", server->address, 1);
        run_cli(c->line, c->input, &run);
        server_double_stop(server);
        if (!asked_as_it_should(c, server) || run.status != c->status
            || (strstr(run.out, c->prints) == NULL && strstr(run.err, c->prints) == NULL)) {
            (void)fprintf(stderr, "  %s\n  status %d\n  asked %zu: %s\n  out: %s\n  err: %s\n",
                          c->line, run.status, server->requests_len, server->requests[0], run.out,
                          run.err);
            CU_FAIL("another conversation");
        }
        server_double_free(server);
    }
    run_cli_home_done();
}
