#include "config/problems.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

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

enum { NAME_MAX_LEN = 64 };

/* Edits between two short names; a swap of neighbours counts as one. */
static unsigned distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    unsigned rows[3][NAME_MAX_LEN + 1];
    if (n > NAME_MAX_LEN || m > NAME_MAX_LEN)
        return NAME_MAX_LEN;
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= m; j++)
        before[j] = last[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[m];
}

const char *gw_did_you_mean(const char *wrong, const char *const *names)
{
    const char *best = NULL;
    unsigned least = strlen(wrong) < 4 ? 2 : 3;
    for (; *names; names++) {
        unsigned d = distance(wrong, *names);
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
