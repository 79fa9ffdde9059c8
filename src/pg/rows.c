/* Rows decoded by declared columns. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/query.h"

/* Fixed since PostgreSQL's beginnings (pg_type.dat). */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_OID = 26,
    OID_TIMESTAMPTZ = 1184
};

static const char *const type_names[] = {
    [GW_COL_TEXT] = "text",        [GW_COL_INT] = "an integer", [GW_COL_BOOL] = "boolean",
    [GW_COL_TIME] = "timestamptz", [GW_COL_BYTES] = "bytea",
};

static bool type_fits(gw_col_type type, Oid oid)
{
    switch (type) {
    case GW_COL_TEXT:
        return true;
    case GW_COL_INT:
        return oid == OID_INT8 || oid == OID_INT4 || oid == OID_INT2 || oid == OID_OID;
    case GW_COL_BOOL:
        return oid == OID_BOOL;
    case GW_COL_TIME:
        return oid == OID_TIMESTAMPTZ;
    case GW_COL_BYTES:
        return oid == OID_BYTEA;
    }
    return false;
}

static bool problem(gw_err *err, const gw_result *result, const gw_col *col, const char *what)
{
    const char *name = result->statement ? result->statement : "";
    gw_err_set(err, GW_ERR_INTERNAL, "statement %s: column \"%s\" %s", name, col->name, what);
    return gw_err_statement(err, name, strlen(name));
}

static bool bind(const gw_result *result, const gw_col *cols, size_t count, int *bound, gw_err *err)
{
    int fields = PQnfields(result->pg);
    for (size_t i = 0; i < count; i++) {
        bound[i] = -1;
        for (int f = 0; f < fields && bound[i] < 0; f++)
            if (strcmp(PQfname(result->pg, f), cols[i].name) == 0)
                bound[i] = f;
        if (bound[i] < 0)
            return problem(err, result, &cols[i], "is missing");
        Oid oid = PQftype(result->pg, bound[i]);
        if (!type_fits(cols[i].type, oid)) {
            problem(err, result, &cols[i], "has another type than the one declared");
            return gw_err_detail(err, "declared as %s, the server sends type %u",
                                 type_names[cols[i].type], oid);
        }
    }
    return true;
}

static bool read_number(const char **p, size_t digits_min, size_t digits_max, int64_t *out)
{
    size_t len = strspn(*p, "0123456789");
    if (len < digits_min || len > digits_max)
        return false;
    *out = strtoll(*p, NULL, 10);
    *p += len;
    return true;
}

static bool read_char(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

/* Days since 1970-01-01 of a day in the proleptic Gregorian calendar, astronomical years. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* "+02", "-03:30", "+00:53:28": seconds east of UTC. */
static bool read_zone(const char **p, int64_t *east)
{
    int64_t h, m = 0, s = 0;
    int sign = **p == '-' ? -1 : 1;
    if (!read_char(p, '-') && !read_char(p, '+'))
        return false;
    if (!read_number(p, 2, 2, &h) || (read_char(p, ':') && !read_number(p, 2, 2, &m)) ||
        (read_char(p, ':') && !read_number(p, 2, 2, &s)))
        return false;
    *east = sign * (h * 3600 + m * 60 + s);
    return true;
}

static bool read_fraction(const char **p, int64_t *us)
{
    *us = 0;
    if (!read_char(p, '.'))
        return true;
    size_t len = strspn(*p, "0123456789");
    if (len == 0 || len > 6)
        return false;
    *us = strtoll(*p, NULL, 10);
    *p += len;
    for (size_t i = len; i < 6; i++)
        *us *= 10;
    return true;
}

/* DateStyle ISO, any TimeZone: "2026-11-21 01:43:28.00012+00", "0044-03-15 … BC", "infinity". */
static bool read_time(const char *text, int64_t *out)
{
    if (strcmp(text, "infinity") == 0 || strcmp(text, "-infinity") == 0) {
        *out = *text == '-' ? INT64_MIN + 1 : INT64_MAX;
        return true;
    }
    const char *p = text;
    int64_t year, month, day, hour, minute, second, us, east;
    if (!read_number(&p, 4, 6, &year) || !read_char(&p, '-') || !read_number(&p, 2, 2, &month) ||
        !read_char(&p, '-') || !read_number(&p, 2, 2, &day) || !read_char(&p, ' ') ||
        !read_number(&p, 2, 2, &hour) || !read_char(&p, ':') || !read_number(&p, 2, 2, &minute) ||
        !read_char(&p, ':') || !read_number(&p, 2, 2, &second) || !read_fraction(&p, &us) ||
        !read_zone(&p, &east))
        return false;
    if (strcmp(p, " BC") == 0)
        year = 1 - year;
    else if (*p)
        return false;
    int64_t seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - east;
    /* The server's last days lie past what microseconds since 1970 can hold. */
    if (__builtin_mul_overflow(seconds, 1000000, out) || __builtin_add_overflow(*out, us, out))
        *out = INT64_MAX - 1;
    return true;
}

static bool decode_bytes(gw_arena *arena, const char *text, gw_bytes *out)
{
    size_t len;
    unsigned char *plain = PQunescapeBytea((const unsigned char *)text, &len);
    if (!plain)
        return false;
    out->data = gw_memdup(arena, plain, len + 1); /* one more: an empty value is not NULL */
    out->len = len;
    PQfreemem(plain);
    return true;
}

static bool decode_value(gw_arena *arena, const gw_col *col, const char *text, void *slot)
{
    switch (col->type) {
    case GW_COL_TEXT:
        *(const char **)slot = text;
        return true;
    case GW_COL_INT: {
        char *end;
        errno = 0;
        *(int64_t *)slot = strtoll(text, &end, 10);
        return errno == 0 && end != text && !*end;
    }
    case GW_COL_BOOL:
        *(bool *)slot = *text == 't';
        return *text == 't' || *text == 'f';
    case GW_COL_TIME:
        return read_time(text, slot);
    case GW_COL_BYTES:
        return decode_bytes(arena, text, slot);
    }
    return false;
}

static void decode_null(const gw_col *col, void *slot)
{
    switch (col->type) {
    case GW_COL_TEXT:
        *(const char **)slot = NULL;
        break;
    case GW_COL_INT:
    case GW_COL_TIME:
        *(int64_t *)slot = GW_NULL_INT;
        break;
    case GW_COL_BOOL:
        *(bool *)slot = false;
        break;
    case GW_COL_BYTES:
        *(gw_bytes *)slot = (gw_bytes){0};
        break;
    }
}

static bool decode_row(gw_arena *arena, const gw_result *result, size_t number, const gw_col *cols,
                       const int *bound, size_t count, char *row, gw_err *err)
{
    for (size_t i = 0; i < count; i++) {
        void *slot = row + cols[i].offset;
        if (PQgetisnull(result->pg, (int)number, bound[i])) {
            if (cols[i].not_null)
                return problem(err, result, &cols[i], "is NULL and may not be");
            decode_null(&cols[i], slot);
            continue;
        }
        const char *text = PQgetvalue(result->pg, (int)number, bound[i]);
        if (!decode_value(arena, &cols[i], text, slot)) {
            problem(err, result, &cols[i], "has a value that cannot be read");
            return gw_err_detail(err, "\"%.60s\" is not read as %s", text,
                                 type_names[cols[i].type]);
        }
    }
    return true;
}

bool gw_rows(gw_arena *arena, const gw_result *result, const gw_col *cols, size_t col_count,
             size_t row_size, void **rows, gw_err *err)
{
    int *bound = gw_alloc_array(arena, col_count, sizeof *bound);
    if (!bind(result, cols, col_count, bound, err))
        return false;
    char *all = gw_alloc_array(arena, result->rows, row_size);
    for (size_t r = 0; r < result->rows; r++)
        if (!decode_row(arena, result, r, cols, bound, col_count, all + r * row_size, err))
            return false;
    *rows = all;
    return true;
}

bool gw_row(gw_arena *arena, const gw_result *result, const gw_col *cols, size_t col_count,
            void *row, gw_err *err)
{
    const char *name = result->statement ? result->statement : "";
    int *bound = gw_alloc_array(arena, col_count, sizeof *bound);
    if (!bind(result, cols, col_count, bound, err))
        return false;
    if (result->rows != 1) {
        gw_err_set(err, result->rows == 0 ? GW_ERR_STATE : GW_ERR_INTERNAL,
                   "statement %s: one row was expected, there are %zu", name, result->rows);
        return gw_err_statement(err, name, strlen(name));
    }
    return decode_row(arena, result, 0, cols, bound, col_count, row, err);
}
