#include "care/copying.h"

#include "base/buf.h"
#include "sql/quote.h"

/* "a, b" of the key's columns. */
static const char *key_list(const gw_copying *c, gw_arena *arena, const char *behind)
{
    gw_buf buf = GW_BUF(arena);
    for (size_t i = 0; i < c->keys; i++)
        gw_buf_addf(&buf, "%s%s%s", i ? ", " : "", c->key[i], behind);
    return gw_buf_str(&buf);
}

/* A place's values (a parameter), each of its type. */
static const char *key_values(const gw_copying *c, gw_arena *arena, const char *parameter)
{
    gw_buf buf = GW_BUF(arena);
    for (size_t i = 0; i < c->keys; i++)
        gw_buf_addf(&buf, "%s(%s::pg_catalog.text[])[%zu]::%s", i ? ", " : "", parameter, i + 1, c->types[i]);
    return gw_buf_str(&buf);
}

static const char *where(const gw_copying *c, gw_arena *arena, const char *end)
{
    const char *conditions[3], *key = key_list(c, arena, "");
    size_t count = 0;
    gw_buf buf = GW_BUF(arena);
    if (c->which)
        conditions[count++] = c->which;
    if (c->place)
        conditions[count++] = gw_printf(arena, "(%s) > (%s)", key, key_values(c, arena, "$1"));
    if (end)
        conditions[count++] = gw_printf(arena, "(%s) <= (%s)", key, key_values(c, arena, end));
    for (size_t i = 0; i < count; i++)
        gw_buf_addf(&buf, "%s %s", i ? " AND" : " WHERE", conditions[i]);
    return count ? gw_buf_str(&buf) : "";
}

const char *gw_copy_end_sql(const gw_copying *c, gw_arena *arena)
{
    return gw_printf(arena, "SELECT ARRAY[%s]::pg_catalog.text AS place FROM ONLY %s%s ORDER BY %s OFFSET %d LIMIT 1",
                     key_list(c, arena, "::pg_catalog.text"), c->from, where(c, arena, NULL),
                     key_list(c, arena, ""), GW_COPY_BATCH - 1);
}

const char *gw_copy_rows_sql(const gw_copying *c, gw_arena *arena, bool bounded)
{
    return gw_printf(arena, "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM ONLY %s%s FOR SHARE "
                            "ON CONFLICT DO NOTHING",
                     c->into, c->columns, c->columns, c->from,
                     where(c, arena, !bounded ? NULL : c->place ? "$2" : "$1"));
}

bool gw_copy_see_all(gw_session *session, gw_err *err)
{
    return gw_exec(session, "SET LOCAL row_security = off", err);
}

static bool find_end(const gw_copying *c, gw_session *session, gw_arena *arena, const char **end,
                     gw_err *err)
{
    static const gw_col cols[] = {{"place", GW_COL_TEXT, true, 0}};
    gw_param param = gw_p_text(c->place);
    gw_result result;
    *end = "";
    return gw_query_text(session, arena, "copying/end", gw_copy_end_sql(c, arena), &param,
                         c->place ? 1 : 0, &result, err) &&
           (!result.rows || gw_row(arena, &result, cols, 1, (void *)end, err));
}

bool gw_copy_batch(gw_copying *c, gw_session *session, gw_arena *arena, int64_t *rows, gw_err *err)
{
    const char *end;
    gw_result result;
    /* A writer waits no longer for a batch than this one for writers. */
    if (!gw_exec(session, "SET LOCAL lock_timeout = '200ms'", err) || !gw_copy_see_all(session, err) ||
        !find_end(c, session, arena, &end, err))
        return false;
    const gw_param params[] = {gw_p_text(c->place), gw_p_text(*end ? end : NULL)};
    size_t count = (c->place ? 1U : 0U) + (*end ? 1U : 0U);
    const char *comment = gw_printf(arena, "%s%s%s", c->comment, end, c->comment_end);
    if (!gw_query_text(session, arena, "copying/rows", gw_copy_rows_sql(c, arena, *end != 0),
                       c->place ? params : params + 1, count, &result, err) ||
        !gw_exec(session, gw_printf(arena, "COMMENT ON TABLE %s IS %s", c->into, gw_quote_literal(arena, comment)),
                 err))
        return false;
    *rows = result.affected;
    c->place = end;
    return true;
}
