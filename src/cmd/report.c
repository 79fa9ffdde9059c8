#include "cmd/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cmd/commands.h"
#include "cmd/term.h"

int gw_exit_code(gw_err_kind kind)
{
    switch (kind) {
    case GW_OK:
        return GW_EXIT_OK;
    case GW_ERR_USAGE:
    case GW_ERR_CONFIG:
        return GW_EXIT_USAGE;
    case GW_ERR_CHECK:
        return GW_EXIT_CHECK;
    case GW_ERR_CONNECT:
    case GW_ERR_LOST:
        return GW_EXIT_CONNECT;
    case GW_ERR_REFUSED:
        return GW_EXIT_REFUSED;
    case GW_ERR_INTERRUPTED:
        return GW_EXIT_INTERRUPTED;
    case GW_ERR_BUSY:
        return GW_EXIT_BUSY;
    case GW_ERR_INTERNAL:
    case GW_ERR_INPUT:
    case GW_ERR_IO:
    case GW_ERR_SQL:
    case GW_ERR_RETRYABLE:
    case GW_ERR_LOCK:
    case GW_ERR_CANCELED:
    case GW_ERR_PRIVILEGE:
    case GW_ERR_STATE:
    case GW_ERR_UNSUPPORTED:
        return GW_EXIT_FAILED;
    }
    return GW_EXIT_FAILED;
}

/* ---- the line and its caret ------------------------------------------------------------ */

enum {
    SHOWN_BYTES = 1 << 20, /* a line longer than this is not shown */
    SHOWN_COLUMNS = 100,   /* of a long line: a window around the caret */
};

/* A file whose line is wanted may have any size: it is read line by line. */
static char *read_line(gw_arena *arena, const char *path, unsigned number)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return NULL;
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    gw_buf text = GW_BUF(arena);
    unsigned at = 1;
    int c;
    while ((c = getc_unlocked(file)) != EOF && at <= number && text.len < SHOWN_BYTES) {
        if (c == '\n')
            at++;
        else if (at == number && c != '\r')
            gw_buf_addc(&text, c == '\t' ? ' ' : (char)c);
    }
    fclose(file);
    bool shown = text.len > 0 && text.len < SHOWN_BYTES && gw_utf8_check(text.data, text.len) == 0;
    return shown ? gw_text_safe(arena, text.data) : NULL;
}

/* Byte offset of the character with this number, from 1. */
static size_t offset_of(const char *text, unsigned col)
{
    size_t at = 0;
    for (unsigned seen = 1; text[at] && seen < col; seen++)
        do
            at++;
        while (((unsigned char)text[at] & 0xc0) == 0x80);
    return at;
}

/* Cut a long line to a window that holds `at`; the bytes cut off in front are returned. */
static size_t window(char **line, size_t at)
{
    if (gw_text_columns(*line) <= SHOWN_COLUMNS)
        return 0;
    size_t front = 0;
    if (at > SHOWN_COLUMNS / 2) {
        front = at - SHOWN_COLUMNS / 2;
        while (((unsigned char)(*line)[front] & 0xc0) == 0x80)
            front++;
    }
    *line += front;
    (*line)[gw_text_clip(*line, SHOWN_COLUMNS)] = '\0';
    return front;
}

void gw_report_line(gw_buf *buf, const char *path, unsigned line, unsigned col, bool color)
{
    if (line == 0)
        return;
    gw_arena *scratch = gw_arena_new();
    char *text = read_line(scratch, path, line);
    if (text) {
        size_t at = offset_of(text, col);
        size_t cut = window(&text, at);
        at -= cut;
        char *before = gw_strndup(scratch, text, at);
        char *number = gw_printf(scratch, "%u", line);
        int gutter = (int)strlen(number) + 1;
        gw_style_add(buf, color, GW_STYLE_DIM, gw_printf(scratch, " %s | ", number));
        gw_buf_addf(buf, "%s%s\n", cut ? "…" : "", text);
        if (col > 0) {
            gw_style_add(buf, color, GW_STYLE_DIM, gw_printf(scratch, " %*s| ", gutter, ""));
            int indent = (int)gw_text_columns(before) + (cut ? 1 : 0);
            gw_buf_addf(buf, "%*s", indent, "");
            gw_style_add(buf, color, GW_STYLE_RED, "^");
            gw_buf_addc(buf, '\n');
        }
    }
    gw_arena_free(scratch);
}

/* ---- the whole error ------------------------------------------------------------------- */

/* "label: text", later lines indented under the first. */
static void labelled(gw_buf *buf, bool color, gw_style style, const char *label, const char *text)
{
    gw_arena *scratch = gw_arena_new();
    char *safe = gw_text_safe(scratch, text);
    size_t len = strlen(safe);
    while (len > 0 && safe[len - 1] == '\n')
        safe[--len] = '\0';
    gw_style_add(buf, color, style, label);
    gw_buf_addc(buf, ' ');
    int indent = (int)strlen(label) + 1;
    for (const char *c = safe; *c; c++) {
        gw_buf_addc(buf, *c);
        if (*c == '\n')
            gw_buf_addf(buf, "%*s", indent, "");
    }
    gw_buf_addc(buf, '\n');
    gw_arena_free(scratch);
}

static char *place(gw_arena *arena, const gw_err *err, const char *file)
{
    if (!file)
        return NULL;
    if (err->line == 0)
        return gw_strdup(arena, file);
    if (err->col == 0)
        return gw_printf(arena, "%s:%u", file, err->line);
    return gw_printf(arena, "%s:%u:%u", file, err->line, err->col);
}

/* The name of one of Godwit's own ("control/history_read"): what was being done says more. */
static bool is_own_statement(const char *text)
{
    return strchr(text, '/') && !text[strcspn(text, " \t\r\n(;")];
}

void gw_report_text(gw_buf *buf, const gw_err *err, const char *dir, bool color)
{
    gw_arena *scratch = gw_arena_new();
    const char *message = err->message ? err->message : "no message";
    if (err->sqlstate[0])
        message = gw_printf(scratch, "%s (SQLSTATE %s)", message, err->sqlstate);
    labelled(buf, color, GW_STYLE_RED, "error:", message);
    if (err->detail)
        labelled(buf, color, GW_STYLE_BOLD, "detail:", err->detail);
    if (err->hint)
        labelled(buf, color, GW_STYLE_BOLD, "hint:", err->hint);
    char *where = place(scratch, err, gw_path_from_here(err->file));
    if (where) {
        labelled(buf, color, GW_STYLE_BOLD, "at:", where);
        const char *path = dir ? gw_path_join(scratch, dir, err->file) : err->file;
        if (dir && !gw_file_exists(path))
            path = err->file;
        gw_report_line(buf, path, err->line, err->col, color);
    } else if (err->statement && err->kind != GW_ERR_INTERNAL &&
               !is_own_statement(err->statement)) {
        labelled(buf, color, GW_STYLE_BOLD, "statement:", err->statement);
    }
    for (size_t i = 0; i < err->context_count; i++)
        labelled(buf, color, GW_STYLE_DIM, "while:",
                 err->contexts[i] + (strncmp(err->contexts[i], "while ", 6) == 0 ? 6 : 0));
    if (err->kind == GW_ERR_INTERNAL) {
        if (err->statement)
            labelled(buf, color, GW_STYLE_BOLD, "statement:", err->statement);
        gw_buf_add(buf, "This is a bug in Godwit: please report it with the lines above.\n");
    }
    gw_arena_free(scratch);
}

/* The contract has no key for what was being done: it goes with the detail. */
static const char *detail_with_contexts(gw_arena *arena, const gw_err *err)
{
    if (!err->context_count)
        return err->detail;
    gw_buf text = GW_BUF(arena);
    gw_buf_add(&text, err->detail ? err->detail : "");
    for (size_t i = 0; i < err->context_count; i++)
        gw_buf_addf(&text, "%s%s", text.len ? "\n" : "", err->contexts[i]);
    return gw_buf_str(&text);
}

void gw_report_json(gw_json *json, const char *key, const gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_json_open(json, key, '{');
    gw_json_string(json, "kind", gw_err_kind_name(err->kind));
    gw_json_string(json, "message", err->message);
    gw_json_string(json, "detail", detail_with_contexts(scratch, err));
    gw_json_string(json, "hint", err->hint);
    gw_json_string(json, "sqlstate", err->sqlstate[0] ? err->sqlstate : NULL);
    gw_json_string(json, "where", place(scratch, err, gw_path_from_here(err->file)));
    gw_json_close(json, '}');
    gw_arena_free(scratch);
}
