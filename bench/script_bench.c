/*
 * script_bench ROWS BATCH [keep]: rows a second through eight TypeScript functions of eight columns, one
 * worker. Prints one line of JSON. The columns are those of a customer table; `keep` returns each of them as it is, which
 * is what crossing costs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "script/script.h"

enum { COLUMNS = 8 };

static const gw_script_column columns[COLUMNS] = {
    {"id", {.kind = GW_SCRIPT_INT4}},
    {"first_name", {.kind = GW_SCRIPT_TEXT, .nullable = true}},
    {"last_name", {.kind = GW_SCRIPT_TEXT, .nullable = true}},
    {"email", {.kind = GW_SCRIPT_TEXT, .nullable = true}},
    {"phone", {.kind = GW_SCRIPT_TEXT, .nullable = true}},
    {"amount", {.kind = GW_SCRIPT_FLOAT8, .nullable = true}},
    {"created_at", {.kind = GW_SCRIPT_TEXT}},
    {"note", {.kind = GW_SCRIPT_TEXT, .nullable = true}},
};

#define FUNCTION(n, ts, null, body)                                                                \
    {                                                                                              \
        .name = n, .returns = {.kind = GW_SCRIPT_##ts, .nullable = null}, .text = body,            \
        .named = {"bench.yaml", 1, 1, 0}, .text_at = {"bench.yaml", 1, 1, 0}                       \
    }

static const gw_script_function functions[] = {
    FUNCTION("legacyId", INT4, false, "(row: Row): number => row.id + 1000000"),
    FUNCTION("fullName", TEXT, false,
             "(row: Row): string => [row.first_name, row.last_name].filter(Boolean).join(' ')"),
    FUNCTION("email", TEXT, true,
             "(row: Row) => row.email === null ? null : row.email.trim().toLowerCase()"),
    FUNCTION("phone", TEXT, true,
             "(row: Row) => row.phone === null ? null : '+' + row.phone.replace(/[^0-9]/g, '')"),
    FUNCTION("cents", INT4, true,
             "(row: Row) => row.amount === null ? null : Math.round(row.amount * 100)"),
    FUNCTION("createdOn", TEXT, false, "(row: Row) => row.created_at.slice(0, 10)"),
    FUNCTION("note", TEXT, true, "(row: Row) => row.note"),
    FUNCTION("price", TEXT, true,
             "(row: Row) => row.amount === null ? null : row.amount.toFixed(2)"),
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static void keep_columns(gw_arena *arena, gw_script_function *to)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        to[i] = functions[i];
        to[i].returns = columns[i].type;
        to[i].text = gw_printf(arena, "(row: Row) => row.%s", columns[i].name);
    }
}

static gw_script_field text(const char *data)
{
    return (gw_script_field){.data = data, .len = data ? (int32_t)strlen(data) : -1};
}

static void fill(gw_arena *arena, gw_script_field *row, size_t i)
{
    row[0] = text(gw_printf(arena, "%zu", i));
    row[1] = text(i % 7 ? "Žofie" : NULL);
    row[2] = text("Müller-Lüdenscheidt");
    row[3] = text(gw_printf(arena, " User%zu@Example.ORG ", i));
    row[4] = text("(030) 123-45 67");
    row[5] = text(gw_printf(arena, "%zu.%02zu", i % 5000, i % 100));
    row[6] = text("2024-02-29 23:59:58.123456+00");
    row[7] = text(i % 3 ? "line one\\nand \"two\"" : NULL);
}

static int fail(const gw_err *err)
{
    fprintf(stderr, "%s: %s\n", err->message, err->detail ? err->detail : "");
    return 1;
}

/* Of all threads, and of children that have ended. */
static double processor_us(int who)
{
    struct rusage used;
    getrusage(who, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
    size_t rows = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    size_t batch = argc > 2 ? strtoul(argv[2], NULL, 10) : 500;
    gw_arena *arena = gw_arena_new(), *scratch = gw_arena_new();
    gw_script_function kept[COLUMNS];
    keep_columns(arena, kept);
    bool keep = argc > 3 && strcmp(argv[3], "keep") == 0;
    gw_script_source source = {.columns = columns, .column_count = COLUMNS,
                               .functions = keep ? kept : functions, .function_count = FUNCTIONS};
    gw_script_limits limits = {.batch_rows = (uint32_t)batch};
    gw_script_compiled compiled;
    gw_script_problems problems;
    gw_script *script;
    gw_err err = {0};
    int64_t start = gw_monotonic_us();
    if (!gw_script_compile(arena, gw_script_compiler_new(arena, NULL, NULL), &source, &compiled,
                           &problems, &err))
        return fail(&err);
    int64_t checked = gw_monotonic_us();
    if (!gw_script_open(compiled.text, compiled.len, &limits, NULL, &script, &err))
        return fail(&err);
    int64_t opened = gw_monotonic_us();
    enum { POOL = 20000 };
    gw_script_field *in = gw_alloc_array(arena, POOL * COLUMNS, sizeof *in);
    for (size_t i = 0; i < POOL; i++)
        fill(arena, in + i * COLUMNS, i);
    size_t out_bytes = 0, rejected = 0;
    int64_t began = gw_monotonic_us();
    double own = processor_us(RUSAGE_SELF);
    for (size_t done = 0; done < rows; done += POOL) {
        gw_script_result result;
        gw_arena_reset(scratch);
        if (!gw_script_run(script, scratch, in, POOL, &result, &err))
            return fail(&err);
        rejected += result.rejection_count;
        for (size_t i = 0; i < POOL * FUNCTIONS; i++)
            out_bytes += result.fields[i].len > 0 ? (size_t)result.fields[i].len : 0;
    }
    int64_t took = gw_monotonic_us() - began;
    rows = (rows + POOL - 1) / POOL * POOL;
    double parent = processor_us(RUSAGE_SELF) - own, before = processor_us(RUSAGE_CHILDREN);
    gw_script_close(script);
    double worker = processor_us(RUSAGE_CHILDREN) - before;
    struct rusage peak;
    getrusage(RUSAGE_SELF, &peak);
    printf("{\"rows_per_second\":%.0f,\"rows_per_cpu_second\":%.0f,\"worker_cpu_us_per_row\":%.2f,"
           "\"parent_cpu_us_per_row\":%.2f,\"out_bytes_per_row\":%.1f,\"rejected\":%zu,"
           "\"check_ms\":%.0f,\"open_ms\":%.0f,\"parent_peak_kib\":%ld}\n",
           (double)rows * 1e6 / (double)took, (double)rows * 1e6 / (parent + worker),
           worker / (double)rows, parent / (double)rows, (double)out_bytes / (double)rows,
           rejected, (double)(checked - start) / 1000, (double)(opened - checked) / 1000, peak.ru_maxrss);
    gw_arena_free(scratch);
    gw_arena_free(arena);
    return 0;
}
