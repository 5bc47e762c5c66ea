/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

static void
a_file_is_read_whole_up_to_the_ceiling(void)
{
    TSEC_AUTO_BUF struct tsec_buf fits = TSEC_BUF_INIT(100000);
    TSEC_AUTO_BUF struct tsec_buf small = TSEC_BUF_INIT(99999);
    char path[] = "/tmp/tee-secrets-file-XXXXXX";
    const int fd = mkstemp(path);
    struct tsec_err err = { 0 };

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(ftruncate(fd, 100000), 0);
    CU_ASSERT_FALSE(tsec_failed(conf_file_read(path, &fits, &err)));
    CU_ASSERT_EQUAL(fits.len, 100000);
    CU_ASSERT_EQUAL(conf_file_read(path, &small, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail, "larger than 99999 bytes");
    (void)close(fd);
    (void)unlink(path);
}

static void
a_pipe_is_refused_and_not_waited_for(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(100);
    char dir[] = "/tmp/tee-secrets-pipe-XXXXXX";
    char path[64];
    struct tsec_err err = { 0 };

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/p", dir);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_EQUAL(conf_file_read(path, &out, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail, "is not a regular file");
    CU_ASSERT_EQUAL(conf_file_read("/dev/zero", &out, &err).code, TSEC_E_CONFIG);
    (void)unlink(path);
    (void)rmdir(dir);
}

static const struct test_case cases[] = {
    { "a file is read whole up to the ceiling", a_file_is_read_whole_up_to_the_ceiling },
    { "a pipe is refused and not waited for", a_pipe_is_refused_and_not_waited_for },
};

TEST_MAIN("conf/file", cases)
