/* The command line → a command, its options, its arguments. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/vec.h"
#include "cmd/command.h"
#include "pg/session.h"

typedef struct parser {
    gw_arena *arena;
    int argc;
    char **argv;
    int at;
    bool only_arguments; /* after -- */
    gw_words *out;
    GW_VEC(gw_value) values;
    GW_VEC(const char *) arguments;
} parser;

/* ---- did you mean ---------------------------------------------------------------------- */

const char *gw_nearest(const char *typed, const char *const *names)
{
    const char *nearest = NULL;
    size_t best = strlen(typed) / 3 + 1;
    for (; *names; names++) {
        size_t edits = gw_text_distance(typed, strlen(typed), *names, strlen(*names));
        bool begins = strlen(typed) >= 3 && strncmp(typed, *names, strlen(typed)) == 0;
        if (begins)
            edits = 1;
        if (edits <= best && (!nearest || edits < best)) {
            nearest = *names;
            best = edits;
        }
    }
    return nearest;
}

/* What the same thing is called elsewhere. */
static const char *elsewhere(const char *typed)
{
    static const char *const words[][2] = {
        {"migrate", "up"},     {"apply", "up"},      {"deploy", "up"},     {"run", "up"},
        {"upgrade", "up"},     {"rollback", "down"}, {"revert", "down"},   {"undo", "down"},
        {"downgrade", "down"}, {"create", "new"},    {"add", "new"},       {"generate", "new"},
        {"info", "status"},    {"list", "status"},   {"ls", "status"},     {"validate", "verify"},
        {"check", "status"},   {"log", "history"},   {"audit", "history"}, {"stamp", "baseline"},
        {"wait", "status"},    {"import", "adopt"},  {"force", "repair"},  {"fix", "repair"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], typed) == 0)
            return words[i][1];
    return NULL;
}

/* ---- options --------------------------------------------------------------------------- */

static const gw_option *find_in(const gw_option *options, const char *name, size_t len)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == len && strncmp(options->name, name, len) == 0)
            return options;
    return NULL;
}

static const gw_option *find_option(const parser *p, const char *name, size_t len)
{
    const gw_option *found = NULL;
    if (p->out->command)
        found = find_in(p->out->command->options, name, len);
    return found ? found : find_in(gw_global_options, name, len);
}

static const gw_option *find_letter(const parser *p, char letter)
{
    const gw_option *lists[] = {p->out->command ? p->out->command->options : NULL,
                                gw_global_options};
    for (size_t i = 0; i < 2; i++)
        for (const gw_option *o = lists[i]; o && o->name; o++)
            if (o->letter == letter)
                return o;
    return NULL;
}

static const char *title(const parser *p)
{
    if (!p->out->command)
        return "godwit";
    if (p->out->parent)
        return gw_printf(p->arena, "godwit %s %s", p->out->parent->name, p->out->command->name);
    return gw_printf(p->arena, "godwit %s", p->out->command->name);
}

/* A command that has an option of this name, for one that was written in front of it. */
static const char *whose_option(const char *name, size_t len)
{
    for (const gw_command *const *c = gw_commands; *c; c++)
        if (find_in((*c)->options, name, len))
            return (*c)->name;
    return NULL;
}

static bool unknown_option(const parser *p, const char *name, size_t len, gw_err *err)
{
    char *typed = gw_strndup(p->arena, name, len);
    GW_VEC(const char *) names = {0};
    const gw_option *lists[] = {p->out->command ? p->out->command->options : NULL,
                                gw_global_options};
    for (size_t i = 0; i < 2; i++)
        for (const gw_option *o = lists[i]; o && o->name; o++)
            *gw_vec_push(p->arena, &names) = o->name;
    *gw_vec_push(p->arena, &names) = NULL;
    const char *near = gw_nearest(typed, names.items);
    const char *owner = p->out->command ? NULL : whose_option(name, len);
    gw_err_set(err, GW_ERR_USAGE, "%s has no option --%s", title(p), typed);
    if (owner)
        return gw_err_hint(err, "--%s stands after its command: godwit %s --%s", typed, owner,
                           typed);
    if (near)
        return gw_err_hint(err, "did you mean --%s?", near);
    return gw_err_hint(err, "%s --help lists them", title(p));
}

static bool check_choice(const gw_option *option, const char *text, gw_err *err)
{
    for (const char *const *c = option->choices; *c; c++)
        if (strcmp(*c, text) == 0)
            return true;
    gw_err_set(err, GW_ERR_USAGE, "--%s cannot be \"%s\"", option->name, text);
    const char *near = gw_nearest(text, option->choices);
    if (near)
        return gw_err_hint(err, "did you mean %s?", near);
    gw_arena *scratch = gw_arena_new();
    gw_buf list = GW_BUF(scratch);
    for (const char *const *c = option->choices; *c; c++)
        gw_buf_addf(&list, "%s%s", list.len ? ", " : "", *c);
    gw_err_hint(err, "it is one of %s", gw_buf_str(&list));
    gw_arena_free(scratch);
    return false;
}

bool gw_words_value(const gw_option *option, const char *text, gw_value *out, gw_err *err)
{
    gw_value value = {.option = option, .text = text};
    switch (option->type) {
    case GW_OPTION_COUNT: {
        char *end;
        errno = 0;
        long long number = strtoll(text, &end, 10);
        if (end == text || *end || errno || number < 1) {
            gw_err_set(err, GW_ERR_USAGE, "--%s needs a number from 1, not \"%s\"", option->name,
                       text);
            return false;
        }
        value.number = number;
        break;
    }
    case GW_OPTION_DURATION:
        if (!gw_duration_parse(text, &value.number)) {
            gw_err_set(err, GW_ERR_USAGE, "--%s needs a time, not \"%s\"", option->name, text);
            return gw_err_hint(err, "write 500ms, 30s, 5min or 1h");
        }
        break;
    case GW_OPTION_CHOICE:
        if (!check_choice(option, text, err))
            return false;
        break;
    case GW_OPTION_TEXT:
    case GW_OPTION_FLAG:
        break;
    }
    *out = value;
    return true;
}

static bool take_value(parser *p, const gw_option *option, const char *text, gw_err *err)
{
    gw_value value;
    if (!gw_words_value(option, text, &value, err))
        return false;
    *gw_vec_push(p->arena, &p->values) = value;
    return true;
}

static bool next_value(parser *p, const gw_option *option, const char *shown, gw_err *err)
{
    if (p->at + 1 >= p->argc) {
        gw_err_set(err, GW_ERR_USAGE, "%s needs a value", shown);
        return gw_err_hint(err, "%s %s: %s", shown, option->value, option->help);
    }
    return take_value(p, option, p->argv[++p->at], err);
}

static bool long_option(parser *p, const char *word, gw_err *err)
{
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    const gw_option *option = find_option(p, name, len);
    if (!option)
        return unknown_option(p, name, len, err);
    if (option->type == GW_OPTION_FLAG) {
        if (equals)
            return gw_err_set(err, GW_ERR_USAGE, "--%s takes no value", option->name);
        return take_value(p, option, "", err);
    }
    if (equals)
        return take_value(p, option, equals + 1, err);
    return next_value(p, option, gw_printf(p->arena, "--%s", option->name), err);
}

static bool short_options(parser *p, const char *word, gw_err *err)
{
    for (const char *c = word + 1; *c; c++) {
        const gw_option *option = find_letter(p, *c);
        if (!option) {
            gw_err_set(err, GW_ERR_USAGE, "%s has no option -%c", title(p), *c);
            return gw_err_hint(err, "%s --help lists them", title(p));
        }
        if (option->type == GW_OPTION_FLAG) {
            if (!take_value(p, option, "", err))
                return false;
            continue;
        }
        if (c[1])
            return take_value(p, option, c + 1, err);
        return next_value(p, option, gw_printf(p->arena, "-%c", *c), err);
    }
    return true;
}

/* ---- words that are no options --------------------------------------------------------- */

static const gw_command *find_command(const gw_command *const *list, const char *name)
{
    for (; list && *list; list++)
        if (strcmp((*list)->name, name) == 0)
            return *list;
    return NULL;
}

/* A word to be quoted back: it may be a connection string that lost its --url. */
static const char *shown(const parser *p, const char *word)
{
    bool secret = strstr(word, "://") || strstr(word, "password");
    return secret ? gw_conninfo_redacted(p->arena, word) : word;
}

static bool unknown_command(parser *p, const gw_command *const *list, const char *typed,
                            gw_err *err)
{
    GW_VEC(const char *) names = {0};
    for (const gw_command *const *c = list; *c; c++)
        *gw_vec_push(p->arena, &names) = (*c)->name;
    *gw_vec_push(p->arena, &names) = NULL;
    bool top = list == gw_commands;
    const char *near = top ? elsewhere(typed) : NULL;
    if (!near)
        near = gw_nearest(typed, names.items);
    gw_err_set(err, GW_ERR_USAGE, "unknown command \"%s%s%s\"", top ? "" : p->out->command->name,
               top ? "" : " ", shown(p, typed));
    if (strstr(typed, "://"))
        return gw_err_hint(err, "a database is named by --url URL");
    if (near)
        return gw_err_hint(err, "did you mean %s %s?", title(p), near);
    return gw_err_hint(err, "%s --help lists the commands", title(p));
}

/* More words may come than this command takes: the last place takes many, or none is left. */
static bool accept_argument(parser *p, const char *word, gw_err *err)
{
    const gw_argument *place = p->out->command->arguments;
    for (size_t i = 0; place && place->name && !place->many && i < p->arguments.len; i++)
        place++;
    if (!place || !place->name) {
        gw_err_set(err, GW_ERR_USAGE, "%s does not take \"%s\"", title(p), shown(p, word));
        return gw_err_hint(err, "%s --help shows what it takes", title(p));
    }
    if (place->choices) {
        bool known = false;
        for (const char *const *c = place->choices; *c; c++)
            known = known || strcmp(*c, word) == 0;
        if (!known) {
            gw_err_set(err, GW_ERR_USAGE, "%s does not know \"%s\"", title(p), shown(p, word));
            const char *near = gw_nearest(word, place->choices);
            return near ? gw_err_hint(err, "did you mean %s?", near)
                        : gw_err_hint(err, "%s --help shows what it takes", title(p));
        }
    }
    *gw_vec_push(p->arena, &p->arguments) = word;
    return true;
}

static bool plain_word(parser *p, const char *word, gw_err *err)
{
    gw_words *out = p->out;
    const gw_command *const *list = out->command ? out->command->subcommands : gw_commands;
    if (!list)
        return accept_argument(p, word, err);
    const gw_command *found = find_command(list, word);
    if (!found)
        return unknown_command(p, list, word, err);
    out->parent = out->command;
    out->command = found;
    return true;
}

static bool help_or_version(const gw_words *words)
{
    return gw_words_find(words, "help") || gw_words_find(words, "version");
}

/* Everything that the command cannot do without. */
static bool complete(parser *p, gw_err *err)
{
    const gw_command *command = p->out->command;
    if (!command || help_or_version(p->out))
        return true;
    if (command->subcommands) {
        gw_err_set(err, GW_ERR_USAGE, "%s needs a command of its own", title(p));
        gw_buf list = GW_BUF(p->arena);
        for (const gw_command *const *c = command->subcommands; *c; c++)
            gw_buf_addf(&list, "%s%s", list.len ? ", " : "", (*c)->name);
        return gw_err_hint(err, "it is one of %s", gw_buf_str(&list));
    }
    size_t given = p->arguments.len, i = 0;
    for (const gw_argument *a = command->arguments; a && a->name; a++, i++)
        if (a->required && i >= given) {
            gw_err_set(err, GW_ERR_USAGE, "%s needs %s", title(p), a->name);
            return gw_err_hint(err, "%s: %s", a->name, a->help);
        }
    return true;
}

static bool parse_all(parser *p, gw_err *err)
{
    for (p->at = 1; p->at < p->argc; p->at++) {
        const char *word = p->argv[p->at];
        bool ok;
        if (p->only_arguments || word[0] != '-' || word[1] == '\0') {
            ok = plain_word(p, word, err);
        } else if (strcmp(word, "--") == 0) {
            p->only_arguments = true;
            ok = true;
        } else if (word[1] == '-') {
            ok = long_option(p, word, err);
        } else {
            ok = short_options(p, word, err);
        }
        if (!ok)
            return false;
    }
    return true;
}

bool gw_words_parse(gw_arena *arena, int argc, char **argv, gw_words *out, gw_err *err)
{
    parser p = {.arena = arena, .argc = argc, .argv = argv, .out = out};
    *out = (gw_words){0};
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        out->json = out->json || strcmp(argv[i], "--json") == 0;
    bool ok = parse_all(&p, err);
    out->values = p.values.items;
    out->value_count = p.values.len;
    out->arguments = p.arguments.items;
    out->argument_count = p.arguments.len;
    return ok && complete(&p, err);
}

const gw_value *gw_words_find(const gw_words *words, const char *name)
{
    for (size_t i = words->value_count; i > 0; i--)
        if (strcmp(words->values[i - 1].option->name, name) == 0)
            return &words->values[i - 1];
    return NULL;
}

/* ---- for the commands ------------------------------------------------------------------ */

bool gw_flag(const gw_invocation *invocation, const char *name)
{
    return gw_words_find(&invocation->words, name) != NULL;
}

const char *gw_option_text(const gw_invocation *invocation, const char *name)
{
    const gw_value *value = gw_words_find(&invocation->words, name);
    return value ? value->text : NULL;
}

int64_t gw_option_number(const gw_invocation *invocation, const char *name, int64_t otherwise)
{
    const gw_value *value = gw_words_find(&invocation->words, name);
    return value ? value->number : otherwise;
}

const char *gw_argument_text(const gw_invocation *invocation, size_t index)
{
    return index < invocation->words.argument_count ? invocation->words.arguments[index] : NULL;
}
