#include "care/partition.h"

#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "care/locks.h"
#include "pg/copy.h"
#include "sql/quote.h"
#include "sql_care.h"

/* ---- how it is ------------------------------------------------------------------------------------------- */

typedef struct table_row {
    int64_t oid, keys, default_oid;
    const char *schema, *name, *strategy, *key, *type, *columns, *owner, *default_schema, *default_name;
    bool partitioned;
} table_row;

static bool is_one_of(const char *text, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(*names, text) == 0)
            return true;
    return false;
}

static bool read_table(gw_session *session, gw_arena *arena, const char *name, table_row *out,
                       gw_err *err)
{
#define AT(field) offsetof(table_row, field)
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, AT(oid)},
        {"schema", GW_COL_TEXT, true, AT(schema)},
        {"name", GW_COL_TEXT, true, AT(name)},
        {"partitioned", GW_COL_BOOL, true, AT(partitioned)},
        {"strategy", GW_COL_TEXT, false, AT(strategy)},
        {"keys", GW_COL_INT, false, AT(keys)},
        {"key", GW_COL_TEXT, false, AT(key)},
        {"type", GW_COL_TEXT, false, AT(type)},
        {"columns", GW_COL_TEXT, false, AT(columns)},
        {"owner", GW_COL_TEXT, true, AT(owner)},
        {"default_oid", GW_COL_INT, false, AT(default_oid)},
        {"default_schema", GW_COL_TEXT, false, AT(default_schema)},
        {"default_name", GW_COL_TEXT, false, AT(default_name)},
    };
#undef AT
    gw_result result;
    gw_param param = gw_p_text(name);
    if (!gw_query(session, arena, &gw_sql_partition_table, &param, 1, &result, err))
        return false;
    if (!result.rows) {
        gw_err_set(err, GW_ERR_STATE, "there is no table %s", name);
        return gw_err_hint(err, "write it as SQL does: schema.table, quoted where it has to be");
    }
    return gw_row(arena, &result, cols, sizeof cols / sizeof *cols, out, err);
}

/* Only what goes by ranges of one column of the right kind can be kept in order by this rule. */
static bool check_kind(const table_row *row, const gw_config_partition *rule, bool *is_time,
                       gw_err *err)
{
    static const char *const times[] = {"timestamp with time zone", "timestamp without time zone",
                                        "date", NULL};
    static const char *const numbers[] = {"smallint", "integer", "bigint", "numeric", NULL};
    if (strcmp(row->strategy, "r") != 0)
        return gw_err_set(err, GW_ERR_STATE, "%s is not partitioned by ranges", rule->table);
    if (row->keys != 1 || !row->key)
        return gw_err_set(err, GW_ERR_STATE, "%s is partitioned by more than one column, or by an "
                                             "expression",
                          rule->table);
    *is_time = is_one_of(row->type, times);
    if (!*is_time && !is_one_of(row->type, numbers))
        return gw_err_set(err, GW_ERR_STATE, "%s is partitioned by %s, which is %s", rule->table,
                          row->key, row->type);
    bool by_time = rule->every.unit != GW_UNIT_NONE;
    if (by_time == *is_time && !(rule->every.unit == GW_UNIT_HOUR && strcmp(row->type, "date") == 0))
        return true;
    gw_err_set(err, GW_ERR_STATE, "%s is partitioned by %s, which is %s", rule->table, row->key,
               row->type);
    return gw_err_detail(err, "godwit.yaml has a partition for every %s",
                         rule->every.unit == GW_UNIT_HOUR ? "hour" : by_time ? "so much time" : "so many values");
}

static bool read_list(gw_session *session, gw_arena *arena, gw_partitioned *out, gw_err *err)
{
#define AT(field) offsetof(gw_partition, field)
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, AT(oid)},
        {"schema", GW_COL_TEXT, true, AT(schema)},
        {"name", GW_COL_TEXT, true, AT(name)},
        {"lower", GW_COL_INT, true, AT(range.from)},
        {"upper", GW_COL_INT, true, AT(range.to)},
        {"pending", GW_COL_BOOL, true, AT(pending)},
    };
#undef AT
    gw_result result;
    void *rows;
    const gw_param params[] = {gw_p_int(out->oid), gw_p_bool(out->is_time)};
    if (!gw_query(session, arena, &gw_sql_partition_list, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_partition), &rows, err))
        return false;
    out->list.items = rows;
    out->list.len = out->list.cap = result.rows;
    return true;
}

static bool read_number(gw_session *session, gw_arena *arena, const char *text, int64_t *out,
                        gw_err *err)
{
    static const gw_col cols[] = {{"value", GW_COL_INT, false, 0}};
    gw_result result;
    return gw_query_text(session, arena, "partition/value", text, NULL, 0, &result, err) &&
           gw_row(arena, &result, cols, 1, out, err);
}

/* A value of the key as it is counted here. */
static const char *as_number(const gw_partitioned *table, gw_arena *arena, const char *value)
{
    return table->is_time
               ? gw_printf(arena, "(pg_catalog.date_part('epoch', %s::pg_catalog.timestamptz)::"
                                  "pg_catalog.numeric * 1000000)::pg_catalog.int8", value)
               : gw_printf(arena, "pg_catalog.floor(%s::pg_catalog.numeric)::pg_catalog.int8", value);
}

static bool read_now(gw_session *session, gw_arena *arena, gw_partitioned *out, gw_err *err)
{
    const char *key = gw_quote_ident(arena, out->key);
    const char *text =
        out->is_time ? gw_printf(arena, "SELECT %s AS value",
                                 as_number(out, arena, "pg_catalog.now()"))
                     : gw_printf(arena, "SELECT %s AS value FROM %s",
                                 as_number(out, arena, gw_printf(arena, "pg_catalog.max(%s)", key)),
                                 gw_quote_name(arena, out->schema, out->name));
    if (!read_number(session, arena, text, &out->now, err))
        return false;
    if (out->now == GW_NULL_INT)
        out->now = 0;
    return true;
}

bool gw_partitioned_read(gw_session *session, gw_arena *arena, const gw_config_partition *rule,
                         gw_partitioned *out, gw_err *err)
{
    table_row row = {0};
    *out = (gw_partitioned){0};
    if (!read_table(session, arena, rule->table, &row, err))
        return false;
    out->oid = row.oid;
    out->schema = row.schema;
    out->name = row.name;
    out->owner = row.owner;
    out->is_partitioned = row.partitioned;
    if (!row.partitioned)
        return true;
    out->key = row.key;
    out->type = row.type;
    out->columns = row.columns;
    out->default_oid = row.default_oid;
    out->default_schema = row.default_schema;
    out->default_name = row.default_name;
    return check_kind(&row, rule, &out->is_time, err) && read_list(session, arena, out, err) &&
           read_now(session, arena, out, err);
}

bool gw_partitions_made(gw_session *session, gw_arena *arena, const gw_config_partition *rule,
                        gw_made *out, gw_err *err)
{
    static const gw_col cols[] = {{"oid", GW_COL_INT, true, 0}};
    const gw_param params[] = {gw_p_text(rule->table), gw_p_bool(rule->convert_by != NULL)};
    gw_err problem = {0};
    gw_result result;
    void *rows;
    *out = (gw_made){0};
    if (!gw_query(session, arena, &gw_sql_partitions_made, params, 2, &result, &problem)) {
        bool unread = problem.kind == GW_ERR_SQL || problem.kind == GW_ERR_INPUT;
        if (!unread)
            gw_err_move(err, &problem);
        gw_err_clear(&problem);
        return unread;
    }
    if (!gw_rows(arena, &result, cols, 1, sizeof(int64_t), &rows, err))
        return false;
    *out = (gw_made){rows, result.rows};
    return true;
}

/* ---- how it should be -------------------------------------------------------------------------------------- */

static int64_t begins(int64_t at, gw_period every)
{
    if (every.unit != GW_UNIT_NONE)
        return gw_calendar_floor(at, every.unit);
    int64_t rest = at % every.number;
    return at - (rest < 0 ? rest + every.number : rest);
}

/* so many ranges on (back: negative); at is the beginning of one. */
static int64_t moved_on(int64_t at, int64_t ranges, gw_period every)
{
    return every.unit == GW_UNIT_NONE ? at + ranges * every.number
                                      : gw_calendar_add(at, ranges, every.unit);
}

/* What of a range no partition holds. */
static void add_gaps(const gw_partitioned *table, gw_arena *arena, gw_range wanted, gw_ranges *out)
{
    for (size_t i = 0; i < table->list.len && wanted.from < wanted.to; i++) {
        gw_range there = table->list.items[i].range;
        if (there.to <= wanted.from || there.from >= wanted.to)
            continue;
        if (there.from > wanted.from)
            *gw_vec_push(arena, out) = (gw_range){wanted.from, there.from};
        wanted.from = there.to;
    }
    if (wanted.from < wanted.to)
        *gw_vec_push(arena, out) = wanted;
}

void gw_partitioned_missing(const gw_partitioned *table, gw_arena *arena,
                            const gw_config_partition *rule, gw_ranges *out)
{
    enum { MOST = 1000 };
    int64_t from = begins(table->now, rule->every);
    int64_t end = rule->ahead.unit == GW_UNIT_NONE
                      ? moved_on(from, rule->ahead.number, rule->every)
                      : gw_calendar_add(table->now, rule->ahead.number, rule->ahead.unit);
    for (size_t i = 0; i < MOST && from <= end; i++) {
        int64_t to = moved_on(from, 1, rule->every);
        add_gaps(table, arena, (gw_range){from, to}, out);
        from = to;
    }
}

bool gw_partitioned_lacks(const gw_partitioned *table, gw_arena *arena, gw_range range)
{
    gw_ranges gaps = {0};
    add_gaps(table, arena, range, &gaps);
    return gaps.len == 1 && gaps.items[0].from == range.from && gaps.items[0].to == range.to;
}

bool gw_partitioned_stray(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                          const gw_config_partition *rule, gw_range *out, bool *found, gw_err *err)
{
    const char *key = gw_quote_ident(arena, table->key);
    const char *whole = table->is_time ? gw_printf(arena, "WHERE pg_catalog.isfinite(%s)", key) : "";
    int64_t at;
    gw_ranges gaps = {0};
    *found = false;
    if (table->default_oid == GW_NULL_INT)
        return true;
    if (!read_number(session, arena,
                     gw_printf(arena, "SELECT %s AS value FROM ONLY %s %s",
                               as_number(table, arena, gw_printf(arena, "pg_catalog.min(%s)", key)),
                               gw_quote_name(arena, table->default_schema, table->default_name), whole),
                     &at, err))
        return false;
    if (at == GW_NULL_INT)
        return true;
    int64_t from = begins(at, rule->every);
    add_gaps(table, arena, (gw_range){from, moved_on(from, 1, rule->every)}, &gaps);
    for (size_t i = 0; i < gaps.len; i++)
        if (gaps.items[i].from <= at && at < gaps.items[i].to) {
            *out = gaps.items[i];
            *found = true;
        }
    return true;
}

bool gw_partitioned_span(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                         const gw_config_partition *rule, const char *schema, const char *name,
                         gw_ranges *out, gw_err *err)
{
    enum { MOST = 5000 };
    const char *key = gw_quote_ident(arena, table->key), *from = gw_quote_name(arena, schema, name);
    const char *whole = table->is_time ? gw_printf(arena, "WHERE pg_catalog.isfinite(%s)", key) : "";
    const char *const ends[] = {"min", "max"};
    int64_t at[2];
    for (size_t i = 0; i < 2; i++)
        if (!read_number(session, arena,
                         gw_printf(arena, "SELECT %s AS value FROM ONLY %s %s",
                                   as_number(table, arena, gw_printf(arena, "pg_catalog.%s(%s)", ends[i], key)),
                                   from, whole),
                         &at[i], err))
            return false;
    gw_partitioned other = *table;
    if (!table->is_time && at[1] != GW_NULL_INT)
        other.now = at[1];
    int64_t begin = at[0] == GW_NULL_INT ? other.now : at[0];
    for (size_t i = 0; at[0] != GW_NULL_INT && i < MOST && begin <= at[1]; i++) {
        int64_t low = begins(begin, rule->every);
        begin = moved_on(low, 1, rule->every);
        *gw_vec_push(arena, out) = (gw_range){low, begin};
    }
    gw_ranges ahead = {0};
    gw_partitioned_missing(&other, arena, rule, &ahead);
    for (size_t i = 0; i < ahead.len; i++) {
        bool there = false;
        for (size_t k = 0; k < out->len && !there; k++)
            there = out->items[k].from == ahead.items[i].from;
        if (!there)
            *gw_vec_push(arena, out) = ahead.items[i];
    }
    return true;
}

bool gw_partition_is_over(const gw_partitioned *table, const gw_partition *partition,
                          const gw_config_partition *rule)
{
    if (!rule->keep.number || partition->range.to == GW_RANGE_LAST)
        return false;
    int64_t edge = rule->keep.unit == GW_UNIT_NONE
                       ? moved_on(begins(table->now, rule->every), -rule->keep.number, rule->every)
                       : gw_calendar_add(table->now, -rule->keep.number, rule->keep.unit);
    return partition->range.to <= edge;
}

/* ---- making one ----------------------------------------------------------------------------------------------- */

char *gw_partition_cut(gw_arena *arena, const char *name, size_t most)
{
    size_t len = strlen(name);
    if (len > most)
        for (len = most; len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80;)
            len--;
    return gw_strndup(arena, name, len);
}

bool gw_partition_name(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                       const gw_config_partition *rule, gw_range range, const char **out,
                       gw_err *err)
{
    static const gw_col cols[] = {{"taken", GW_COL_BOOL, true, 0}};
    enum { TRIES = 100 };
    bool number = rule->every.unit == GW_UNIT_NONE;
    bool whole = begins(range.from, rule->every) == range.from;
    const char *what =
        number ? gw_printf(arena, range.from < 0 ? "m%lld" : "n%lld",
                           (long long)(range.from < 0 ? -range.from : range.from))
               : gw_calendar_name(arena, range.from, whole ? rule->every.unit : GW_UNIT_HOUR);
    for (int i = 1; i < TRIES; i++) {
        const char *end = i > 1 ? gw_printf(arena, "_%s_%d", what, i) : gw_printf(arena, "_%s", what);
        const char *name = gw_printf(arena, "%s%s", gw_partition_cut(arena, table->name, GW_NAME_MOST - strlen(end)),
                                     end);
        const gw_param params[] = {gw_p_text(table->schema), gw_p_text(name)};
        gw_result result;
        bool taken = false;
        if (!gw_query(session, arena, &gw_sql_name_taken, params, 2, &result, err) ||
            !gw_row(arena, &result, cols, 1, &taken, err))
            return false;
        *out = name;
        if (!taken)
            return true;
    }
    return gw_err_set(err, GW_ERR_STATE, "no name is left for a partition of %s",
                      gw_display_name(arena, table->schema, table->name));
}

const char *gw_partition_bound_text(const gw_partitioned *table, gw_arena *arena, int64_t at)
{
    return table->is_time ? gw_time_rfc3339(arena, at) : gw_printf(arena, "%lld", (long long)at);
}

static const char *bound(const gw_partitioned *table, gw_arena *arena, int64_t at)
{
    return gw_quote_literal(arena, gw_partition_bound_text(table, arena, at));
}

static const char *default_name(const gw_partitioned *table, gw_arena *arena)
{
    return gw_quote_name(arena, table->default_schema, table->default_name);
}

static const char *within(const gw_partitioned *table, gw_arena *arena, gw_range range)
{
    const char *key = gw_quote_ident(arena, table->key);
    return gw_printf(arena, "%s >= %s AND %s < %s", key, bound(table, arena, range.from), key,
                     bound(table, arena, range.to));
}

bool gw_partition_strays(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                         gw_range range, int64_t most, int64_t *rows, gw_err *err)
{
    *rows = 0;
    return table->default_oid == GW_NULL_INT ||
           read_number(session, arena,
                       gw_printf(arena, "SELECT pg_catalog.count(*) AS value FROM (SELECT FROM ONLY %s WHERE %s LIMIT %lld) AS r",
                                 default_name(table, arena), within(table, arena, range), (long long)most),
                       rows, err);
}

typedef struct hook {
    const char *name, *off, *again;
} hook;

static bool read_hooks(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                       const hook **out, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(hook, name)},
        {"off", GW_COL_TEXT, false, offsetof(hook, off)},
        {"again", GW_COL_TEXT, false, offsetof(hook, again)},
    };
    const gw_param params[] = {gw_p_int(table->default_oid), gw_p_int(table->oid)};
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_drain_hooks, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof(hook), &rows, err))
        return false;
    *out = rows;
    *count = result.rows;
    for (size_t i = 0; i < *count; i++)
        if (!(*out)[i].off) {
            gw_err_set(err, GW_ERR_STATE, "rows do not leave the DEFAULT partition of %s by themselves",
                       gw_display_name(arena, table->schema, table->name));
            return gw_err_detail(err, "the foreign key %s refers to it, and would take that for a DELETE",
                                 (*out)[i].name);
        }
    return true;
}

bool gw_partition_may_leave(const gw_partitioned *table, gw_session *session, gw_arena *arena, gw_err *err)
{
    const hook *hooks;
    size_t count;
    return read_hooks(table, session, arena, &hooks, &count, err);
}

static bool attach(const gw_partitioned *table, gw_session *session, gw_arena *arena, gw_range range,
                   const char *part, gw_err *err)
{
    return gw_exec(session,
                   gw_printf(arena, "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)",
                             gw_quote_name(arena, table->schema, table->name), part,
                             bound(table, arena, range.from),
                             bound(table, arena, range.to)),
                   err);
}

static bool leave(const gw_partitioned *table, gw_session *session, gw_arena *arena, gw_range range,
                  int64_t rows, gw_err *err)
{
    gw_result result;
    if (!gw_query_text(session, arena, "partition/leave",
                       gw_printf(arena, "DELETE FROM ONLY %s WHERE %s", default_name(table, arena),
                                 within(table, arena, range)),
                       NULL, 0, &result, err))
        return false;
    if (result.affected == rows)
        return true;
    gw_err_set(err, GW_ERR_STATE, "%lld rows of the DEFAULT partition of %s were copied, and %lld were to leave it",
               (long long)rows, gw_display_name(arena, table->schema, table->name), (long long)result.affected);
    return gw_err_hint(err, "nothing has changed; the next run copies them anew");
}

/* The rows only change their place: no trigger may take that for a DELETE, and no foreign key cascade. */
bool gw_partition_attach(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                         gw_range range, const char *part, int64_t rows, gw_err *err)
{
    const hook *hooks = NULL;
    size_t count = 0;
    bool ok = !rows || read_hooks(table, session, arena, &hooks, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = gw_exec(session, hooks[i].off, err);
    ok = ok && (!rows || leave(table, session, arena, range, rows, err)) &&
         attach(table, session, arena, range, part, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = gw_exec(session, hooks[i].again, err);
    return ok;
}

static bool copy_rows(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                      gw_range range, const char *part, int64_t *rows, gw_err *err)
{
    gw_result result;
    if (!gw_query_text(session, arena, "partition/copy",
                       gw_printf(arena, "INSERT INTO %s (%s) SELECT %s FROM ONLY %s WHERE %s", part,
                                 table->columns, table->columns, default_name(table, arena),
                                 within(table, arena, range)),
                       NULL, 0, &result, err))
        return false;
    *rows = result.affected;
    return true;
}

/* What was weak and had to become strong later would be a deadlock with whoever has read the DEFAULT partition
 * and is about to write to it. */
bool gw_partition_locks(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                        int64_t detach, bool rows_leave, gw_err *err)
{
    static const gw_col cols[] = {{"sql", GW_COL_TEXT, true, 0}};
    const gw_param none = gw_p_text(NULL);
    const gw_param params[] = {gw_p_int(table->oid),
                               table->default_oid == GW_NULL_INT ? none : gw_p_int(table->default_oid),
                               detach == GW_NULL_INT ? none : gw_p_int(detach), gw_p_bool(rows_leave)};
    gw_result result;
    void *rows;
    return gw_query(session, arena, &gw_sql_partition_locks, params, 4, &result, err) &&
           gw_rows(arena, &result, cols, 1, sizeof(const char *), &rows, err) &&
           gw_locks_take(session, arena, rows, result.rows, err);
}

bool gw_partition_make(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                       gw_range range, const char *name, int64_t *moved, gw_err *err)
{
    const char *parent = gw_quote_name(arena, table->schema, table->name);
    const char *part = gw_quote_name(arena, table->schema, name);
    const char *like = gw_printf(arena, "CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS "
                                        "INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMMENTS); "
                                        "ALTER TABLE %s OWNER TO %s",
                                 part, parent, part, gw_quote_ident(arena, table->owner));
    int64_t there;
    *moved = 0;
    return gw_partition_strays(table, session, arena, range, 1, &there, err) &&
           gw_partition_locks(table, session, arena, GW_NULL_INT, there > 0, err) &&
           gw_exec(session, like, err) &&
           (table->default_oid == GW_NULL_INT ||
            copy_rows(table, session, arena, range, part, moved, err)) &&
           gw_partition_attach(table, session, arena, range, part, *moved, err);
}

/* ---- letting one go --------------------------------------------------------------------------------------------- */

const char *gw_partition_detach_sql(const gw_partitioned *table, gw_arena *arena,
                                    const gw_partition *partition, bool concurrently)
{
    return gw_printf(arena, "ALTER TABLE %s DETACH PARTITION %s%s",
                     gw_quote_name(arena, table->schema, table->name),
                     gw_quote_name(arena, partition->schema, partition->name),
                     partition->pending ? " FINALIZE" : concurrently ? " CONCURRENTLY" : "");
}

bool gw_partition_detach(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                         const gw_partition *partition, gw_err *err)
{
    return gw_partition_locks(table, session, arena, partition->oid, false, err) &&
           gw_partition_mark(table, session, arena, partition->oid, partition->schema,
                             partition->name, GW_MARK_DETACHED, NULL, err) &&
           gw_exec(session, gw_partition_detach_sql(table, arena, partition, false), err);
}

/* It ends the comment, behind what a person has written. */
static const char *mark_of(const gw_partitioned *table, gw_arena *arena)
{
    return gw_printf(arena, "[godwit: detached from %s",
                     gw_quote_name(arena, table->schema, table->name));
}

static const char *const mark_states[] = {"", ", being archived in ", ", archived in "};

/* The path in what follows a mark's beginning, where it is of that state. */
static const char *path_of(gw_arena *arena, const char *rest, gw_mark state)
{
    size_t word = strlen(mark_states[state]), len = strlen(rest);
    return strncmp(rest, mark_states[state], word) == 0 && rest[len - 1] == ']'
               ? gw_strndup(arena, rest + word, len - word - 1)
               : NULL;
}

bool gw_partition_mark(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                       int64_t oid, const char *schema, const char *name, gw_mark state,
                       const char *path, gw_err *err)
{
    static const gw_col cols[] = {{"comment", GW_COL_TEXT, false, 0}};
    const char *mark = mark_of(table, arena), *comment = NULL;
    gw_param param = gw_p_int(oid);
    gw_result result;
    if (!gw_query(session, arena, &gw_sql_comment_of, &param, 1, &result, err) ||
        !gw_row(arena, &result, cols, 1, (void *)&comment, err))
        return false;
    const char *own = comment ? comment : "", *old = strstr(own, mark);
    const char *text = gw_printf(arena, "%.*s%s%s%s]", (int)(old ? old - own : (long)strlen(own)), own, mark,
                                 mark_states[state], state == GW_MARK_DETACHED ? "" : path);
    return gw_exec(session,
                   gw_printf(arena, "COMMENT ON TABLE %s IS %s", gw_quote_name(arena, schema, name),
                             gw_quote_literal(arena, text)),
                   err);
}

bool gw_partition_detached(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                           gw_detached_list *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, offsetof(gw_detached, oid)},
        {"schema", GW_COL_TEXT, true, offsetof(gw_detached, schema)},
        {"name", GW_COL_TEXT, true, offsetof(gw_detached, name)},
        {"comment", GW_COL_TEXT, true, offsetof(gw_detached, comment)},
    };
    const char *mark = mark_of(table, arena);
    gw_param param = gw_p_text(mark);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_partition_over, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_detached), &rows, err))
        return false;
    out->items = rows;
    out->len = result.rows;
    for (size_t i = 0; i < out->len; i++) {
        const char *rest = strstr(out->items[i].comment, mark) + strlen(mark);
        out->items[i].archive = path_of(arena, rest, GW_MARK_ARCHIVED);
        out->items[i].intended = path_of(arena, rest, GW_MARK_ARCHIVING);
    }
    return true;
}

static bool add_rows(gw_session *session, gw_arena *arena, const char *table, gw_lines *rows, gw_err *err)
{
    gw_copy_out copy;
    const char *line;
    size_t len;
    if (!gw_copy_out_start(session, gw_printf(arena, "COPY %s TO STDOUT", table), &copy, err))
        return false;
    bool ok = gw_copy_out_next(&copy, &line, &len, err);
    for (; ok && line; ok = gw_copy_out_next(&copy, &line, &len, err)) {
        gw_lines_add(rows, line, len && line[len - 1] == '\n' ? len - 1 : len);
        gw_lines_end(rows);
    }
    gw_copy_out_leave(&copy);
    return ok;
}

/* All rows, also of what it is partitioned into, with the settings that pg_dump has: those of role and database but for
 * its own. */
static bool read_rows(gw_session *session, gw_arena *arena, int64_t oid, gw_lines_sum *out, gw_err *err)
{
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, 0}};
    gw_param param = gw_p_int(oid);
    gw_result result;
    struct {
        const char *name;
    } *leaves = NULL;
    gw_lines rows;
    gw_lines_start(&rows, arena);
    if (!gw_exec_sql(session, &gw_sql_rows_as_dumped, NULL, 0, err) ||
        !gw_query(session, arena, &gw_sql_partition_leaves, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof *leaves, (void **)&leaves, err))
        return false;
    for (size_t i = 0; i < result.rows; i++)
        if (!add_rows(session, arena, leaves[i].name, &rows, err))
            return false;
    *out = rows.sum;
    return gw_exec(session, "SET LOCAL client_encoding TO DEFAULT", err);
}

bool gw_partition_drop(gw_session *session, gw_arena *arena, const gw_detached *what,
                       const gw_lines_sum *archived, gw_err *err)
{
    const char *name = gw_quote_name(arena, what->schema, what->name);
    const char *shown = gw_display_name(arena, what->schema, what->name);
    gw_lines_sum there;
    if (!gw_exec(session, gw_printf(arena, "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", name), err) ||
        (archived && !read_rows(session, arena, what->oid, &there, err)))
        return false;
    if (archived && !gw_lines_same(&there, archived)) {
        if (there.count != archived->count)
            gw_err_set(err, GW_ERR_STATE, "%s has %lld rows, and its archive %lld", shown,
                       (long long)there.count, (long long)archived->count);
        else
            gw_err_set(err, GW_ERR_STATE, "rows of %s are not what they are in its archive", shown);
        return gw_err_hint(err, "somebody writes to the detached table; the next run archives it again");
    }
    return gw_exec(session, gw_printf(arena, "DROP TABLE %s", name), err);
}
