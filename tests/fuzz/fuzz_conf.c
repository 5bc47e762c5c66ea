/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file.  A refusal names the file; what loads prints as a file that loads again
 * and prints the same, and may be reloaded over itself. */
#include <stdlib.h>

#include "conf/conf.h"
#include "tests/fuzz/fuzz.h"

enum { PRINT_MAX = 8 * 1024 * 1024 };

static void
print(const struct tsec_conf *conf, struct tsec_buf *out)
{
    conf_print(conf, out);
    tsec_buf_put_byte(out, 0);
    FUZZ_ASSERT(!tsec_failed(tsec_buf_check(out, NULL)));
}

/* The store's address is the first of the secrets: put one in that the checks take. */
static void
put_store(struct tsec_buf *out, const char *quoted)
{
    char *at = strstr((char *)out->ptr, "database_uri: \"");

    FUZZ_ASSERT(at != NULL);
    memcpy(at + strlen("database_uri: "), quoted, 5);
}

static void
check_round_trip(const struct tsec_conf *conf)
{
    TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(PRINT_MAX);
    TSEC_AUTO_BUF struct tsec_buf second = TSEC_BUF_INIT(PRINT_MAX);
    TSEC_AUTO(conf_free) struct tsec_conf *again = NULL;

    print(conf, &first);
    if (first.len > CONF_FILE_MAX) {
        return;
    }
    put_store(&first, "\"/xx\"");
    FUZZ_ASSERT(
        !tsec_failed(conf_parse("f", tsec_span(first.ptr, first.len - 1), NULL, &again, NULL)));
    put_store(&first, "\"***\"");
    print(again, &second);
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&first), tsec_buf_span(&second)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };

    (void)setenv("SECRETS_SERVICE_DB_URI", "postgresql://db/x", 1);
    if (tsec_failed(conf_parse("f.yaml", tsec_span(data, size), NULL, &conf, &err))) {
        FUZZ_ASSERT(conf == NULL && err.code == TSEC_E_CONFIG && err.detail[0] != '\0');
        return 0;
    }
    FUZZ_ASSERT(!tsec_failed(conf_check_reload(conf, conf, NULL)));
    check_round_trip(conf);
    return 0;
}
