/* SPDX-License-Identifier: Apache-2.0 */
#include "client/args.h"

#include <string.h>

static const struct cli_flag *
find_in(const struct cli_flag *table, const char *name, size_t len)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (strlen(table->name) == len && strncmp(table->name, name, len) == 0) {
            return table;
        }
    }
    return NULL;
}

struct parsing {
    char *const *argv;
    size_t n;
    size_t at;
    const struct cli_flag *own;
    const struct cli_flag *common;
    struct cli_args *out;
};

static tsec_rc
parse_flag(struct parsing *p, struct tsec_err *err)
{
    const char *text = p->argv[p->at] + (p->argv[p->at][1] == '-' ? 2 : 1);
    const size_t len = strcspn(text, "=");
    const struct cli_flag *flag = find_in(p->own, text, len);
    const char *value = text[len] == '=' ? text + len + 1 : NULL;

    if (flag == NULL) {
        flag = find_in(p->common, text, len);
    }
    if (flag == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "flag provided but not defined: -%.*s",
                         (int)(len < 40 ? len : 40), text);
    }
    if (p->out->flags_len == CLI_FLAGS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "more than %d flags", CLI_FLAGS_MAX);
    }
    if (value == NULL && flag->value == NULL) {
        value = "true";
    } else if (value == NULL) {
        if (p->at + 1 >= p->n) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "flag needs an argument: -%s", flag->name);
        }
        value = p->argv[++p->at];
    }
    p->out->flags[p->out->flags_len].name = flag->name;
    p->out->flags[p->out->flags_len++].value = value;
    return TSEC_OK;
}

static tsec_rc
add_operand(struct parsing *p, struct tsec_err *err)
{
    if (p->out->operands_len == CLI_OPERANDS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "more than %d arguments", CLI_OPERANDS_MAX);
    }
    p->out->operands[p->out->operands_len++] = p->argv[p->at];
    return TSEC_OK;
}

tsec_rc
cli_args_parse(char *const *argv, size_t n, const struct cli_flag *own,
               const struct cli_flag *common, struct cli_args *out, struct tsec_err *err)
{
    struct parsing p = { .argv = argv, .n = n, .own = own, .common = common, .out = out };
    bool flags_end = false;

    *out = (struct cli_args){ .operands_len = 0 };
    for (; p.at < n; p.at++) {
        const char *text = argv[p.at];

        if (!flags_end && strcmp(text, "--") == 0) {
            flags_end = true;
        } else if (!flags_end && text[0] == '-' && text[1] != '\0') {
            TSEC_TRY(parse_flag(&p, err));
        } else {
            TSEC_TRY(add_operand(&p, err));
        }
    }
    return TSEC_OK;
}

const char *
cli_args_value(const struct cli_args *args, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < args->flags_len; i++) {
        if (strcmp(args->flags[i].name, name) == 0) {
            value = args->flags[i].value;
        }
    }
    return value;
}

const char *
cli_args_value_at(const struct cli_args *args, const char *name, size_t i)
{
    for (size_t at = 0; at < args->flags_len; at++) {
        if (strcmp(args->flags[at].name, name) == 0 && i-- == 0) {
            return args->flags[at].value;
        }
    }
    return NULL;
}

bool
cli_args_switch(const struct cli_args *args, const char *name)
{
    const char *value = cli_args_value(args, name);

    return value != NULL && strcmp(value, "false") != 0 && strcmp(value, "0") != 0;
}
