#include "sync/made.h"

#include <string.h>

enum { CHUNK = 500 };

bool gw_made_rest(gw_made *made, gw_err *err)
{
    gw_script_result result = {0};
    size_t rows = made->held.len, outputs = gw_script_functions(made->script);
    if (!rows)
        return true;
    gw_script_field *in = gw_alloc_array(made->scratch, rows * made->seen + 1, sizeof *in);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < made->seen; c++) {
            gw_copy_field field = made->held.items[r][made->first + c];
            in[r * made->seen + c] = (gw_script_field){field.data, field.len};
        }
    if (!gw_script_run(made->script, made->scratch, in, rows, &result, err) ||
        (result.rejection_count && !made->refused(made->arg, &result, err)))
        return false;
    for (size_t r = 0; r < rows; r++)
        if (!made->emit(made->arg, made->held.items[r], result.fields + r * outputs, err))
            return false;
    gw_arena_reset(made->scratch);
    memset(&made->held, 0, sizeof made->held);
    return true;
}

bool gw_made_row(gw_made *made, const gw_copy_field *fields, gw_err *err)
{
    size_t count = made->first + made->seen;
    gw_copy_field *copy = gw_memdup(made->scratch, fields, count * sizeof *fields);
    for (size_t i = 0; i < count; i++)
        if (copy[i].len >= 0)
            copy[i].data = gw_memdup(made->scratch, copy[i].data, (size_t)copy[i].len);
    *gw_vec_push(made->scratch, &made->held) = copy;
    return made->held.len < CHUNK || gw_made_rest(made, err);
}
