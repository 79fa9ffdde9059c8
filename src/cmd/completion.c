/* Completion scripts, made from the table: they need no call back into the program. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/commands.h"

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static const gw_argument arguments[] = {
    {.name = "SHELL", .help = "bash, zsh or fish", .required = true, .choices = shells},
    {.name = NULL},
};

/* ---- bash ------------------------------------------------------------------------------ */

static void bash_words(gw_buf *buf, const gw_option *options)
{
    for (const gw_option *o = options; o && o->name; o++)
        gw_buf_addf(buf, " --%s", o->name);
}

/* What may follow an option: a case of "command:option". */
static void bash_values(gw_buf *buf, const char *command, const gw_option *options)
{
    for (const gw_option *o = options; o && o->name; o++) {
        if (!o->value)
            continue;
        gw_buf_addf(buf, "        '%s:--%s'", command, o->name);
        if (o->letter)
            gw_buf_addf(buf, "|'%s:-%c'", command, o->letter);
        gw_buf_add(buf, ") ");
        if (o->choices) {
            gw_buf_add(buf, "COMPREPLY=($(compgen -W '");
            for (const char *const *c = o->choices; *c; c++)
                gw_buf_addf(buf, "%s%s", c == o->choices ? "" : " ", *c);
            gw_buf_add(buf, "' -- \"$cur\")); return ;;\n");
        } else if (o->completes == GW_COMPLETES_FILE) {
            gw_buf_add(buf, "COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
        } else if (o->completes == GW_COMPLETES_FOLDER) {
            gw_buf_add(buf, "COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n");
        } else {
            gw_buf_add(buf, "return ;;\n");
        }
    }
}

static void bash_command(gw_buf *buf, const char *path, const gw_command *command)
{
    gw_buf_addf(buf, "        '%s') words=\"", path);
    for (const gw_command *const *c = command->subcommands; c && *c; c++)
        gw_buf_addf(buf, " %s", (*c)->name);
    for (const gw_argument *a = command->arguments; a && a->name; a++) {
        for (const char *const *c = a->choices; c && *c; c++)
            gw_buf_addf(buf, " %s", *c);
        if (a->completes == GW_COMPLETES_COMMAND)
            for (const gw_command *const *c = gw_commands; *c; c++)
                gw_buf_addf(buf, " %s", (*c)->name);
    }
    bash_words(buf, command->options);
    gw_buf_add(buf, "\" ;;\n");
}

static void bash(gw_buf *buf)
{
    gw_buf_add(buf, "# Completion of godwit for bash: source <(godwit completion bash)\n"
                    "_godwit() {\n"
                    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                    "    local i word command='' words=''\n"
                    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                    "        word=${COMP_WORDS[i]}\n"
                    "        case $command:$word in\n");
    for (const gw_command *const *c = gw_commands; *c; c++) {
        gw_buf_addf(buf, "        ':%s') command='%s' ;;\n", (*c)->name, (*c)->name);
        for (const gw_command *const *s = (*c)->subcommands; s && *s; s++)
            gw_buf_addf(buf, "        '%s:%s') command='%s %s' ;;\n", (*c)->name, (*s)->name,
                        (*c)->name, (*s)->name);
    }
    gw_buf_add(buf, "        esac\n    done\n    case $command:$prev in\n");
    for (const gw_command *const *c = gw_commands; *c; c++)
        bash_values(buf, (*c)->name, (*c)->options);
    gw_buf_add(buf, "    esac\n    case :$prev in\n");
    bash_values(buf, "", gw_global_options);
    gw_buf_add(buf, "    esac\n    case $command in\n        '') words=\"");
    for (const gw_command *const *c = gw_commands; *c; c++)
        gw_buf_addf(buf, " %s", (*c)->name);
    gw_buf_add(buf, "\" ;;\n");
    for (const gw_command *const *c = gw_commands; *c; c++) {
        bash_command(buf, (*c)->name, *c);
        for (const gw_command *const *s = (*c)->subcommands; s && *s; s++)
            bash_command(buf, gw_printf(buf->arena, "%s %s", (*c)->name, (*s)->name), *s);
    }
    gw_buf_add(buf, "    esac\n    words+=\"");
    bash_words(buf, gw_global_options);
    gw_buf_add(buf, "\"\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
                    "complete -F _godwit godwit\n");
}

/* ---- zsh ------------------------------------------------------------------------------- */

/* Inside '…[text]…': quotes, brackets and colons have a meaning. */
static void zsh_text(gw_buf *buf, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            gw_buf_add(buf, "'\\''");
        else if (strchr("[]:\\", *text))
            gw_buf_addf(buf, "\\%c", *text);
        else
            gw_buf_addc(buf, *text);
    }
}

static void zsh_action(gw_buf *buf, const char *const *choices, gw_completes completes)
{
    if (choices) {
        gw_buf_add(buf, "(");
        for (const char *const *c = choices; *c; c++)
            gw_buf_addf(buf, "%s%s", c == choices ? "" : " ", *c);
        gw_buf_add(buf, ")");
    } else if (completes == GW_COMPLETES_FILE) {
        gw_buf_add(buf, "_files");
    } else if (completes == GW_COMPLETES_FOLDER) {
        gw_buf_add(buf, "_files -/");
    } else if (completes == GW_COMPLETES_COMMAND) {
        gw_buf_add(buf, "_godwit_commands");
    } else {
        gw_buf_add(buf, " ");
    }
}

/* The options of a command and the global ones, as arguments of _arguments. */
static void zsh_options(gw_buf *buf, const gw_option *options)
{
    for (const gw_option *o = options; o && o->name; o++)
        for (int form = 0; form < (o->letter ? 2 : 1); form++) {
            if (form == 0)
                gw_buf_addf(buf, " \\\n            '--%s[", o->name);
            else
                gw_buf_addf(buf, " \\\n            '-%c[", o->letter);
            zsh_text(buf, o->help);
            gw_buf_addc(buf, ']');
            if (o->value) {
                gw_buf_addf(buf, ":%s:", o->value);
                zsh_action(buf, o->choices, o->completes);
            }
            gw_buf_addc(buf, '\'');
        }
}

static void zsh_describe(gw_buf *buf, const char *function, const gw_command *const *list)
{
    gw_buf_addf(buf, "%s() {\n    local -a list\n    list=(\n", function);
    for (; *list; list++) {
        gw_buf_addf(buf, "        '%s:", (*list)->name);
        zsh_text(buf, (*list)->summary);
        gw_buf_add(buf, "'\n");
    }
    gw_buf_add(buf, "    )\n    _describe -t commands command list\n}\n");
}

static void zsh_command(gw_buf *buf, const gw_command *command)
{
    gw_buf_addf(buf, "        %s) _arguments", command->name);
    zsh_options(buf, command->options);
    zsh_options(buf, gw_global_options);
    for (const gw_argument *a = command->arguments; a && a->name; a++) {
        gw_buf_addf(buf, " \\\n            '%s:%s:", a->many ? "*" : "", a->name);
        zsh_action(buf, a->choices, a->completes);
        gw_buf_addc(buf, '\'');
    }
    gw_buf_add(buf, " ;;\n");
}

/* A function that offers the commands of `list`, and then what each of them takes. */
static void zsh_function(gw_buf *buf, const char *name, const char *describe,
                         const gw_command *const *list)
{
    gw_buf_addf(buf, "%s() {\n    local state line\n    _arguments -C", name);
    zsh_options(buf, gw_global_options);
    gw_buf_addf(buf,
                " \\\n            '1:command:%s' '*::argument:->rest'\n"
                "    [[ $state == rest ]] || return\n    case $words[1] in\n",
                describe);
    for (const gw_command *const *c = list; *c; c++) {
        if ((*c)->subcommands)
            gw_buf_addf(buf, "        %s) _godwit_%s ;;\n", (*c)->name, (*c)->name);
        else
            zsh_command(buf, *c);
    }
    gw_buf_add(buf, "    esac\n}\n");
}

static void zsh(gw_buf *buf)
{
    gw_buf_add(buf, "#compdef godwit\n"
                    "# Completion of godwit for zsh: put this into a file _godwit on the fpath.\n");
    zsh_describe(buf, "_godwit_commands", gw_commands);
    for (const gw_command *const *c = gw_commands; *c; c++) {
        if (!(*c)->subcommands)
            continue;
        char *describe = gw_printf(buf->arena, "_godwit_%s_commands", (*c)->name);
        zsh_describe(buf, describe, (*c)->subcommands);
        zsh_function(buf, gw_printf(buf->arena, "_godwit_%s", (*c)->name), describe,
                     (*c)->subcommands);
    }
    zsh_function(buf, "_godwit", "_godwit_commands", gw_commands);
    gw_buf_add(buf, "compdef _godwit godwit\n");
}

/* ---- fish ------------------------------------------------------------------------------ */

static void fish_quoted(gw_buf *buf, const char *text)
{
    gw_buf_addc(buf, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            gw_buf_addc(buf, '\\');
        gw_buf_addc(buf, *text);
    }
    gw_buf_addc(buf, '\'');
}

static void fish_choices(gw_buf *buf, const char *const *choices)
{
    gw_buf_add(buf, " -a '");
    for (const char *const *c = choices; *c; c++)
        gw_buf_addf(buf, "%s%s", c == choices ? "" : " ", *c);
    gw_buf_addc(buf, '\'');
}

static void fish_options(gw_buf *buf, const char *condition, const gw_option *options)
{
    for (const gw_option *o = options; o && o->name; o++) {
        gw_buf_add(buf, "complete -c godwit");
        if (condition)
            gw_buf_addf(buf, " -n '%s'", condition);
        gw_buf_addf(buf, " -l %s", o->name);
        if (o->letter)
            gw_buf_addf(buf, " -s %c", o->letter);
        if (o->value)
            gw_buf_add(buf, o->completes ? " -r -F" : " -x");
        if (o->choices)
            fish_choices(buf, o->choices);
        gw_buf_add(buf, " -d ");
        fish_quoted(buf, o->help);
        gw_buf_addc(buf, '\n');
    }
}

static void fish_command(gw_buf *buf, const char *condition, const gw_command *command)
{
    fish_options(buf, condition, command->options);
    for (const gw_argument *a = command->arguments; a && a->name; a++)
        if (a->choices) {
            gw_buf_addf(buf, "complete -c godwit -n '%s'", condition);
            fish_choices(buf, a->choices);
            gw_buf_addc(buf, '\n');
        }
}

static void fish_name(gw_buf *buf, const char *condition, const gw_command *command)
{
    gw_buf_addf(buf, "complete -c godwit -n '%s' -a %s -d ", condition, command->name);
    fish_quoted(buf, command->summary);
    gw_buf_addc(buf, '\n');
}

static void fish(gw_buf *buf)
{
    gw_buf_add(buf, "# Completion of godwit for fish: put this into completions/godwit.fish\n"
                    "complete -c godwit -f\n");
    fish_options(buf, NULL, gw_global_options);
    for (const gw_command *const *c = gw_commands; *c; c++) {
        fish_name(buf, "__fish_use_subcommand", *c);
        char *seen = gw_printf(buf->arena, "__fish_seen_subcommand_from %s", (*c)->name);
        fish_command(buf, seen, *c);
        gw_buf names = GW_BUF(buf->arena);
        for (const gw_command *const *s = (*c)->subcommands; s && *s; s++)
            gw_buf_addf(&names, " %s", (*s)->name);
        char *open = gw_printf(buf->arena, "%s; and not __fish_seen_subcommand_from%s", seen,
                               gw_buf_str(&names));
        for (const gw_command *const *s = (*c)->subcommands; s && *s; s++) {
            fish_name(buf, open, *s);
            fish_command(
                buf,
                gw_printf(buf->arena, "%s; and __fish_seen_subcommand_from %s", seen, (*s)->name),
                *s);
        }
    }
}

/* ---- the command ----------------------------------------------------------------------- */

static bool run(gw_invocation *invocation, gw_err *err)
{
    (void)err;
    const char *shell = gw_argument_text(invocation, 0);
    gw_buf script = GW_BUF(invocation->arena);
    if (strcmp(shell, "bash") == 0)
        bash(&script);
    else if (strcmp(shell, "zsh") == 0)
        zsh(&script);
    else
        fish(&script);
    fputs(gw_buf_str(&script), stdout);
    return true;
}

const gw_command gw_command_completion = {
    .name = "completion",
    .summary = "print a completion script for a shell",
    .examples = "source <(godwit completion bash)\n"
                "godwit completion zsh > \"${fpath[1]}/_godwit\"\n"
                "godwit completion fish > ~/.config/fish/completions/godwit.fish",
    .arguments = arguments,
    .flags = GW_COMMAND_QUIET_LOG,
    .run = run,
};
