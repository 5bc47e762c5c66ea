/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"
#include "client/cli.h"
#include "tests/client/cmd_case.h"
#include "tests/client/run_cli.h"
#include "tests/client/server_double.h"
#include "tests/test.h"

#define AUTH "{\"auth\":{\"client_token\":\"tok\",\"accessor\":\"acc\",\"policies\":[\"p\"]}}"
#define V1   "{\"data\":{\"version\":1}}"

static const struct cmd_case commands[] = {
    { "status", "", "GET /v1/sys/seal-status", NULL, 200, "{\"sealed\":false}", 0, "sealed" },
    { "status", "", "GET /v1/sys/seal-status", NULL, 200, "{\"sealed\":true}", 2, "true" },
    { "status", "", "GET /v1/sys/seal-status", NULL, 500, "{\"errors\":[]}", 1, "" },
    { "status", "", "GET /v1/sys/seal-status", NULL, 200, "[]", 1, "" },
    { "init", "", "PUT /v1/sys/init", "{}", 200, "{\"root_token\":\"rt\",\"keys\":[]}", 0,
      "Initial Root Token: rt\n" },
    { "init", "", "PUT /v1/sys/init", "{}", 400, "{\"errors\":[\"already\"]}", 2, "* already" },
    { "init -status", "", "GET /v1/sys/init", NULL, 200, "{\"initialized\":true}", 0, "Success" },
    { "init -status", "", "GET /v1/sys/init", NULL, 200, "{\"initialized\":false}", 2, "not" },
    { "read sys/mounts", "", "GET /v1/sys/mounts", NULL, 200, "{\"data\":{\"a\":\"b\"}}", 0,
      "a      b\n" },
    { "read -field=a x", "", "GET /v1/x", NULL, 200, "{\"data\":{\"a\":\"b\"}}", 0, "b" },
    { "read -field=z x", "", "GET /v1/x", NULL, 200, "{\"data\":{\"a\":\"b\"}}", 1, "Field z" },
    { "read -format=json x", "", "GET /v1/x", NULL, 200, "{\"data\":{}}", 0,
      "{\n  \"data\": {}\n}\n" },
    { "read x", "", "GET /v1/x", NULL, 404, "{\"errors\":[]}", 2, "Code: 404" },
    { "read x", "", "GET /v1/x", NULL, 403, "{\"errors\":[\"permission denied\"]}", 2,
      "* permission denied" },
    { "read x", "", "GET /v1/x", NULL, 200, "<html>", 2, "JSON" },
    { "read x", "", "GET /v1/x", NULL, 200, "{\"a\":1,\"a\":2}", 2, "JSON" },
    { "write x a=b", "", "PUT /v1/x", "{\"a\":\"b\"}", 204, NULL, 0, "Success! Data written" },
    { "write x -", "{\"n\":1}", "PUT /v1/x", "{\"n\":1}", 204, NULL, 0, "Success" },
    { "write -f x", "", "PUT /v1/x", "{}", 204, NULL, 0, "Success" },
    { "write x", "", NULL, NULL, 0, NULL, 1, "Nothing to write" },
    { "write x a", "", NULL, NULL, 0, NULL, 1, "KEY=VALUE" },
    { "write auth/userpass/login/u password=-", "pw", "PUT /v1/auth/userpass/login/u",
      "{\"password\":\"pw\"}", 200, AUTH, 0, "tok" },
    { "list secret/metadata/", "", "GET /v1/secret/metadata/?list=true", NULL, 200,
      "{\"data\":{\"keys\":[\"a\",\"b/\"]}}", 0, "Keys\n----\na\nb/\n" },
    { "list -format=json s", "", "GET /v1/s?list=true", NULL, 200, "{\"data\":{\"keys\":[\"a\"]}}",
      0, "[\n  \"a\"\n]\n" },
    { "list s", "", "GET /v1/s?list=true", NULL, 404, "{\"errors\":[]}", 2, "No value found" },
    { "delete x", "", "DELETE /v1/x", NULL, 204, NULL, 0, "Success" },
    /* kv */
    { "kv get secret/a/b", "", "GET /v1/secret/data/a/b ", NULL, 200,
      "{\"data\":{\"data\":{\"k\":\"v\"},\"metadata\":{\"version\":3}}}", 0,
      "Value\n---    -----\nk      v\n" },
    { "kv get -mount=team/kv /a", "", "GET /v1/team/kv/data/a ", NULL, 200,
      "{\"data\":{\"data\":{\"k\":\"v\"},\"metadata\":{}}}", 0, "Metadata" },
    { "kv get -version=2 -field=k secret/a", "", "GET /v1/secret/data/a?version=2 ", NULL, 200,
      "{\"data\":{\"data\":{\"k\":\"v\"},\"metadata\":{}}}", 0, "v" },
    { "kv get secret/a", "", "GET /v1/secret/data/a ", NULL, 404, "{\"errors\":[]}", 2,
      "No value found at secret/data/a" },
    { "kv get secret/a", "", "GET /v1/secret/data/a ", NULL, 404,
      "{\"data\":{\"data\":null,\"metadata\":{\"deletion_time\":\"then\"}}}", 2, "then" },
    { "kv get -version=x secret/a", "", NULL, NULL, 0, NULL, 1, "-version takes a number" },
    { "kv get -version=-1 secret/a", "", NULL, NULL, 0, NULL, 1, "-version takes a number" },
    { "kv get", "", NULL, NULL, 0, NULL, 1, "Not enough arguments" },
    { "kv get a b", "", NULL, NULL, 0, NULL, 1, "Too many arguments" },
    { "kv get /", "", NULL, NULL, 0, NULL, 1, "MOUNT/PATH" },
    { "kv put secret/a k=v", "", "PUT /v1/secret/data/a ",
      "{\"data\":{\"k\":\"v\"},\"options\":{}}", 200, V1, 0, "version    1" },
    { "kv put -cas=0 secret/a k=-", "typed", "PUT /v1/secret/data/a ",
      "{\"data\":{\"k\":\"typed\"},\"options\":{\"cas\":0}}", 200, V1, 0, "version" },
    { "kv put secret/a -", "{\"n\": 18446744073709551616}", "PUT /v1/secret/data/a ",
      "{\"data\":{\"n\": 18446744073709551616},\"options\":{}}", 200, V1, 0, "version" },
    { "kv put -cas=1 secret/a k=v", "", "PUT /v1/secret/data/a ",
      "{\"data\":{\"k\":\"v\"},\"options\":{\"cas\":1}}", 400,
      "{\"errors\":[\"check-and-set parameter did not match the current version\"]}", 2,
      "did not match" },
    { "kv patch secret/a k=v", "", "PATCH /v1/secret/data/a ",
      "{\"data\":{\"k\":\"v\"},\"options\":{}}", 200, V1, 0, "version" },
    { "kv list secret", "", "GET /v1/secret/metadata/?list=true", NULL, 200,
      "{\"data\":{\"keys\":[\"a\"]}}", 0, "a\n" },
    { "kv list secret/x/", "", "GET /v1/secret/metadata/x/?list=true", NULL, 200,
      "{\"data\":{\"keys\":[\"a\"]}}", 0, "a\n" },
    { "kv delete secret/a", "", "DELETE /v1/secret/data/a ", NULL, 204, NULL, 0, "Success" },
    { "kv delete -versions=1,3 secret/a", "", "POST /v1/secret/delete/a ", "{\"versions\":[1,3]}",
      204, NULL, 0, "Success" },
    { "kv undelete -versions=2 secret/a", "", "POST /v1/secret/undelete/a ", "{\"versions\":[2]}",
      204, NULL, 0, "Success" },
    { "kv destroy -versions=2 secret/a", "", "POST /v1/secret/destroy/a ", "{\"versions\":[2]}",
      204, NULL, 0, "Success" },
    { "kv destroy secret/a", "", NULL, NULL, 0, NULL, 1, "-versions" },
    { "kv destroy -versions=1,,2 secret/a", "", NULL, NULL, 0, NULL, 1, "-versions" },
    { "kv destroy -versions=0 secret/a", "", NULL, NULL, 0, NULL, 1, "-versions" },
    { "kv destroy -versions=99999999999999999999 secret/a", "", NULL, NULL, 0, NULL, 1,
      "-versions" },
    { "kv rollback secret/a", "", NULL, NULL, 0, NULL, 1, "-version=N is needed" },
    { "kv metadata get secret/a", "", "GET /v1/secret/metadata/a ", NULL, 200,
      "{\"data\":{\"current_version\":2}}", 0, "current_version    2" },
    { "kv metadata put -max-versions=3 -cas-required -custom-metadata=o=me secret/a", "",
      "POST /v1/secret/metadata/a ",
      "{\"max_versions\":3,\"cas_required\":true,\"custom_metadata\":{\"o\":\"me\"}}", 204, NULL, 0,
      "Success" },
    { "kv metadata put -custom-metadata=o secret/a", "", NULL, NULL, 0, NULL, 1, "KEY=VALUE" },
    { "kv metadata delete secret/a", "", "DELETE /v1/secret/metadata/a ", NULL, 204, NULL, 0,
      "Success" },
    /* policies */
    { "policy list", "", "GET /v1/sys/policies/acl/?list=true", NULL, 200,
      "{\"data\":{\"keys\":[\"default\",\"root\"]}}", 0, "default\nroot\n" },
    { "policy read p", "", "GET /v1/sys/policies/acl/p ", NULL, 200,
      "{\"data\":{\"name\":\"p\",\"policy\":\"path \\\"x\\\" {}\"}}", 0, "path \"x\" {}\n" },
    { "policy write p -", "path \"x\" {}", "PUT /v1/sys/policies/acl/p ",
      "{\"policy\":\"path \\\"x\\\" {}\"}", 204, NULL, 0, "Uploaded policy: p" },
    { "policy write p /nowhere/at/all", "", NULL, NULL, 0, NULL, 1, "cannot open" },
    { "policy write p -", "\xff", NULL, NULL, 0, NULL, 1, "UTF-8" },
    { "policy delete p", "", "DELETE /v1/sys/policies/acl/p ", NULL, 204, NULL, 0, "Success" },
    /* tokens */
    { "token create -policy=a,b -policy=c -ttl=1h -orphan -metadata=k=v", "",
      "POST /v1/auth/token/create-orphan ",
      "{\"policies\":[\"a\",\"b\",\"c\"],\"ttl\":\"1h\",\"no_parent\":true,\"meta\":{\"k\":\"v\"}}",
      200, AUTH, 0, "tok" },
    { "token create -role=r -renewable=false", "", "POST /v1/auth/token/create/r ",
      "{\"renewable\":false}", 200, AUTH, 0, "acc" },
    { "token create -field=token", "", "POST /v1/auth/token/create ", "{}", 200, AUTH, 0, "tok" },
    { "token lookup", "", "GET /v1/auth/token/lookup-self ", NULL, 200,
      "{\"data\":{\"id\":\"me\"}}", 0, "me" },
    { "token lookup -", "other\n", "POST /v1/auth/token/lookup ", "{\"token\":\"other\"}", 200,
      "{\"data\":{\"id\":\"x\"}}", 0, "x" },
    { "token lookup -accessor=acc", "", "POST /v1/auth/token/lookup-accessor ",
      "{\"accessor\":\"acc\"}", 200, "{\"data\":{\"id\":\"\"}}", 0, "id" },
    { "token lookup -accessor=acc x", "", NULL, NULL, 0, NULL, 1, "not both" },
    { "token renew -increment=1h", "", "POST /v1/auth/token/renew-self ", "{\"increment\":\"1h\"}",
      200, AUTH, 0, "tok" },
    { "token revoke -self", "", "POST /v1/auth/token/revoke-self ", "{}", 204, NULL, 0, "Revoked" },
    { "token revoke -mode=orphan -", "t", "POST /v1/auth/token/revoke-orphan ", "{\"token\":\"t\"}",
      204, NULL, 0, "Revoked" },
    { "token revoke", "", NULL, NULL, 0, NULL, 1, "one of them" },
    { "token revoke -self -", "t", NULL, NULL, 0, NULL, 1, "one of them" },
    { "token revoke -mode=orphan -accessor=a", "", NULL, NULL, 0, NULL, 1, "takes a token" },
    { "token revoke -mode=path -", "t", NULL, NULL, 0, NULL, 1, "-mode is orphan" },
    { "token capabilities secret/data/a", "", "POST /v1/sys/capabilities-self ",
      "{\"paths\":[\"secret/data/a\"]}", 200, "{\"data\":{\"secret/data/a\":[\"read\"]}}", 0,
      "[\"read\"]" },
    { "token capabilities - secret/data/a", "t", "POST /v1/sys/capabilities ",
      "{\"token\":\"t\",\"paths\":[\"secret/data/a\"]}", 200, "{\"data\":{}}", 0, "" },
    { "unwrap -", "w", "POST /v1/sys/wrapping/unwrap ", "{\"token\":\"w\"}", 200,
      "{\"data\":{\"secret_id\":\"s\"}}", 0, "secret_id    s" },
    { "unwrap", "", "POST /v1/sys/wrapping/unwrap ", "{}", 400,
      "{\"errors\":[\"wrapping token is not valid or does not exist\"]}", 2, "not valid" },
    /* approle */
    { "approle write r token_policies=a,b", "", "POST /v1/auth/approle/role/r ",
      "{\"token_policies\":\"a,b\"}", 204, NULL, 0, "Role written: r" },
    { "approle read -mount=ar r", "", "GET /v1/auth/ar/role/r ", NULL, 200,
      "{\"data\":{\"token_ttl\":0}}", 0, "token_ttl" },
    { "approle list", "", "GET /v1/auth/approle/role?list=true", NULL, 200,
      "{\"data\":{\"keys\":[\"r\"]}}", 0, "r\n" },
    { "approle delete r", "", "DELETE /v1/auth/approle/role/r ", NULL, 204, NULL, 0, "Success" },
    { "approle role-id -field=role_id r", "", "GET /v1/auth/approle/role/r/role-id ", NULL, 200,
      "{\"data\":{\"role_id\":\"id\"}}", 0, "id" },
    { "approle secret-id r", "", "POST /v1/auth/approle/role/r/secret-id ", "{}", 200,
      "{\"data\":{\"secret_id\":\"s\"}}", 0, "secret_id    s" },
    { "approle secret-id -wrap-ttl=60s r", "", "POST /v1/auth/approle/role/r/secret-id ", "{}", 200,
      "{\"wrap_info\":{\"token\":\"w\"}}", 0, "w" },
    { "approle login -no-store role_id=r secret_id=-", "s", "POST /v1/auth/approle/login ",
      "{\"role_id\":\"r\",\"secret_id\":\"s\"}", 200, AUTH, 0, "tok" },
    { "login -method=approle -path=ar -token-only role_id=r secret_id=-", "s",
      "POST /v1/auth/ar/login ", "{\"role_id\":\"r\",\"secret_id\":\"s\"}", 200, AUTH, 0, "tok\n" },
    { "login -method=approle role_id=r secret_id=-", "s", "POST /v1/auth/approle/login ",
      "{\"role_id\":\"r\",\"secret_id\":\"s\"}", 400,
      "{\"errors\":[\"invalid role or secret ID\"]}", 2, "invalid role" },
    { "login -no-store", "bad token\n", NULL, NULL, 0, NULL, 1, "no token" },
    { "login -no-store", "", NULL, NULL, 0, NULL, 1, "no token" },
    { "login a b", "", NULL, NULL, 0, NULL, 1, "One token" },
    /* mounts */
    { "secrets list", "", "GET /v1/sys/mounts ", NULL, 200,
      "{\"data\":{\"secret/\":{\"type\":\"kv\",\"description\":\"d\"}}}", 0,
      "secret/                     kv            d\n" },
    { "secrets enable -path=team kv-v2", "", "POST /v1/sys/mounts/team ",
      "{\"type\":\"kv\",\"options\":{\"version\":\"2\"}}", 204, NULL, 0, "kv secrets engine" },
    { "secrets enable -description=d transit", "", "POST /v1/sys/mounts/transit ",
      "{\"type\":\"transit\",\"description\":\"d\"}", 204, NULL, 0, "transit/" },
    { "secrets disable team/", "", "DELETE /v1/sys/mounts/team ", NULL, 204, NULL, 0, "team/" },
    { "secrets tune -max-lease-ttl=1h team", "", "POST /v1/sys/mounts/team/tune ",
      "{\"max_lease_ttl\":\"1h\"}", 204, NULL, 0, "Tuned" },
    /* what is no command */
    { "nonsense", "", NULL, NULL, 0, NULL, 1, "Commands:" },
    { "kv", "", NULL, NULL, 0, NULL, 1, "kv get" },
    { "help kv put", "", NULL, NULL, 0, NULL, 0, "-cas=N" },
    { "kv put -help", "", NULL, NULL, 0, NULL, 0, "-cas=N" },
    { "help", "", NULL, NULL, 0, NULL, 0, "Commands:" },
    { "version", "", NULL, NULL, 0, NULL, 0, "tee-secrets " },
    { "kv get -nope secret/a", "", NULL, NULL, 0, NULL, 1, "not defined: -nope" },
    { "read -format=xml x", "", NULL, NULL, 0, NULL, 1, "-format is" },
};

static void
every_command_asks_and_says_what_it_should(void)
{
    cmd_cases_run(commands, TSEC_ARRAY_LEN(commands));
}

static void
login_reads_the_token_checks_it_and_keeps_it(void)
{
    static const struct double_reply script[] = {
        { 200, NULL, "{\"data\":{\"id\":\"tok\",\"policies\":[\"p\"]}}", 0 },
        { 200, NULL, "{\"data\":{}}", 0 },
    };
    static struct cli_run run;
    struct server_double *server = server_double_new(script, 2, false);

    (void)run_cli_home();
    (void)setenv("TEE_SECRETS_ADDR", server->address, 1);
    run_cli("login", "tok\n", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    run_cli("read x", "", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    server_double_stop(server);
    CU_ASSERT_EQUAL_FATAL(server->requests_len, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(server->requests[0], "GET /v1/auth/token/lookup-self "));
    CU_ASSERT_PTR_NOT_NULL(strstr(server->requests[0], "X-Vault-Token: tok\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(server->requests[1], "X-Vault-Token: tok\r\n"));
    server_double_free(server);
    run_cli_home_done();
}

static void
a_refused_token_is_not_kept(void)
{
    static const struct double_reply script[] = {
        { 403, NULL, "{\"errors\":[\"permission denied\"]}", 0 },
    };
    static struct cli_run run;
    struct server_double *server = server_double_new(script, 1, false);
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/.tee-secrets-token", run_cli_home());
    (void)setenv("TEE_SECRETS_ADDR", server->address, 1);
    run_cli("login", "tok\n", &run);
    CU_ASSERT_EQUAL(run.status, 2);
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    CU_ASSERT_PTR_NULL(strstr(run.err, "tok\n"));
    server_double_free(server);
    run_cli_home_done();
}

static void
a_login_sends_no_old_token(void)
{
    static const struct double_reply script[] = { { 200, NULL, AUTH, 0 } };
    static struct cli_run run;
    struct server_double *server = server_double_new(script, 1, false);

    (void)run_cli_home();
    (void)setenv("TEE_SECRETS_ADDR", server->address, 1);
    (void)setenv("TEE_SECRETS_TOKEN", "old", 1);
    run_cli("approle login role_id=r secret_id=-", "s", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "a token stands in the environment"));
    server_double_stop(server);
    CU_ASSERT_PTR_NULL(strstr(server->requests[0], "X-Vault-Token"));
    server_double_free(server);
    run_cli_home_done();
}

static void
rollback_writes_the_old_data_over_the_current_version(void)
{
    static const struct double_reply script[] = {
        { 200, NULL, "{\"data\":{\"current_version\":5}}", 0 },
        { 200, NULL, "{\"data\":{\"data\":{\"k\":\"old\"},\"metadata\":{}}}", 0 },
        { 200, NULL, "{\"data\":{\"version\":6}}", 0 },
    };
    static struct cli_run run;
    struct server_double *server = server_double_new(script, 3, false);

    (void)run_cli_home();
    (void)setenv("TEE_SECRETS_ADDR", server->address, 1);
    run_cli("kv rollback -version=2 secret/a", "", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    server_double_stop(server);
    CU_ASSERT_EQUAL_FATAL(server->requests_len, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(server->requests[1], "GET /v1/secret/data/a?version=2 "));
    CU_ASSERT_STRING_EQUAL(cmd_case_body(server->requests[2]),
                           "{\"data\":{\"k\":\"old\"},\"options\":{\"cas\":5}}");
    server_double_free(server);
    run_cli_home_done();
}

static void
a_value_on_the_command_line_is_warned_of(void)
{
    static const struct double_reply script[] = {
        { 204, NULL, NULL, 0 },
        { 204, NULL, NULL, 0 },
        { 204, NULL, NULL, 0 },
        { 204, NULL, NULL, 0 },
    };
    static struct cli_run run;
    struct server_double *server = server_double_new(script, TSEC_ARRAY_LEN(script), false);

    (void)run_cli_home();
    (void)setenv("TEE_SECRETS_ADDR", server->address, 1);
    run_cli("kv put s/x a=b", "", &run);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "Warning: a value on the command line"));
    run_cli("kv put s/x a=-", "b", &run);
    CU_ASSERT_STRING_EQUAL(run.err, "");
    run_cli("write x ttl=1h", "", &run);
    CU_ASSERT_STRING_EQUAL(run.err, "");
    (void)setenv("TEE_SECRETS_NO_ARGV_WARNING", "1", 1);
    run_cli("kv put s/x a=b", "", &run);
    CU_ASSERT_STRING_EQUAL(run.err, "");
    (void)unsetenv("TEE_SECRETS_NO_ARGV_WARNING");
    server_double_free(server);
    run_cli_home_done();
}

static void
nobody_there_is_status_2(void)
{
    static struct cli_run run;

    (void)run_cli_home();
    (void)setenv("TEE_SECRETS_ADDR", "unix:///nowhere/at/all", 1);
    run_cli("read x", "", &run);
    CU_ASSERT_EQUAL(run.status, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "cannot be reached"));
    run_cli("status", "", &run);
    CU_ASSERT_EQUAL(run.status, 1);
    (void)setenv("TEE_SECRETS_ADDR", "gopher://x", 1);
    run_cli("read x", "", &run);
    CU_ASSERT_EQUAL(run.status, 1);
    run_cli_home_done();
}

static const struct test_case cases[] = {
    { "every command asks and says what it should", every_command_asks_and_says_what_it_should },
    { "login reads the token, checks it and keeps it",
      login_reads_the_token_checks_it_and_keeps_it },
    { "a refused token is not kept", a_refused_token_is_not_kept },
    { "a login sends no old token", a_login_sends_no_old_token },
    { "rollback writes the old data over the current version",
      rollback_writes_the_old_data_over_the_current_version },
    { "a value on the command line is warned of", a_value_on_the_command_line_is_warned_of },
    { "nobody there is status 2", nobody_there_is_status_2 },
};

TEST_MAIN("client/cmd", cases)
