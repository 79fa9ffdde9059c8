#include "care/doctor.h"

#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "sql_care.h"

typedef struct look {
    gw_session *session;
    gw_arena *arena;
    const gw_doctor_options *options;
    unsigned sees; /* GW_CARE_… that this role can */
    bool installed; /* pg_stat_statements is made here; SEES_STATEMENTS: and loaded */
    gw_doctor_report *out;
} look;

static bool read_rights(look *l, gw_err *err)
{
    struct rights {
        bool stats, passwords, access, rows, sequences, statements, loaded;
    } row;
    static const gw_col cols[] = {
        {"stats", GW_COL_BOOL, true, offsetof(struct rights, stats)},
        {"passwords", GW_COL_BOOL, true, offsetof(struct rights, passwords)},
        {"access", GW_COL_BOOL, true, offsetof(struct rights, access)},
        {"rows", GW_COL_BOOL, true, offsetof(struct rights, rows)},
        {"sequences", GW_COL_BOOL, true, offsetof(struct rights, sequences)},
        {"statements", GW_COL_BOOL, true, offsetof(struct rights, statements)},
        {"loaded", GW_COL_BOOL, true, offsetof(struct rights, loaded)},
    };
    gw_result result;
    if (!gw_query(l->session, l->arena, &gw_sql_care_sees, NULL, 0, &result, err) ||
        !gw_row(l->arena, &result, cols, sizeof cols / sizeof *cols, &row, err))
        return false;
    l->installed = row.statements;
    l->sees = (row.stats ? GW_CARE_STATS : 0U) | (row.passwords ? GW_CARE_PASSWORDS : 0U) |
              (row.access ? GW_CARE_ACCESS : 0U) | (row.rows ? GW_CARE_ROWS : 0U) |
              (row.sequences ? GW_CARE_SEQUENCES : 0U) |
              (row.statements && row.loaded ? GW_CARE_STATEMENTS : 0U) |
              (l->options->memory ? GW_CARE_MACHINE : 0U);
    return true;
}

/* Why something of `lacking` is not seen: the first of them. */
static const char *why_unseen(const look *l, unsigned lacking)
{
    if (lacking & GW_CARE_STATS)
        return "what other roles do is hidden: the role has to be a member of pg_monitor";
    if (lacking & GW_CARE_PASSWORDS)
        return "pg_authid is for superusers";
    if (lacking & GW_CARE_ACCESS)
        return "pg_hba_file_rules is for superusers, or needs GRANT EXECUTE on that function";
    if (lacking & GW_CARE_ROWS)
        return "the planner's figures of a table are for those who may read it: SELECT on all "
               "tables is missing";
    if (lacking & GW_CARE_SEQUENCES)
        return "USAGE or SELECT on all sequences is missing";
    if (lacking & GW_CARE_STATEMENTS)
        return l->installed ? "pg_stat_statements is not in shared_preload_libraries"
                            : "pg_stat_statements is not installed in this database";
    return "the server runs on another machine, whose memory is not known here";
}

static void note_unseen(look *l, const gw_care_check *check, const char *why, bool partly)
{
    *gw_vec_push(l->arena, &l->out->unseen) =
        (gw_unseen){.check = check, .why = why, .partly = partly};
}

static bool query_check(look *l, const gw_care_check *check, gw_result *result, gw_err *err)
{
    const gw_doctor_options *o = l->options;
    const gw_sql *newer = check->newer;
    const gw_sql *sql =
        newer && gw_session_version(l->session) >= newer->min_version ? newer : check->sql;
    gw_param param = gw_p_int(check->param == GW_CARE_LONG ? o->long_ms : o->memory);
    /* A name or size that waits for somebody's lock is given up before the check's own time is. */
    const char *limits = gw_printf(l->arena,
                                   "SET LOCAL statement_timeout = %lld; SET LOCAL lock_timeout = %lld",
                                   (long long)o->timeout_ms, (long long)(o->timeout_ms + 1) / 2);
    bool ok = gw_session_begin(l->session, "READ COMMITTED READ ONLY", err) &&
              gw_exec(l->session, limits, err) &&
              gw_query(l->session, l->arena, sql, &param, check->param ? 1 : 0, result, err);
    gw_session_rollback(l->session);
    return ok;
}

/* What keeps one check from its end; the others go on. */
static bool is_unseen(const gw_err *err)
{
    switch (err->kind) {
    case GW_ERR_SQL:
    case GW_ERR_LOCK:
    case GW_ERR_CANCELED:
    case GW_ERR_PRIVILEGE:
    case GW_ERR_RETRYABLE:
        return true;
    default:
        return false;
    }
}

static const char *why_not_ended(const look *l, const gw_err *err)
{
    if (err->kind == GW_ERR_CANCELED)
        return gw_printf(l->arena, "it did not come to its end within %s (--timeout)",
                         gw_duration_human(l->arena, l->options->timeout_ms));
    if (err->kind == GW_ERR_LOCK)
        return "somebody holds a lock that it would have had to wait for";
    return gw_strdup(l->arena, err->message);
}

static bool take_findings(look *l, const gw_care_check *check, const gw_result *result, gw_err *err)
{
    typedef struct row {
        const char *severity, *object, *evidence, *sql;
    } row;
    static const gw_col cols[] = {
        {"severity", GW_COL_TEXT, false, offsetof(row, severity)},
        {"object", GW_COL_TEXT, true, offsetof(row, object)},
        {"evidence", GW_COL_TEXT, true, offsetof(row, evidence)},
        {"sql", GW_COL_TEXT, false, offsetof(row, sql)},
    };
    void *rows;
    if (!gw_rows(l->arena, result, cols, sizeof cols / sizeof *cols, sizeof(row), &rows, err))
        return false;
    const row *items = rows;
    for (size_t i = 0; i < result->rows; i++)
        *gw_vec_push(l->arena, l->out) =
            (gw_finding){.check = check,
                         .severity = items[i].severity ? items[i].severity : check->severity,
                         .object = items[i].object,
                         .evidence = items[i].evidence,
                         .sql = items[i].sql};
    return true;
}

static bool run_check(look *l, const gw_care_check *check, gw_err *err)
{
    gw_result result;
    gw_err problem = {0};
    if (check->needs & ~l->sees) {
        note_unseen(l, check, why_unseen(l, check->needs & ~l->sees), false);
        return true;
    }
    l->out->checks++;
    if (query_check(l, check, &result, &problem)) {
        if (check->sees & ~l->sees)
            note_unseen(l, check, why_unseen(l, check->sees & ~l->sees), true);
        return take_findings(l, check, &result, err);
    }
    if (!is_unseen(&problem)) {
        gw_err_move(err, &problem);
        return gw_err_context(err, "while %s was looked for", check->title);
    }
    note_unseen(l, check, why_not_ended(l, &problem), false);
    gw_err_clear(&problem);
    return true;
}

static int rank(const char *severity)
{
    return strcmp(severity, "error") == 0 ? 0 : strcmp(severity, "warning") == 0 ? 1 : 2;
}

/* Errors first; within a severity the order of the checks and of their rows stays. */
static void sort_findings(look *l)
{
    gw_doctor_report *out = l->out;
    gw_finding *sorted = gw_alloc_array(l->arena, out->len + 1, sizeof *sorted);
    size_t *const counts[] = {&out->errors, &out->warnings, &out->notes};
    size_t at = 0;
    for (int wanted = 0; wanted < 3; wanted++)
        for (size_t i = 0; i < out->len; i++)
            if (rank(out->items[i].severity) == wanted) {
                sorted[at++] = out->items[i];
                ++*counts[wanted];
            }
    out->items = sorted;
    out->cap = out->len + 1;
}

bool gw_doctor_look(gw_session *session, gw_arena *arena, const gw_doctor_options *options,
                    gw_doctor_report *out, gw_err *err)
{
    look l = {.session = session, .arena = arena, .options = options, .out = out};
    *out = (gw_doctor_report){0};
    if (!read_rights(&l, err))
        return false;
    for (size_t i = 0; i < (options->checks ? options->count : gw_care_check_count); i++)
        if (!run_check(&l, options->checks ? options->checks[i] : &gw_care_checks[i], err))
            return false;
    sort_findings(&l);
    return true;
}
