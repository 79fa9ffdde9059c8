#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/commands.h"

static const gw_option options[] = {
    {.name = "man", .type = GW_OPTION_FLAG, .help = "the whole manual as a man page (troff)"},
    {.name = "markdown", .type = GW_OPTION_FLAG, .help = "the whole manual as Markdown"},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "COMMAND",
     .help = "the command to explain, as in: help db start",
     .many = true,
     .completes = GW_COMPLETES_COMMAND},
    {.name = NULL},
};

static const gw_command *find(const gw_command *const *list, const char *name)
{
    for (; list && *list; list++)
        if (strcmp((*list)->name, name) == 0)
            return *list;
    return NULL;
}

static bool unknown(const gw_command *const *list, const char *name, gw_err *err)
{
    const char *names[64];
    size_t count = 0;
    for (; list && *list && count < 63; list++)
        names[count++] = (*list)->name;
    names[count] = NULL;
    const char *near = gw_nearest(name, names);
    gw_err_set(err, GW_ERR_USAGE, "there is no help on \"%s\": no such command", name);
    if (near)
        return gw_err_hint(err, "did you mean godwit help %s?", near);
    return gw_err_hint(err, "godwit help lists the commands");
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_buf text = GW_BUF(invocation->arena);
    const char *name = gw_argument_text(invocation, 0);
    const char *second = gw_argument_text(invocation, 1);
    if (gw_flag(invocation, "man")) {
        gw_help_man(&text);
    } else if (gw_flag(invocation, "markdown")) {
        gw_help_markdown(&text);
    } else if (!name) {
        gw_help_overview(&text);
    } else {
        const gw_command *parent = NULL, *command = find(gw_commands, name);
        if (!command)
            return unknown(gw_commands, name, err);
        if (second) {
            parent = command;
            command = find(parent->subcommands, second);
            if (!command)
                return unknown(parent->subcommands, second, err);
        }
        gw_help_command(&text, parent, command);
    }
    fputs(gw_buf_str(&text), stdout);
    return true;
}

const gw_command gw_command_help = {
    .name = "help",
    .summary = "explain Godwit or one of its commands",
    .text = "Without a COMMAND: all commands, the options that each of them has, exit codes.",
    .examples = "godwit help\ngodwit help up\ngodwit help db psql\ngodwit help --man | man -l -",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_QUIET_LOG,
    .run = run,
};
