#include "care/steps.h"

#include <string.h>

#include "care/locks.h"

bool gw_care_steps_read(gw_session *session, gw_arena *arena, const gw_sql *sql,
                        const gw_param *params, size_t count, gw_care_steps *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"phase", GW_COL_TEXT, true, offsetof(gw_care_line, phase)},
        {"step", GW_COL_INT, true, offsetof(gw_care_line, step)},
        {"sql", GW_COL_TEXT, true, offsetof(gw_care_line, sql)},
    };
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, sql, params, count, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof(gw_care_line), &rows, err))
        return false;
    *out = (gw_care_steps){rows, result.rows};
    return true;
}

const char **gw_care_steps_of(const gw_care_steps *steps, gw_arena *arena, const char *phase, size_t *count)
{
    const char **texts = gw_alloc_array(arena, steps->count + 1, sizeof *texts);
    *count = 0;
    for (size_t i = 0; i < steps->count; i++)
        if (strcmp(steps->lines[i].phase, phase) == 0)
            texts[(*count)++] = steps->lines[i].sql;
    texts[*count] = NULL;
    return texts;
}

bool gw_care_steps_locks(const gw_care_steps *steps, gw_session *session, gw_arena *arena,
                         const char *phase, gw_err *err)
{
    const char **locks = gw_alloc_array(arena, steps->count + 1, sizeof *locks);
    size_t count = 0;
    for (size_t i = 0; i < steps->count; i++)
        if (strcmp(steps->lines[i].phase, phase) == 0 && steps->lines[i].step <= 0)
            locks[count++] = steps->lines[i].sql;
    return !count || gw_locks_take(session, arena, locks, count, err);
}

bool gw_care_steps_run(const gw_care_steps *steps, gw_session *session, const char *phase, gw_err *err)
{
    for (size_t i = 0; i < steps->count; i++)
        if (strcmp(steps->lines[i].phase, phase) == 0 && steps->lines[i].step > 0 &&
            !gw_exec(session, steps->lines[i].sql, err))
            return gw_err_context(err, "%s", steps->lines[i].sql);
    return true;
}
