#include <string.h>

#include "base/vec.h"
#include "script/internal.h"

enum { MESSAGE_MAX = 4000, PLACE_MAX = 10 * 1000 * 1000 };

typedef struct reader {
    gw_arena *arena;
    const gw_answer *answer;
    size_t at; /* in units */
    char *text;
    gw_answer_rejects *rejects;
} reader;

/* The next `len` units, or NULL where there are fewer. */
static const uint16_t *take(reader *r, int32_t len)
{
    if (len < 0 || (size_t)len > r->answer->unit_count - r->at)
        return NULL;
    const uint16_t *units = r->answer->units + r->at;
    r->at += (size_t)len;
    return units;
}

static unsigned place(int32_t number)
{
    return number > 0 && number < PLACE_MAX ? (unsigned)number : 0;
}

static bool read_rejection(reader *r, size_t row, const int32_t *cells)
{
    const gw_answer *answer = r->answer;
    int32_t function = cells[GW_ROW_FUNCTION], len = cells[GW_ROW_MESSAGE];
    if (function < GW_WIRE_INPUT || (function > 0 && (size_t)function > answer->outputs))
        return false;
    for (size_t i = 0; i < answer->outputs; i++)
        if (answer->lens[row * answer->outputs + i] != -1)
            return false;
    const uint16_t *units = len <= MESSAGE_MAX ? take(r, len) : NULL;
    if (!units)
        return false;
    gw_utf16_fault fault;
    char *message = gw_alloc(r->arena, gw_utf8_room(units, (size_t)len) + 1);
    message[gw_utf8_of(units, (size_t)len, message, &fault)] = '\0';
    unsigned line = place(cells[GW_ROW_LINE]);
    *gw_vec_push(r->arena, r->rejects) = (gw_answer_reject){
        .row = row,
        .function = function > 0 ? (size_t)function - 1 : SIZE_MAX,
        .reason = cells[GW_ROW_LINE] < 0 ? GW_SCRIPT_VALUE : GW_SCRIPT_THREW,
        .message = message,
        .line = line,
        .col = line ? place(cells[GW_ROW_COL]) : 0,
    };
    return true;
}

static void reject_text(reader *r, size_t row, size_t function, gw_utf16_fault fault)
{
    *gw_vec_push(r->arena, r->rejects) = (gw_answer_reject){
        .row = row,
        .function = function,
        .reason = GW_SCRIPT_VALUE,
        .message = fault == GW_UTF16_HALF ? "returned half a surrogate pair, which is no character"
                                          : "returned U+0000, which PostgreSQL does not store",
    };
}

static bool read_row(reader *r, size_t row, gw_script_field *fields)
{
    const gw_answer *answer = r->answer;
    const int32_t *lens = answer->lens + row * answer->outputs;
    bool rejected = false;
    for (size_t i = 0; i < answer->outputs; i++) {
        fields[i] = (gw_script_field){.data = NULL, .len = -1};
        if (lens[i] == -1)
            continue;
        const uint16_t *units = take(r, lens[i]);
        if (!units)
            return false;
        gw_utf16_fault fault;
        size_t len = gw_utf8_of(units, (size_t)lens[i], r->text, &fault);
        if (len > INT32_MAX)
            return false;
        fields[i] = (gw_script_field){.data = r->text, .len = (int32_t)len};
        r->text[len] = '\0';
        r->text += len + 1;
        if (fault != GW_UTF16_FINE && !rejected) {
            reject_text(r, row, i, fault);
            rejected = true;
        }
    }
    for (size_t i = 0; rejected && i < answer->outputs; i++)
        fields[i] = (gw_script_field){.data = NULL, .len = -1};
    return true;
}

bool gw_answer_read(gw_arena *arena, const gw_answer *answer, gw_script_field *fields,
                    gw_answer_rejects *rejects)
{
    size_t count = answer->rows * answer->outputs;
    reader r = {.arena = arena, .answer = answer, .rejects = rejects};
    r.text = gw_alloc(arena, gw_utf8_room(answer->units, answer->unit_count) + count);
    for (size_t row = 0; row < answer->rows; row++) {
        const int32_t *cells = answer->cells + row * GW_ROW_CELLS;
        gw_script_field *out = fields + row * answer->outputs;
        if (cells[GW_ROW_FUNCTION] == 0) {
            if (!read_row(&r, row, out))
                return false;
            continue;
        }
        for (size_t i = 0; i < answer->outputs; i++)
            out[i] = (gw_script_field){.data = NULL, .len = -1};
        if (!read_rejection(&r, row, cells))
            return false;
    }
    return r.at == answer->unit_count;
}
