/* SPDX-License-Identifier: Apache-2.0 */
#include "client/help.h"

enum { NAME_WIDTH = 24, FLAG_WIDTH = 28 };

static void
put_line(struct tsec_buf *out, const char *name, const char *text, size_t width)
{
    tsec_buf_printf(out, "  %-*s %s\n", (int)width, name, text);
}

static bool
put_commands(struct tsec_buf *out, const struct cli_command *const *tables, const char *group)
{
    bool some = false;

    for (; *tables != NULL; tables++) {
        for (const struct cli_command *c = *tables; c->name != NULL; c++) {
            const size_t len = strcspn(c->name, " ");

            if (group == NULL || (strlen(group) == len && strncmp(c->name, group, len) == 0)) {
                put_line(out, c->name, c->summary, NAME_WIDTH);
                some = true;
            }
        }
    }
    return some;
}

void
cli_help_all(struct tsec_buf *out, const struct cli_command *const *tables)
{
    tsec_buf_put_str(out, "Usage: tee-secrets COMMAND [FLAGS] [ARGUMENTS]\n\nCommands:\n");
    (void)put_commands(out, tables, NULL);
    tsec_buf_put_str(out, "\n`tee-secrets help COMMAND` says more about one; so does "
                          "tee-secrets(1).\n");
}

bool
cli_help_group(struct tsec_buf *out, const struct cli_command *const *tables, const char *group)
{
    const size_t before = out->len;

    tsec_buf_printf(out, "Usage: tee-secrets %s COMMAND [FLAGS] [ARGUMENTS]\n\nCommands:\n", group);
    if (put_commands(out, tables, group)) {
        return true;
    }
    out->len = before;
    return false;
}

static void
put_flags(struct tsec_buf *out, const char *title, const struct cli_flag *flags)
{
    if (flags == NULL || flags->name == NULL) {
        return;
    }
    tsec_buf_printf(out, "\n%s:\n", title);
    for (; flags->name != NULL; flags++) {
        TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(128);

        tsec_buf_printf(&name, "-%s%s%s", flags->name, flags->value == NULL ? "" : "=",
                        flags->value == NULL ? "" : flags->value);
        tsec_buf_put_byte(&name, '\0');
        if (!name.failed) {
            put_line(out, (const char *)name.ptr, flags->help, FLAG_WIDTH);
        }
    }
}

void
cli_help_command(struct tsec_buf *out, const struct cli_command *command,
                 const struct cli_flag *common)
{
    tsec_buf_printf(out, "Usage: tee-secrets %s [FLAGS] %s\n\n%s\n", command->name,
                    command->operands, command->summary);
    if (command->help != NULL) {
        tsec_buf_printf(out, "\n%s\n", command->help);
    }
    put_flags(out, "Flags", command->flags);
    put_flags(out, "Flags of every command", common);
}
