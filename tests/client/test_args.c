/* SPDX-License-Identifier: Apache-2.0 */
#include "client/args.h"

#include "base/span.h"
#include "tests/test.h"

static const struct cli_flag own[] = {
    { "version", "N", "" },
    { "force", NULL, "" },
    { "meta", "K=V", "" },
    { NULL, NULL, NULL },
};
static const struct cli_flag common[] = { { "format", "F", "" }, { NULL, NULL, NULL } };

static tsec_rc
parse(const char *const *argv, size_t n, struct cli_args *out, struct tsec_err *err)
{
    return cli_args_parse((char *const *)(uintptr_t)argv, n, own, common, out, err);
}

static void
flags_and_operands_may_stand_in_any_order(void)
{
    static const char *const argv[] = { "a",      "-version=3", "b",         "--format", "json",
                                        "-force", "-",          "-meta=x=y", "-meta",    "z" };
    struct cli_args args;

    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(argv, TSEC_ARRAY_LEN(argv), &args, NULL)));
    CU_ASSERT_EQUAL_FATAL(args.operands_len, 3);
    CU_ASSERT_STRING_EQUAL(args.operands[0], "a");
    CU_ASSERT_STRING_EQUAL(args.operands[1], "b");
    CU_ASSERT_STRING_EQUAL(args.operands[2], "-");
    CU_ASSERT_STRING_EQUAL(cli_args_value(&args, "version"), "3");
    CU_ASSERT_STRING_EQUAL(cli_args_value(&args, "format"), "json");
    CU_ASSERT_TRUE(cli_args_switch(&args, "force"));
    CU_ASSERT_STRING_EQUAL(cli_args_value_at(&args, "meta", 0), "x=y");
    CU_ASSERT_STRING_EQUAL(cli_args_value_at(&args, "meta", 1), "z");
    CU_ASSERT_PTR_NULL(cli_args_value_at(&args, "meta", 2));
}

static void
behind_two_dashes_everything_is_an_operand(void)
{
    static const char *const argv[] = { "--", "-version", "--" };
    struct cli_args args;

    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(argv, TSEC_ARRAY_LEN(argv), &args, NULL)));
    CU_ASSERT_EQUAL(args.operands_len, 2);
    CU_ASSERT_EQUAL(args.flags_len, 0);
}

static void
a_switch_can_be_taken_back_and_the_last_value_counts(void)
{
    static const char *const argv[] = { "-force", "-force=false", "-version=1", "-version=2" };
    struct cli_args args;

    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(argv, TSEC_ARRAY_LEN(argv), &args, NULL)));
    CU_ASSERT_FALSE(cli_args_switch(&args, "force"));
    CU_ASSERT_STRING_EQUAL(cli_args_value(&args, "version"), "2");
    CU_ASSERT_PTR_NULL(cli_args_value(&args, "format"));
}

static void
unknown_flags_and_missing_values_are_refused(void)
{
    static const char *const cases[][1] = {
        { "-nope" }, { "-nope=1" }, { "-versio=1" }, { "-versions=1" }, { "-version" }, { "-=x" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(cases); i++) {
        struct cli_args args;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(parse(cases[i], 1, &args, &err).code, TSEC_E_INVALID);
        CU_ASSERT_TRUE(err.detail[0] != '\0');
    }
}

static void
too_many_of_either_are_refused(void)
{
    static const char *argv[CLI_OPERANDS_MAX + 1];
    struct cli_args args;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(argv); i++) {
        argv[i] = "x";
    }
    CU_ASSERT_FALSE(tsec_failed(parse(argv, CLI_OPERANDS_MAX, &args, NULL)));
    CU_ASSERT_TRUE(tsec_failed(parse(argv, CLI_OPERANDS_MAX + 1, &args, NULL)));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(argv); i++) {
        argv[i] = "-force";
    }
    CU_ASSERT_FALSE(tsec_failed(parse(argv, CLI_FLAGS_MAX, &args, NULL)));
    CU_ASSERT_TRUE(tsec_failed(parse(argv, CLI_FLAGS_MAX + 1, &args, NULL)));
}

static const struct test_case cases[] = {
    { "flags and operands may stand in any order", flags_and_operands_may_stand_in_any_order },
    { "behind two dashes everything is an operand", behind_two_dashes_everything_is_an_operand },
    { "a switch can be taken back, and the last value counts",
      a_switch_can_be_taken_back_and_the_last_value_counts },
    { "unknown flags and missing values are refused",
      unknown_flags_and_missing_values_are_refused },
    { "too many of either are refused", too_many_of_either_are_refused },
};

TEST_MAIN("client/args", cases)
