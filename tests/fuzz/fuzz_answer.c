/*
 * What a worker answers, which is not to be trusted: whatever its lengths, places and text, what is read lies
 * within them, is UTF-8, and of a rejected row nothing is kept.
 *
 * An input: outputs (1 byte), rows (1 byte), then the lengths and cells as bytes of which 0 to 199 stand for
 * themselves, and then the text.
 */
#include <string.h>

#include "base/file.h"
#include "check.h"
#include "script/internal.h"

static const int32_t odd[] = {-1, -2, INT32_MIN, INT32_MAX, 1000, 4001, 65536, 1 << 24};

static void read_numbers(const uint8_t **data, const uint8_t *end, int32_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = *data < end ? *(*data)++ : 0;
        to[i] = byte < 200 ? byte : odd[byte % (sizeof odd / sizeof *odd)];
    }
}

static void check_fields(const gw_answer *answer, const gw_script_field *fields)
{
    for (size_t i = 0; i < answer->rows * answer->outputs; i++) {
        if (fields[i].len < 0)
            continue;
        CHECK(answer->lens[i] >= 0);
        CHECK(gw_utf8_check(fields[i].data, (size_t)fields[i].len) == 0);
        CHECK(fields[i].data[fields[i].len] == '\0');
        CHECK(fields[i].len <= 3 * answer->lens[i]);
    }
}

static void check_rejects(const gw_answer *answer, const gw_answer_rejects *rejects,
                          const gw_script_field *fields)
{
    for (size_t i = 0; i < rejects->len; i++) {
        const gw_answer_reject *r = &rejects->items[i];
        CHECK(r->row < answer->rows);
        CHECK(i == 0 || rejects->items[i - 1].row < r->row);
        CHECK(r->function == SIZE_MAX || r->function < answer->outputs);
        CHECK(gw_utf8_check(r->message, strlen(r->message)) == 0);
        for (size_t f = 0; f < answer->outputs; f++)
            CHECK(fields[r->row * answer->outputs + f].len == -1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    gw_arena *arena = gw_arena_new();
    const uint8_t *at = data + 2, *end = data + size;
    gw_answer answer = {.outputs = data[0] % 9, .rows = data[1] % 33};
    size_t count = answer.rows * answer.outputs;
    int32_t *lens = gw_alloc_array(arena, count, sizeof *lens);
    int32_t *cells = gw_alloc_array(arena, answer.rows * GW_ROW_CELLS, sizeof *cells);
    read_numbers(&at, end, lens, count);
    read_numbers(&at, end, cells, answer.rows * GW_ROW_CELLS);
    size_t units = (size_t)(end - at) / 2;
    uint16_t *text = gw_alloc_array(arena, units, sizeof *text);
    memcpy(text, at, units * sizeof *text);
    answer.lens = lens;
    answer.cells = cells;
    answer.units = text;
    answer.unit_count = units;
    gw_script_field *fields = gw_alloc_array(arena, count, sizeof *fields);
    gw_answer_rejects rejects = {0};
    if (gw_answer_read(arena, &answer, fields, &rejects)) {
        check_fields(&answer, fields);
        check_rejects(&answer, &rejects, fields);
    }
    gw_arena_free(arena);
    return 0;
}
