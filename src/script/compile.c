#include <string.h>

#include "base/json.h"
#include "base/vec.h"
#include "script/internal.h"

/* Units of UTF-16 that a request and its answer may have; bytes that the compiler needs at least. */
enum { REQUEST_MAX = 8 << 20, ANSWER_MAX = 32 << 20, MEMORY_MIN = 512 << 20 };

struct gw_script_compiler {
    gw_arena *arena;
    gw_script_limits limits;
    gw_log *log;
    gw_worker *worker; /* NULL: never started */
};

typedef struct check {
    gw_arena *arena;
    gw_script_compiler *compiler;
    const gw_script_source *source;
    gw_script_problems *problems;
} check;

static void add_problem(check *c, const gw_script_problem *problem)
{
    *gw_vec_push(c->arena, c->problems) = *problem;
}

static bool is_identifier(const char *name)
{
    if (!*name || (*name >= '0' && *name <= '9'))
        return false;
    for (; *name; name++)
        if (!(*name == '_' || *name == '$' || (*name >= '0' && *name <= '9') ||
              (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z')))
            return false;
    return true;
}

/* What would not even make sense to the compiler. */
static void check_names(check *c)
{
    for (size_t i = 0; i < c->source->function_count; i++) {
        const gw_script_function *function = &c->source->functions[i];
        const char *wrong = NULL;
        if (!is_identifier(function->name))
            wrong = "a function's name is made of letters, digits, _ and $";
        else if (!function->text && !c->source->file_text)
            wrong = "there is no function of this name";
        if (wrong)
            add_problem(c, &(gw_script_problem){.function = function->name,
                                                .file = function->named.file,
                                                .line = function->named.line,
                                                .col = function->named.col,
                                                .message = wrong});
    }
}

/* The text without blanks and one semicolon behind it: `… => 1;` is what people write. */
static json_t *expression(const char *text)
{
    static const char blanks[] = " \t\r\n";
    size_t len = strlen(text);
    while (len > 0 && strchr(blanks, text[len - 1]))
        len--;
    if (len > 0 && text[len - 1] == ';')
        len--;
    return json_stringn(text, len);
}

/* NULL where a text is no UTF-8. */
static json_t *request_of(check *c)
{
    const gw_script_source *source = c->source;
    json_t *functions = json_array();
    bool fine = true;
    for (size_t i = 0; i < source->function_count; i++) {
        const gw_script_function *function = &source->functions[i];
        json_t *item = json_object();
        json_object_set_new(item, "name", gw_json_text(function->name));
        json_object_set_new(item, "type",
                            json_string(gw_script_type_out(c->arena, &function->returns)));
        if (function->text)
            fine &= json_object_set_new(item, "text", expression(function->text)) == 0;
        json_array_append_new(functions, item);
    }
    json_t *request = gw_json_own(c->arena, json_object());
    json_object_set_new(request, "functions", functions);
    json_object_set_new(
        request, "types",
        json_string(gw_script_types(c->arena, source->columns, source->column_count)));
    if (source->file_text)
        fine &= json_object_set_new(request, "file", json_string(source->file_text)) == 0;
    return fine ? request : NULL;
}

static unsigned number(const json_t *value, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(value, key));
    return n > 0 && n < INT32_MAX ? (unsigned)n : 0;
}

static void translate(check *c, const json_t *found)
{
    const gw_script_source *source = c->source;
    json_int_t index = json_integer_value(json_object_get(found, "function"));
    const gw_script_function *function = NULL;
    if (index >= 0 && (size_t)index < source->function_count)
        function = &source->functions[index];
    unsigned line = number(found, "line"), col = number(found, "col");
    gw_script_problem problem = {
        .function = function ? function->name : NULL,
        .file = source->file,
        .line = line,
        .col = col,
        .code = number(found, "code"),
        .message = gw_strdup(c->arena, json_string_value(json_object_get(found, "text"))),
    };
    if (json_is_true(json_object_get(found, "named"))) {
        problem.file = function ? function->named.file : source->file;
        problem.line = function ? function->named.line : 0;
        problem.col = function ? function->named.col : 0;
    } else if (function && function->text) {
        const gw_script_unit unit = {.inlined = true, .text_at = function->text_at};
        gw_script_translate(&unit, line, col, &problem.file, &problem.line, &problem.col);
    }
    add_problem(c, &problem);
}

static bool fail_with_problems(check *c, gw_err *err)
{
    const gw_script_problem *first = &c->problems->items[0];
    gw_err_set(err, GW_ERR_INPUT, "%s%s%s", first->function ? first->function : "",
               first->function ? ": " : "", first->message);
    gw_err_at(err, first->file, first->line, first->col);
    if (first->code)
        gw_err_detail(err, "TypeScript's error TS%u", first->code);
    return false;
}

static bool too_hard(check *c, const char *why, gw_err *err)
{
    gw_err_set(err, GW_ERR_INPUT, "the functions could not be checked");
    gw_err_at(err, c->source->file, 0, 0);
    gw_err_detail(err, "%s", why);
    return gw_err_hint(err, "simplify their types");
}

static bool read_answer(check *c, const char *text, size_t len, gw_script_compiled *out,
                        gw_err *err)
{
    json_t *made = gw_json_parse(c->arena, "the compiler's answer", text, len, err);
    if (!made)
        return false;
    const json_t *problems = json_object_get(made, "problems");
    for (size_t i = 0; i < json_array_size(problems); i++)
        translate(c, json_array_get(problems, i));
    if (c->problems->len > 0)
        return fail_with_problems(c, err);
    if (!json_is_array(json_object_get(made, "modules")) ||
        json_array_size(json_object_get(made, "module")) != c->source->function_count)
        return gw_err_set(err, GW_ERR_INTERNAL, "the compiler's answer cannot be read");
    gw_script_compiled_write(c->arena, c->source, made, out);
    return true;
}

static bool ask(check *c, gw_script_compiled *out, gw_err *err)
{
    gw_worker *worker = c->compiler->worker;
    json_t *request = request_of(c);
    size_t units = 0;
    char *text = request ? gw_json_dump(c->arena, request) : NULL;
    if (!text || !gw_worker_put_text(worker, text, strlen(text), &units)) {
        gw_err_set(err, GW_ERR_INPUT, "the functions are %s",
                   text ? "too long" : "no UTF-8");
        return gw_err_at(err, c->source->file, 0, 0);
    }
    bool used = gw_worker_alive(worker);
    if (!gw_worker_start(worker, err))
        return false;
    gw_worker_answer answer = gw_worker_ask(worker, GW_OP_CHECK, 0, units);
    if (answer.outcome == GW_WORKER_ANSWERED && answer.status == GW_WIRE_OK) {
        size_t len;
        char *said = gw_worker_get_text(c->arena, worker, answer.out_units, &len);
        return read_answer(c, said, len, out, err);
    }
    const char *why = "the answer is too long";
    size_t len;
    if (answer.outcome == GW_WORKER_SLOW || answer.status == GW_WIRE_TIME)
        why = "it took too long";
    else if (answer.outcome != GW_WORKER_ANSWERED)
        why = gw_worker_last_words(worker);
    else if (answer.status == GW_WIRE_ERROR)
        why = gw_worker_get_text(c->arena, worker, answer.out_units, &len);
    gw_worker_kill(worker);
    /* What earlier checks left behind may have been in its way. */
    return used ? ask(c, out, err) : too_hard(c, why, err);
}

gw_script_compiler *gw_script_compiler_new(gw_arena *arena, const gw_script_limits *limits,
                                           gw_log *log)
{
    gw_script_compiler *compiler = gw_alloc(arena, sizeof *compiler);
    *compiler = (gw_script_compiler){
        .arena = arena, .limits = gw_script_limits_of(limits), .log = log};
    return compiler;
}

void gw_script_compiler_end(gw_script_compiler *compiler)
{
    if (compiler->worker)
        gw_worker_kill(compiler->worker);
}

static bool find(gw_script_compiler *compiler, gw_err *err)
{
    const gw_script_limits *limits = &compiler->limits;
    gw_worker_plan plan = {
        .program = gw_script_find_worker(compiler->arena, err),
        .in_cap = REQUEST_MAX,
        .out_cap = ANSWER_MAX,
        .row_ms = limits->check_ms / 2,
        .wall_ms = limits->check_ms,
        .memory = limits->memory > MEMORY_MIN ? limits->memory : MEMORY_MIN,
        .log = compiler->log,
    };
    gw_worker *worker;
    if (!plan.program || !(plan.compiler = gw_script_find_compiler(compiler->arena, err)) ||
        !gw_worker_new(compiler->arena, &plan, &worker, err))
        return false;
    compiler->worker = worker;
    return true;
}

bool gw_script_compile(gw_arena *arena, gw_script_compiler *compiler,
                       const gw_script_source *source, gw_script_compiled *out,
                       gw_script_problems *problems, gw_err *err)
{
    check c = {.arena = arena, .compiler = compiler, .source = source, .problems = problems};
    *problems = (gw_script_problems){0};
    *out = (gw_script_compiled){0};
    check_names(&c);
    if (problems->len > 0)
        return fail_with_problems(&c, err);
    return (compiler->worker || find(compiler, err)) && ask(&c, out, err);
}

bool gw_script_available(gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_worker_plan plan = {.program = gw_script_find_worker(arena, err), .row_ms = 1000,
                           .wall_ms = 30 * 1000, .memory = 256 << 20};
    gw_worker *worker;
    bool ok = plan.program && gw_script_find_compiler(arena, err) &&
              gw_worker_new(arena, &plan, &worker, err) && gw_worker_start(worker, err);
    gw_arena_free(arena);
    return ok;
}
