/* Moments of a shadow compared, and what is to be said about it. */
#include <string.h>

#include "app/test_bench.h"
#include "base/buf.h"
#include "base/file.h"
#include "sql/quote.h"

enum { MOST_BYTES = 16 * 1024 * 1024 };

/* ---- findings ------------------------------------------------------------------------------------ */

/* `-- godwit: ignore KIND REASON` in this file: the reason. */
static const char *ignored_in(gw_arena *arena, const char *path, const char *kind)
{
    gw_err ignored = {0};
    gw_file_text text;
    const char *reason = NULL;
    if (!gw_file_read(arena, path, MOST_BYTES, &text, &ignored)) {
        gw_err_clear(&ignored);
        return NULL;
    }
    static const char word[] = "godwit: ignore ";
    for (const char *at = text.data; !reason && (at = strstr(at, word)); at++) {
        const char *rule = at + strlen(word) + strspn(at + strlen(word), " \t");
        size_t len = strlen(kind);
        const char *why = rule + len + strspn(rule + len, " \t");
        if (strncmp(rule, kind, len) == 0 && why > rule + len && *why && *why != '\n')
            reason = gw_strndup(arena, why, strcspn(why, "\r\n"));
    }
    return reason;
}

static const char *ignored(const gw_judge *j, const char *kind)
{
    const char *reason = ignored_in(j->arena, j->migration->up.path, kind);
    return reason || !j->migration->down.present
               ? reason
               : ignored_in(j->arena, j->migration->down.path, kind);
}

static unsigned first_line(const gw_checked *script)
{
    if (script->kept && script->statements)
        return script->kept[0].line;
    return script->script->section_count ? script->script->sections[0].line : 1;
}

static gw_test_finding *add(gw_judge *j, const char *kind, const gw_checked *script, bool note,
                            const char *message)
{
    gw_test_finding *f = gw_vec_push(j->arena, &j->out->findings);
    *f = (gw_test_finding){.kind = kind, .message = message, .note = note};
    if (script) {
        f->file = script->script->path;
        f->line = first_line(script);
    }
    const char *reason = note ? NULL : ignored(j, kind);
    if (reason) {
        f->note = true;
        f->detail = gw_printf(j->arena, "ignored: %s", reason);
    }
    j->out->passed &= f->note;
    return f;
}

gw_test_finding *gw_judge_find(gw_judge *judge, const char *kind, const gw_checked *script,
                               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = gw_vprintf(judge->arena, format, args);
    va_end(args);
    return add(judge, kind, script, false, message);
}

gw_test_finding *gw_judge_note(gw_judge *judge, const char *kind, const gw_checked *script,
                               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = gw_vprintf(judge->arena, format, args);
    va_end(args);
    return add(judge, kind, script, true, message);
}

void gw_judge_refused(gw_judge *judge, const char *kind, const gw_checked *script, const char *what,
                      gw_err *problem)
{
    gw_test_finding *f = gw_judge_find(judge, kind, script, "%s: %s", what, problem->message);
    if (problem->line) {
        f->line = problem->line;
        f->file = problem->file ? gw_strdup(judge->arena, problem->file) : f->file;
    }
    if (problem->detail && !f->detail)
        f->detail = gw_strdup(judge->arena, problem->detail);
    if (problem->hint && !f->detail && gw_shadow_lacking(judge->trial->shadow, judge->arena))
        f->detail = gw_strdup(judge->arena, problem->hint);
    gw_err_clear(problem);
}

/* ---- schemas ------------------------------------------------------------------------------------- */

bool gw_judge_schema(gw_judge *judge, const char *kind, const gw_checked *script,
                     const gw_moment *is, const gw_moment *should, const char *what, bool *equal,
                     gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_schema_plan *plan = NULL;
    gw_ddl_options options = {.runner = judge->trial->user};
    bool ok = gw_schema_plan_make(scratch, is->schema, should->schema, &options, &plan, err);
    *equal = ok && plan->changes.len == 0;
    if (ok && !*equal) {
        gw_test_finding *f = gw_judge_find(judge, kind, script, "%s: %s", what,
                                           gw_changes_named(judge->arena, plan));
        for (size_t i = 0; i < plan->statements.len; i++)
            *gw_vec_push(judge->arena, &f->sql) =
                gw_strdup(judge->arena, plan->statements.items[i].sql);
    }
    gw_arena_free(scratch);
    return ok;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

/* The line of a script that first names this, or its first statement. */
static unsigned line_naming(const gw_checked *script, const char *name)
{
    for (size_t i = 0; script->kept && i < script->statements; i++) {
        const gw_statement *s = &script->kept[i];
        const char *found = memmem(s->text, s->len, name, strlen(name));
        unsigned line = s->line;
        if (!found)
            continue;
        for (const char *at = s->text; at < found; at++)
            line += *at == '\n';
        return line;
    }
    return first_line(script);
}

/* "a, b": the columns of x whose values are others in y. */
static const char *changed_columns(gw_arena *arena, const gw_row_table *x, const gw_row_table *y,
                                   const char **first)
{
    gw_buf list = GW_BUF(arena);
    for (size_t i = 0; i < x->column_count; i++) {
        const gw_row_column *before = &x->columns[i];
        const gw_row_column *now = gw_row_column_find(y, before->name);
        if (!now || strcmp(now->digest, before->digest) == 0)
            continue;
        if (!list.len && first)
            *first = before->name;
        gw_buf_addf(&list, "%s%s", list.len ? ", " : "", gw_display_name(arena, NULL, before->name));
    }
    return list.len ? gw_buf_str(&list) : NULL;
}

static const char *plural(gw_arena *arena, int64_t rows)
{
    return gw_printf(arena, "%lld row%s", (long long)rows, rows == 1 ? "" : "s");
}

static void note_up(gw_judge *j, const gw_row_table *before, const gw_row_table *after)
{
    gw_arena *a = j->arena;
    if (!before->rows)
        return;
    if (!after) {
        gw_judge_note(j, "rows-changed", j->up, "up takes away %s with %s", before->shown,
                      plural(a, before->rows));
    } else if (after->rows < before->rows) {
        gw_judge_note(j, "rows-changed", j->up, "up deletes rows: %s had %s, and has %lld",
                      before->shown, plural(a, before->rows), (long long)after->rows);
    } else {
        const char *columns = after->rows == before->rows
                                  ? changed_columns(a, before, after, NULL)
                                  : NULL;
        if (columns)
            gw_judge_note(j, "rows-changed", j->up, "up changes rows: %s (%s)", before->shown,
                          columns);
    }
}

static void judge_table(gw_judge *j, const gw_row_table *before, const gw_row_table *back,
                        bool *whole)
{
    const char *first = before->name, *columns = NULL;
    gw_test_finding *f = NULL;
    if (back->rows > before->rows) {
        f = gw_judge_find(j, "rows-left", j->down, "down leaves rows behind: %s had %s, and has %lld",
                          before->shown, plural(j->arena, before->rows), (long long)back->rows);
    } else if (back->rows < before->rows) {
        f = gw_judge_find(j, "lossy-down", j->down,
                          "down does not give back the rows of %s: %lld of %s are left",
                          before->shown, (long long)back->rows, plural(j->arena, before->rows));
    } else if ((columns = changed_columns(j->arena, before, back, &first))) {
        f = gw_judge_find(j, "lossy-down", j->down, "down does not give back the values of %s (%s)",
                          before->shown, columns);
    }
    if (f)
        f->line = line_naming(j->down, first);
    *whole &= !f;
}

void gw_judge_rows(gw_judge *judge, const gw_moment *before, const gw_moment *after,
                   const gw_moment *back, bool *whole)
{
    *whole = true;
    for (size_t i = 0; i < before->rows.len; i++) {
        const gw_row_table *table = &before->rows.items[i];
        note_up(judge, table, gw_rows_find(&after->rows, table->schema, table->name));
        if (!back)
            continue;
        const gw_row_table *now = gw_rows_find(&back->rows, table->schema, table->name);
        if (now)
            judge_table(judge, table, now, whole);
    }
}

/* The column as it is at one of the moments. */
static const char *digest_at(const gw_moment *moment, const gw_row_table *table,
                             const gw_row_column *column)
{
    const gw_row_table *there = gw_rows_find(&moment->rows, table->schema, table->name);
    const gw_row_column *found = there ? gw_row_column_find(there, column->name) : NULL;
    return found ? found->digest : "";
}

void gw_judge_again(gw_judge *judge, const gw_moment *before, const gw_moment *after,
                    const gw_moment *back, const gw_moment *again)
{
    for (size_t i = 0; i < after->rows.len; i++) {
        const gw_row_table *table = &after->rows.items[i];
        const gw_row_table *was = gw_rows_find(&before->rows, table->schema, table->name);
        const gw_row_table *then = gw_rows_find(&back->rows, table->schema, table->name);
        const gw_row_table *now = gw_rows_find(&again->rows, table->schema, table->name);
        bool lost = was && then && then->rows != was->rows; /* said already */
        if (!now || lost)
            continue;
        if (now->rows != table->rows) {
            gw_judge_find(judge, "rows-differ", judge->up,
                          "up again gives other rows: %s had %s, and has %lld", table->shown,
                          plural(judge->arena, table->rows), (long long)now->rows);
            continue;
        }
        /* Values that neither way changed; those that up writes may be times and the like. */
        for (size_t c = 0; was && c < table->column_count; c++) {
            const gw_row_column *column = &table->columns[c];
            const char *first = digest_at(before, table, column);
            if (strcmp(first, column->digest) != 0 ||
                strcmp(first, digest_at(back, table, column)) != 0 ||
                strcmp(first, digest_at(again, table, column)) == 0)
                continue;
            gw_judge_find(judge, "rows-differ", judge->up, "up again changes values of %s (%s)",
                          table->shown, gw_display_name(judge->arena, NULL, column->name));
        }
    }
}

/* ---- no down ------------------------------------------------------------------------------------- */

/* Is there no way back in this tool, or none by leaving it out? */
static const char *no_way_back(const gw_migration *m)
{
    switch (m->format) {
    case GW_FORMAT_FLYWAY:
        return "Flyway's files go forward only, unless a U file says how back";
    case GW_FORMAT_DRIZZLE:
    case GW_FORMAT_GRAPHILE_MIGRATE:
    case GW_FORMAT_ATLAS:
        return "files of this convention go forward only";
    case GW_FORMAT_GOOSE:
        return "a file without a Down section says that there is no way back";
    default:
        return strstr(gw_path_base(m->up.path), ".up.") || m->format == GW_FORMAT_DBMATE ||
                       m->format == GW_FORMAT_SQITCH || m->format == GW_FORMAT_NODE_PG_MIGRATE
                   ? NULL
                   : "a single file without .up and .down says that there is no way back";
    }
}

void gw_judge_no_down(gw_judge *judge)
{
    const char *why = judge->migration->kind == GW_BASELINE ? "a baseline has no way back"
                                                            : no_way_back(judge->migration);
    if (!why) {
        gw_judge_find(judge, "missing-down", judge->up, "there is no down script");
        return;
    }
    gw_judge_note(judge, "irreversible", judge->up, "it has no down script")->detail = why;
}
