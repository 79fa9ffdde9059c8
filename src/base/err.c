#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

__attribute__((format(printf, 1, 0))) static char *format_text(const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0 || !text)
        gw_out_of_memory(strlen(format));
    return text;
}

static void replace(char **slot, char *text)
{
    free(*slot);
    *slot = text;
}

bool gw_err_set(gw_err *err, gw_err_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);
    gw_err_clear(err);
    err->kind = kind;
    err->message = text;
    return false;
}

bool gw_err_detail(gw_err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    replace(&err->detail, format_text(format, args));
    va_end(args);
    return false;
}

bool gw_err_hint(gw_err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    replace(&err->hint, format_text(format, args));
    va_end(args);
    return false;
}

bool gw_err_object(gw_err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    replace(&err->object, format_text(format, args));
    va_end(args);
    return false;
}

bool gw_err_context(gw_err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);
    char **grown = realloc(err->contexts, (err->context_count + 1) * sizeof *grown);
    if (!grown)
        gw_out_of_memory((err->context_count + 1) * sizeof *grown);
    grown[err->context_count++] = text;
    err->contexts = grown;
    return false;
}

static char *copy_text(const char *text, size_t len)
{
    char *copy = strndup(text, len);
    if (!copy)
        gw_out_of_memory(len);
    return copy;
}

bool gw_err_at(gw_err *err, const char *file, unsigned line, unsigned col)
{
    char *copy = file ? copy_text(file, strlen(file)) : NULL;
    replace(&err->file, copy);
    err->line = line;
    err->col = col;
    return false;
}

bool gw_err_statement(gw_err *err, const char *text, size_t len)
{
    enum { SHOWN = 400 };
    char *copy;
    if (len <= SHOWN) {
        copy = copy_text(text, len);
    } else {
        len = SHOWN;
        while (len > SHOWN - 4 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--; /* not inside a character */
        if (asprintf(&copy, "%.*s…", (int)len, text) < 0)
            gw_out_of_memory(len);
    }
    replace(&err->statement, copy);
    return false;
}

bool gw_err_errno(gw_err *err, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);
    gw_err_clear(err);
    err->kind = GW_ERR_IO;
    err->message = text;
    gw_err_detail(err, "%s", strerror(code));
    if (code == ENOSPC || code == EDQUOT)
        gw_err_hint(err, "make room on that disk, then run the same command again");
    else if (code == ENOENT)
        gw_err_hint(err, "is the name right? If it is a link: does it lead anywhere?");
    else if (code == EACCES || code == EPERM)
        gw_err_hint(err, "let this user do that, or run it as one who may");
    return false;
}

void gw_err_clear(gw_err *err)
{
    free(err->message);
    free(err->detail);
    free(err->hint);
    free(err->statement);
    free(err->object);
    free(err->file);
    for (size_t i = 0; i < err->context_count; i++)
        free(err->contexts[i]);
    free(err->contexts);
    *err = (gw_err){0};
}

void gw_err_move(gw_err *to, gw_err *from)
{
    if (to == from)
        return;
    gw_err_clear(to);
    *to = *from;
    *from = (gw_err){0};
}

const char *gw_err_kind_name(gw_err_kind kind)
{
    static const char *const names[] = {
        [GW_OK] = "ok",
        [GW_ERR_INTERNAL] = "internal",
        [GW_ERR_USAGE] = "usage",
        [GW_ERR_CONFIG] = "config",
        [GW_ERR_INPUT] = "input",
        [GW_ERR_IO] = "io",
        [GW_ERR_CONNECT] = "connect",
        [GW_ERR_LOST] = "connection_lost",
        [GW_ERR_SQL] = "sql",
        [GW_ERR_RETRYABLE] = "retryable",
        [GW_ERR_LOCK] = "lock_timeout",
        [GW_ERR_CANCELED] = "canceled",
        [GW_ERR_PRIVILEGE] = "privilege",
        [GW_ERR_STATE] = "state",
        [GW_ERR_CHECK] = "check",
        [GW_ERR_REFUSED] = "refused",
        [GW_ERR_UNSUPPORTED] = "unsupported",
        [GW_ERR_INTERRUPTED] = "interrupted",
        [GW_ERR_BUSY] = "busy",
    };
    return (size_t)kind < sizeof names / sizeof *names && names[kind] ? names[kind] : "internal";
}

/*
 * The first match wins: whole codes stand before their class. What libpq fails to connect for has
 * no SQLSTATE; these are the codes of statements, so 3D000 (ALTER DATABASE) is just SQL.
 */
static const struct {
    const char *prefix;
    gw_err_kind kind;
} sqlstates[] = {
    {"08001", GW_ERR_CONNECT},   {"08004", GW_ERR_CONNECT},   {"25006", GW_ERR_PRIVILEGE},
    {"25P03", GW_ERR_LOST},      {"25P04", GW_ERR_LOST},      {"28000", GW_ERR_CONNECT},
    {"28P01", GW_ERR_CONNECT},   {"40001", GW_ERR_RETRYABLE}, {"40P01", GW_ERR_RETRYABLE},
    {"42501", GW_ERR_PRIVILEGE}, {"53300", GW_ERR_CONNECT},   {"55P03", GW_ERR_LOCK},
    {"57014", GW_ERR_CANCELED},  {"57P01", GW_ERR_LOST},      {"57P02", GW_ERR_LOST},
    {"57P03", GW_ERR_CONNECT},   {"57P04", GW_ERR_LOST},      {"57P05", GW_ERR_LOST},
    {"08", GW_ERR_LOST},
};

gw_err_kind gw_err_kind_of_sqlstate(const char *sqlstate)
{
    if (!sqlstate)
        return GW_ERR_SQL;
    for (size_t i = 0; i < sizeof sqlstates / sizeof *sqlstates; i++)
        if (strncmp(sqlstate, sqlstates[i].prefix, strlen(sqlstates[i].prefix)) == 0)
            return sqlstates[i].kind;
    return GW_ERR_SQL;
}
