#include "config/problems.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

bool gw_problem_add(gw_problems *problems, unsigned line, unsigned col, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gw_problem *p = gw_vec_push(problems->arena, &problems->list);
    p->file = problems->file;
    p->line = line;
    p->col = col;
    p->message = gw_vprintf(problems->arena, format, args);
    va_end(args);
    return false;
}

bool gw_problem_hint(gw_problems *problems, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    problems->list.items[problems->list.len - 1].hint =
        gw_vprintf(problems->arena, format, args);
    va_end(args);
    return false;
}

static int by_place(const void *a, const void *b)
{
    const gw_problem *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->col < y->col ? -1 : x->col > y->col;
}

bool gw_problems_none(gw_problems *problems, gw_err *err)
{
    size_t count = problems->list.len;
    if (count == 0)
        return true;
    qsort(problems->list.items, count, sizeof *problems->list.items, by_place);
    const gw_problem *first = &problems->list.items[0];
    static const char general[] = "`godwit init` in an empty folder makes an example to compare with";
    if (count == 1) {
        gw_err_set(err, GW_ERR_CONFIG, "%s", first->message);
        gw_err_hint(err, "%s", first->hint ? first->hint : general);
        return gw_err_at(err, first->file, first->line, first->col);
    }
    gw_buf detail = GW_BUF(problems->arena);
    for (size_t i = 0; i < count; i++) {
        const gw_problem *p = &problems->list.items[i];
        gw_buf_add(&detail, i ? "\n" : "");
        if (p->file && p->line)
            gw_buf_addf(&detail, "%s:%u:%u: ", p->file, p->line, p->col);
        else if (p->file)
            gw_buf_addf(&detail, "%s: ", p->file);
        gw_buf_add(&detail, p->message);
        if (p->hint)
            gw_buf_addf(&detail, " (%s)", p->hint);
    }
    gw_err_set(err, GW_ERR_CONFIG, "%s has %zu problems",
               first->file ? first->file : "the configuration", count);
    gw_err_detail(err, "%s", gw_buf_str(&detail));
    gw_err_hint(err, "%s", general);
    return gw_err_at(err, first->file, first->line, first->col);
}

const char *gw_did_you_mean(const char *wrong, const char *const *names)
{
    const char *best = NULL;
    size_t least = strlen(wrong) < 4 ? 2 : 3;
    for (; *names; names++) {
        size_t d = gw_text_distance(wrong, strlen(wrong), *names, strlen(*names));
        if (d < least) {
            least = d;
            best = *names;
        }
    }
    return best;
}

char *gw_name_list(gw_arena *arena, const char *const *names)
{
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; names[i]; i++)
        gw_buf_addf(&text, "%s%s", i == 0 ? "" : names[i + 1] ? ", " : " or ", names[i]);
    return gw_strdup(arena, gw_buf_str(&text));
}
