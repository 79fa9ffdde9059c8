/* The pieces of a text, written out so that a test can compare them with what it expects. */
#ifndef GW_TESTS_UNIT_SQL_PIECES_H
#define GW_TESTS_UNIT_SQL_PIECES_H

#include "../base/unit.h"

#include "base/buf.h"
#include "sql/split.h"

/* Text in memory that comes `step` bytes at a time. */
typedef struct dripping {
    gw_sql_memory memory;
    size_t step;
    bool breakpoints; /* drizzle's */
} dripping;

static long drip(void *self, char *buf, size_t cap, gw_err *err)
{
    (void)err;
    dripping *d = self;
    size_t n = d->memory.len - d->memory.at;
    if (n > cap)
        n = cap;
    if (d->step && n > d->step)
        n = d->step;
    memcpy(buf, d->memory.data + d->memory.at, n);
    d->memory.at += n;
    return (long)n;
}

static gw_splitter *dripping_splitter(gw_arena *arena, dripping *d, const char *text, size_t len,
                                      size_t step)
{
    d->memory = (gw_sql_memory){.data = text, .len = len};
    d->step = step;
    gw_sql_input input = {
        .read = drip, .self = d, .file = "f.sql", .breakpoints = d->breakpoints};
    return gw_splitter_new(arena, &input);
}

/*
 * LINE:COL[statement] for a statement, followed by ";" if terminated, ">" if data follow;
 * <data> with chunks joined; "." for the end of the data; !LINE:COL message for an error.
 */
static char *written_out_of(gw_arena *arena, gw_splitter *s, const char *text)
{
    gw_buf out = GW_BUF(arena);
    gw_buf_add(&out, "");
    bool in_data = false;
    for (;;) {
        gw_piece p;
        gw_err err = {0};
        if (!gw_splitter_next(s, &p, &err)) {
            gw_buf_addf(&out, "%s!%u:%u %s", in_data ? ">" : "", err.line, err.col, err.message);
            assert_string_equal(err.file, "f.sql");
            assert_int_equal(err.kind, GW_ERR_INPUT);
            assert_non_null(err.hint);
            gw_err_clear(&err);
            return out.data;
        }
        if (p.kind == GW_PIECE_END)
            return out.data ? out.data : gw_strdup(arena, "");
        assert_int_equal(p.text[p.len], '\0');
        if (p.kind == GW_PIECE_STATEMENT) {
            assert_memory_equal(p.text, text + p.offset, p.len);
            gw_buf_addf(&out, "%u:%u[%s]%s%s", p.line, p.col, p.text, p.terminated ? ";" : "",
                        p.copy_in ? ">" : "");
        } else if (p.kind == GW_PIECE_COPY_DATA) {
            assert_memory_equal(p.text, text + p.offset, p.len);
            gw_buf_addf(&out, "%s%s", in_data ? "" : "<", p.text);
            in_data = true;
        } else {
            gw_buf_addf(&out, "%s.", in_data ? ">" : "");
            in_data = false;
        }
    }
}

static inline char *written_out(gw_arena *arena, const char *text, size_t len, size_t step,
                                bool standard)
{
    dripping d = {.breakpoints = false};
    gw_splitter *s = dripping_splitter(arena, &d, text, len, step);
    gw_splitter_standard_strings(s, standard);
    return written_out_of(arena, s, text);
}

#endif
