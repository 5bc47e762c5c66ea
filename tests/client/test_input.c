/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/test.h"

static int
pipe_with(const char *text)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0
        || write(ends[1], text, strlen(text)) != (ssize_t)strlen(text)) {
        abort();
    }
    (void)close(ends[1]);
    return ends[0];
}

static void
a_line_ends_at_its_newline_and_leaves_the_rest(void)
{
    TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(64);
    TSEC_AUTO_BUF struct tsec_buf rest = TSEC_BUF_INIT(64);
    const int fd = pipe_with("one\ntwo\nthree");

    CU_ASSERT_FALSE(tsec_failed(cli_input_line(fd, -1, "", &first, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&first), "one"));
    CU_ASSERT_FALSE(tsec_failed(cli_input_fd(fd, &rest, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&rest), "two\nthree"));
    (void)close(fd);
}

static void
what_is_longer_than_its_room_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf line = TSEC_BUF_INIT(4);
    TSEC_AUTO_BUF struct tsec_buf all = TSEC_BUF_INIT(4);
    const int a = pipe_with("12345\n");
    const int b = pipe_with("12345");

    CU_ASSERT_EQUAL(cli_input_line(a, -1, "", &line, NULL).code, TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(cli_input_fd(b, &all, NULL).code, TSEC_E_TOO_LARGE);
    CU_ASSERT_TRUE(tsec_failed(cli_input_fd(-1, &all, NULL)));
    CU_ASSERT_EQUAL(cli_input_file("/nowhere/at/all", &all, NULL).code, TSEC_E_NOT_FOUND);
    (void)close(a);
    (void)close(b);
}

struct terminal {
    int ours;
    int theirs;
    bool echoed;
};

/** Types once the prompt is there, and looks whether the terminal would echo. */
static void *
type(void *ctx)
{
    struct terminal *t = ctx;
    char prompt[8];
    struct termios now;

    if (read(t->ours, prompt, 4) != 4) {
        return NULL;
    }
    do {
        (void)tcgetattr(t->theirs, &now);
    } while ((now.c_lflag & ECHO) != 0);
    t->echoed = false;
    (void)!write(t->ours, "s3cret\n", 7);
    return NULL;
}

static void
a_terminal_does_not_echo_and_is_left_as_it_was(void)
{
    TSEC_AUTO_BUF struct tsec_buf line = TSEC_BUF_INIT(64);
    struct terminal t = { .ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), .echoed = true };
    struct termios after;
    pthread_t thread = 0;
    char seen[64] = { 0 };

    CU_ASSERT_FATAL(t.ours >= 0 && grantpt(t.ours) == 0 && unlockpt(t.ours) == 0);
    t.theirs = open(ptsname(t.ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
    CU_ASSERT_FATAL(t.theirs >= 0 && pthread_create(&thread, NULL, type, &t) == 0);
    CU_ASSERT_FALSE(tsec_failed(cli_input_line(t.theirs, t.theirs, "Go: ", &line, NULL)));
    (void)pthread_join(thread, NULL);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&line), "s3cret"));
    CU_ASSERT_FALSE(t.echoed);
    CU_ASSERT_EQUAL(tcgetattr(t.theirs, &after), 0);
    CU_ASSERT_TRUE((after.c_lflag & ECHO) != 0);
    (void)fcntl(t.ours, F_SETFL, O_NONBLOCK);
    (void)!read(t.ours, seen, sizeof(seen) - 1);
    CU_ASSERT_PTR_NULL(strstr(seen, "s3cret"));
    (void)close(t.theirs);
    (void)close(t.ours);
}

static void
a_signal_ends_the_prompt_and_brings_echo_back(void)
{
    TSEC_AUTO_BUF struct tsec_buf line = TSEC_BUF_INIT(64);
    const int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios now;
    char prompt[4];
    int theirs = -1;
    int status = 0;

    CU_ASSERT_FATAL(ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0);
    theirs = open(ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
    CU_ASSERT_FATAL(theirs >= 0);

    const pid_t child = fork();

    if (child == 0) {
        (void)!cli_input_line(theirs, theirs, "Go: ", &line, NULL).code;
        _exit(0);
    }
    CU_ASSERT_EQUAL(read(ours, prompt, sizeof(prompt)), 4);
    do {
        CU_ASSERT_EQUAL_FATAL(tcgetattr(theirs, &now), 0);
    } while ((now.c_lflag & ECHO) != 0);
    CU_ASSERT_EQUAL(kill(child, SIGINT), 0);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    CU_ASSERT_EQUAL(tcgetattr(theirs, &now), 0);
    CU_ASSERT_TRUE((now.c_lflag & ECHO) != 0);
    (void)close(theirs);
    (void)close(ours);
}

static void
white_space_is_cut_off_the_end_only(void)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(64);

    tsec_buf_put_str(&buf, " a b \r\n\t ");
    cli_input_trim(&buf);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&buf), " a b"));
}

static const struct test_case cases[] = {
    { "a line ends at its newline and leaves the rest",
      a_line_ends_at_its_newline_and_leaves_the_rest },
    { "what is longer than its room is refused", what_is_longer_than_its_room_is_refused },
    { "a terminal does not echo, and is left as it was",
      a_terminal_does_not_echo_and_is_left_as_it_was },
    { "a signal ends the prompt and brings echo back",
      a_signal_ends_the_prompt_and_brings_echo_back },
    { "white space is cut off the end only", white_space_is_cut_off_the_end_only },
};

TEST_MAIN("client/input", cases)
