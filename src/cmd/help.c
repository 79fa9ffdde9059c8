/* Help, the man page and the reference, all from the table. */
#include <string.h>

#include "base/build.h"
#include "cmd/commands.h"
#include "cmd/term.h"

enum { WIDTH = 80 };

static const char about[] =
    "Godwit takes a PostgreSQL database from where it is to where it should be, one migration "
    "after another, and shows at every moment how far it has got.";

static const struct {
    int code;
    const char *meaning;
} exits[] = {
    {0, "done; nothing to say against it"},
    {1, "the operation failed; nothing is half-done: it was rolled back, or can be resumed and "
        "the error says so"},
    {2, "wrong usage or configuration"},
    {3, "a check found something: pending, modified, missing or failed migrations; --wait-for "
        "ran out of time"},
    {4, "could not connect, or the connection was lost and retries ran out"},
    {5, "refused for safety; the error names what allows it"},
    {6, "interrupted; the same command goes on from there"},
    {7, "busy: another run holds the lock and --wait ran out"},
};

static const struct {
    const char *name, *meaning;
} variables[] = {
    {"DATABASE_URL", "the database, where neither --url nor GODWIT_URL nor --env says otherwise"},
    {"GODWIT_URL", "the database, as --url"},
    {"GODWIT_ENV", "the environment, as --env"},
    {"GODWIT_CONFIG", "the configuration file, as --config"},
    {"GODWIT_ACTOR", "who acts, as written into the history; else the user of the system"},
    {"GODWIT_LOG_FORMAT", "text or json, as --log-format"},
    {"GODWIT_LOCK_TIMEOUT, GODWIT_STATEMENT_TIMEOUT, GODWIT_WAIT",
     "the settings of that name in godwit.yaml"},
    {"GODWIT_PG_BINDIR", "the PostgreSQL programs that the embedded server is made from"},
    {"PGHOST, PGPORT, PGUSER, PGSERVICE, PGPASSFILE …", "as for every libpq program"},
    {"NO_COLOR", "no colours"},
    {"OTEL_EXPORTER_OTLP_ENDPOINT", "where logs and spans are sent (OTLP over HTTP, JSON); "
                                    "OTEL_EXPORTER_OTLP_HEADERS and OTEL_SERVICE_NAME go with it"},
};

/* ---- text ------------------------------------------------------------------------------ */

/* Words of one paragraph between two margins; the cursor stands at column `at`. */
static void wrap(gw_buf *buf, const char *text, size_t len, size_t indent, size_t at)
{
    const char *end = text + len;
    bool first = true;
    while (text < end) {
        while (text < end && *text == ' ')
            text++;
        const char *word = text;
        while (text < end && *text != ' ')
            text++;
        size_t bytes = (size_t)(text - word);
        if (bytes == 0)
            break;
        gw_arena *scratch = gw_arena_new();
        size_t columns = gw_text_columns(gw_strndup(scratch, word, bytes));
        gw_arena_free(scratch);
        if (!first && at + 1 + columns > WIDTH) {
            gw_buf_addf(buf, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            gw_buf_addc(buf, ' ');
            at++;
        }
        gw_buf_addn(buf, word, bytes);
        at += columns;
        first = false;
    }
    gw_buf_addc(buf, '\n');
}

/* Paragraphs are lines of the text; a line that begins with two spaces stands as it is. */
static void paragraphs(gw_buf *buf, const char *text)
{
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        if (strncmp(text, "  ", 2) == 0)
            gw_buf_addf(buf, "%.*s\n", (int)len, text);
        else
            wrap(buf, text, len, 0, 0);
        text += len;
        if (*text == '\n')
            text++;
    }
}

static void entry(gw_buf *buf, const char *left, size_t column, const char *right)
{
    gw_buf_addf(buf, "  %s", left);
    size_t at = 2 + gw_text_columns(left);
    if (at + 2 > column) {
        gw_buf_addc(buf, '\n');
        at = 0;
    }
    gw_buf_addf(buf, "%*s", (int)(column - at), "");
    wrap(buf, right, strlen(right), column, column);
}

static char *option_label(gw_arena *arena, const gw_option *o)
{
    gw_buf buf = GW_BUF(arena);
    if (o->letter)
        gw_buf_addf(&buf, "-%c, ", o->letter);
    gw_buf_addf(&buf, "--%s", o->name);
    if (o->value)
        gw_buf_addf(&buf, " %s", o->value);
    return gw_strdup(arena, gw_buf_str(&buf));
}

static void argument_label(gw_buf *buf, const gw_argument *a)
{
    gw_buf_addf(buf, "%s%s%s%s", a->required ? "" : "[", a->name, a->many ? " …" : "",
                a->required ? "" : "]");
}

void gw_help_usage(gw_buf *buf, const gw_command *parent, const gw_command *command)
{
    gw_buf_addf(buf, "godwit %s%s%s", parent ? parent->name : "", parent ? " " : "", command->name);
    if (command->subcommands)
        gw_buf_add(buf, " COMMAND");
    for (const gw_option *o = command->options; o && o->name; o++)
        gw_buf_addf(buf, o->value ? " [--%s %s]" : " [--%s]", o->name, o->value);
    for (const gw_argument *a = command->arguments; a && a->name; a++) {
        gw_buf_addc(buf, ' ');
        argument_label(buf, a);
    }
}

static void options_section(gw_buf *buf, const char *title, const gw_option *options)
{
    if (!options || !options->name)
        return;
    gw_buf_addf(buf, "\n%s\n", title);
    for (const gw_option *o = options; o->name; o++)
        entry(buf, option_label(buf->arena, o), 24, o->help);
}

static void usage_lines(gw_buf *buf, const gw_command *parent, const gw_command *command)
{
    gw_buf usage = GW_BUF(buf->arena);
    gw_help_usage(&usage, parent, command);
    gw_buf_add(buf, "usage: ");
    wrap(buf, gw_buf_str(&usage), usage.len, 9, 7);
}

void gw_help_command(gw_buf *buf, const gw_command *parent, const gw_command *command)
{
    gw_buf_addf(buf, "godwit %s%s%s - %s\n\n", parent ? parent->name : "", parent ? " " : "",
                command->name, command->summary);
    usage_lines(buf, parent, command);
    if (command->text) {
        gw_buf_addc(buf, '\n');
        paragraphs(buf, command->text);
    }
    if (command->subcommands) {
        gw_buf_add(buf, "\nCommands:\n");
        for (const gw_command *const *c = command->subcommands; *c; c++)
            entry(buf, (*c)->name, 14, (*c)->summary);
    }
    if (command->arguments && command->arguments->name) {
        gw_buf_add(buf, "\nArguments:\n");
        for (const gw_argument *a = command->arguments; a->name; a++)
            entry(buf, a->name, 24, a->help);
    }
    options_section(buf, "Options:", command->options);
    if (command->examples) {
        gw_buf_add(buf, "\nExamples:\n");
        for (const char *line = command->examples; *line;) {
            size_t len = strcspn(line, "\n");
            gw_buf_addf(buf, "  %.*s\n", (int)len, line);
            line += len + (line[len] == '\n');
        }
    }
    gw_buf_add(buf, "\nOptions that every command has: godwit help\n");
}

void gw_help_overview(gw_buf *buf)
{
    gw_buf_add(buf, "usage: godwit [OPTION …] COMMAND …\n\n");
    wrap(buf, about, strlen(about), 0, 0);
    gw_buf_add(buf, "\nCommands (godwit COMMAND --help explains each):\n");
    for (const gw_command *const *c = gw_commands; *c; c++)
        entry(buf, (*c)->name, 14, (*c)->summary);
    options_section(buf, "Options of every command, before or after it:", gw_global_options);
    gw_buf_add(buf, "\nExit codes:\n");
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
        entry(buf, gw_printf(buf->arena, "%d", exits[i].code), 6, exits[i].meaning);
}

/* ---- man ------------------------------------------------------------------------------- */

/* A backslash is an escape for troff, a hyphen may be set as a dash, a dot in front a request. */
static void troff(gw_buf *buf, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            gw_buf_add(buf, "\\&");
        start = *text == '\n';
        if (*text == '\\')
            gw_buf_add(buf, "\\e");
        else if (*text == '-')
            gw_buf_add(buf, "\\-");
        else
            gw_buf_addc(buf, *text);
    }
}

static void man_entry(gw_buf *buf, const char *label, const char *text)
{
    gw_buf_add(buf, ".TP\n.B ");
    troff(buf, label);
    gw_buf_addc(buf, '\n');
    troff(buf, text);
    gw_buf_addc(buf, '\n');
}

static void man_text(gw_buf *buf, const char *text)
{
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        bool as_is = strncmp(text, "  ", 2) == 0;
        gw_buf_add(buf, as_is ? ".br\n" : ".PP\n");
        const char *from = as_is ? text + 2 : text;
        if (len > 0)
            troff(buf, gw_strndup(buf->arena, from, len - (size_t)(from - text)));
        gw_buf_addc(buf, '\n');
        text += len + (text[len] == '\n');
    }
}

static void man_command(gw_buf *buf, const gw_command *parent, const gw_command *command)
{
    gw_buf usage = GW_BUF(buf->arena);
    gw_help_usage(&usage, parent, command);
    gw_buf_add(buf, ".SS ");
    troff(buf, gw_buf_str(&usage));
    gw_buf_addc(buf, '\n');
    gw_buf sentence = GW_BUF(buf->arena);
    gw_buf_addf(&sentence, "%s.", command->summary);
    if (sentence.data[0] >= 'a' && sentence.data[0] <= 'z')
        sentence.data[0] = (char)(sentence.data[0] - 'a' + 'A');
    troff(buf, sentence.data);
    gw_buf_addc(buf, '\n');
    man_text(buf, command->text);
    for (const gw_argument *a = command->arguments; a && a->name; a++)
        man_entry(buf, a->name, a->help);
    for (const gw_option *o = command->options; o && o->name; o++)
        man_entry(buf, option_label(buf->arena, o), o->help);
    if (command->examples) {
        gw_buf_add(buf, ".PP\n.nf\n.RS\n");
        troff(buf, command->examples);
        gw_buf_add(buf, "\n.RE\n.fi\n");
    }
    for (const gw_command *const *c = command->subcommands; c && *c; c++)
        man_command(buf, command, *c);
}

void gw_help_man(gw_buf *buf)
{
    gw_buf_add(buf, ".TH GODWIT 1 \"\" \"Godwit " GW_VERSION "\" \"User Commands\"\n"
                    ".SH NAME\ngodwit \\- migrate a PostgreSQL database\n"
                    ".SH SYNOPSIS\n.B godwit\n[\\fIOPTION\\fR ...] \\fICOMMAND\\fR ...\n"
                    ".SH DESCRIPTION\n");
    troff(buf, about);
    gw_buf_add(buf, "\n.SH OPTIONS\nThey stand before or after the command.\n");
    for (const gw_option *o = gw_global_options; o->name; o++)
        man_entry(buf, option_label(buf->arena, o), o->help);
    gw_buf_add(buf, ".SH COMMANDS\n");
    for (const gw_command *const *c = gw_commands; *c; c++)
        man_command(buf, NULL, *c);
    gw_buf_add(buf, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
        man_entry(buf, gw_printf(buf->arena, "%d", exits[i].code), exits[i].meaning);
    gw_buf_add(buf, ".SH ENVIRONMENT\n");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        man_entry(buf, variables[i].name, variables[i].meaning);
    gw_buf_add(buf, ".SH FILES\n");
    man_entry(buf, "godwit.yaml", "the project: its folders of migrations, its environments");
    man_entry(buf, ".env", "variables beside godwit.yaml, weaker than those of the environment");
    man_entry(buf, ".godwit/", "the embedded server");
    gw_buf_add(buf, ".SH SEE ALSO\n.BR psql (1),\n.BR pg_dump (1)\n");
}

/* ---- Markdown -------------------------------------------------------------------------- */

static void md_text(gw_buf *buf, const char *text)
{
    bool code = false;
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        bool as_is = strncmp(text, "  ", 2) == 0;
        if (as_is != code)
            gw_buf_add(buf, as_is ? "\n```text\n" : "```\n");
        code = as_is;
        if (as_is)
            gw_buf_addf(buf, "%.*s\n", (int)len - 2, text + 2);
        else if (len > 0)
            gw_buf_addf(buf, "\n%.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
    if (code)
        gw_buf_add(buf, "```\n");
}

/* A bar would end the cell. */
static void md_cell(gw_buf *buf, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            gw_buf_addc(buf, '\\');
        gw_buf_addc(buf, *text);
    }
}

static void md_options(gw_buf *buf, const gw_option *options)
{
    gw_buf_add(buf, "\n| option | |\n|---|---|\n");
    for (const gw_option *o = options; o->name; o++) {
        gw_buf_addf(buf, "| `%s` | ", option_label(buf->arena, o));
        md_cell(buf, o->help);
        gw_buf_add(buf, " |\n");
    }
}

static void md_command(gw_buf *buf, const gw_command *parent, const gw_command *command)
{
    gw_buf_addf(buf, "\n%s godwit %s%s%s\n\n", parent ? "###" : "##", parent ? parent->name : "",
                parent ? " " : "", command->name);
    gw_buf_addf(buf, "%s.\n\n```text\n", command->summary);
    gw_help_usage(buf, parent, command);
    gw_buf_add(buf, "\n```\n");
    md_text(buf, command->text);
    if (command->arguments && command->arguments->name) {
        gw_buf_add(buf, "\n| argument | |\n|---|---|\n");
        for (const gw_argument *a = command->arguments; a->name; a++) {
            gw_buf_addf(buf, "| `%s` | ", a->name);
            md_cell(buf, a->help);
            gw_buf_add(buf, " |\n");
        }
    }
    if (command->options && command->options->name)
        md_options(buf, command->options);
    if (command->examples)
        gw_buf_addf(buf, "\n```sh\n%s\n```\n", command->examples);
    for (const gw_command *const *c = command->subcommands; c && *c; c++)
        md_command(buf, command, *c);
}

void gw_help_markdown(gw_buf *buf)
{
    gw_buf_add(buf,
               "# Commands\n\n<!-- Made by `godwit help --markdown`; a test compares. -->\n\n");
    gw_buf_addf(buf, "%s\n\n```text\ngodwit [OPTION …] COMMAND …\n```\n", about);
    gw_buf_add(buf, "\nOptions of every command, before or after it:\n");
    md_options(buf, gw_global_options);
    gw_buf_add(buf, "\n| exit | meaning |\n|---|---|\n");
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
        gw_buf_addf(buf, "| %d | %s |\n", exits[i].code, exits[i].meaning);
    gw_buf_add(buf, "\n| variable | |\n|---|---|\n");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        gw_buf_addf(buf, "| `%s` | %s |\n", variables[i].name, variables[i].meaning);
    for (const gw_command *const *c = gw_commands; *c; c++)
        md_command(buf, NULL, *c);
}
