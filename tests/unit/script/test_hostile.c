/* Functions that mean harm, or are merely wrong: what they cost is their own row. */
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "script/internal.h"

static gw_script_limits tight(void)
{
    return (gw_script_limits){.row_ms = 300, .wall_ms = 60 * 1000, .memory = (size_t)192 << 20,
                              .row_bytes = 4 << 20};
}

/* `body` runs for the rows whose v is "x"; every other row has to come through. */
static gw_script_result run_hostile(mapping *m, const char *body, size_t rows, size_t bad)
{
    m->limits = tight();
    add_column(m, "v", a_type(GW_SCRIPT_TEXT));
    add_function(m, "f", a_type(GW_SCRIPT_TEXT),
                 gw_printf(m->arena, "(row: Row): string => {\n if (row.v === 'x') { %s }\n return row.v; }",
                           body));
    gw_script *script = open_script(m);
    const char **texts = gw_alloc_array(m->arena, rows, sizeof *texts);
    for (size_t i = 0; i < rows; i++)
        texts[i] = i == bad ? "x" : gw_printf(m->arena, "row %zu", i);
    gw_script_result r = run_rows(m, script, texts, rows);
    for (size_t i = 0; i < rows; i++)
        if (i != bad)
            assert_field(r, i, texts[i]);
    gw_script_close(script);
    return r;
}

static void assert_only(gw_script_result r, size_t row, gw_script_reason reason, const char *part)
{
    assert_int_equal(r.rejection_count, 1);
    assert_int_equal(r.rejections[0].row, row);
    if (r.rejections[0].reason != reason)
        fail_msg("%s: %s", gw_script_reason_name(r.rejections[0].reason), r.rejections[0].message);
    assert_holds(r.rejections[0].message, part);
    assert_string_equal(r.rejections[0].function, "f");
    assert_non_null(r.rejections[0].file);
}

static void test_loop(void **state)
{
    mapping m = {.arena = *state};
    assert_only(run_hostile(&m, "for (;;) { try { for (;;); } catch { } finally { } }", 700, 613), 613,
                GW_SCRIPT_TIME, "took longer than 300 ms");
}

static void test_backtracking(void **state)
{
    mapping m = {.arena = *state};
    gw_script_result r = run_hostile(
        &m, "for (let i = 0; ; i++) if (/^((a+)+)$/.test('a'.repeat(27) + '!' + i)) return '';", 20, 0);
    assert_only(r, 0, GW_SCRIPT_TIME, "took longer");
}

/* No time limit of the engine ends these: the process is killed, and the row found by halves. */
static void test_microtasks(void **state)
{
    mapping m = {.arena = *state};
    assert_only(run_hostile(&m, "const P = (globalThis as any)['Promise']; const f = () => P.resolve().then(f); f();", 9, 4),
                4, GW_SCRIPT_TIME, "took longer");
}

static void test_recursion(void **state)
{
    mapping m = {.arena = *state};
    gw_script_result r = run_hostile(&m, "const f = (n: number): number => 1 + f(n + 1);\n f(0);", 5, 2);
    assert_only(r, 2, GW_SCRIPT_THREW, "RangeError: Maximum call stack size exceeded");
    /* The block begins at 20:5; its second and third lines are what recurses and what starts it. */
    assert_true(r.rejections[0].line == 21 || r.rejections[0].line == 22);
}

static void test_memory(void **state)
{
    static const char *const hogs[] = {
        "const a: unknown[] = []; for (;;) a.push(new Array(1000).fill(row.v + a.length));",
        "let s = 'x'; for (;;) s += s + s.length;",
        "const a: Uint8Array[] = []; for (;;) { const b = new Uint8Array(1 << 20); b.fill(1); a.push(b); }",
        "const m = new Map(); for (let i = 0; ; i++) m.set('key' + i, { i, s: 'v'.repeat(100) + i });",
        "const a: object[] = []; for (let i = 0; ; i++) a.push({ ['p' + i]: i, ['q' + i]: i });",
        "const a: unknown[] = []; for (;;) try { for (;;) a.push('y'.repeat(1 << 16).split('')); } catch { }",
        "let n = 2n; for (;;) n = n * n;",
    };
    for (size_t i = 0; i < sizeof hogs / sizeof *hogs; i++) {
        mapping m = {.arena = *state};
        gw_script_result r = run_hostile(&m, hogs[i], 5, 3);
        /* By whom it is stopped depends on what it takes: all that matters is that it is. */
        assert_int_equal(r.rejection_count, 1);
        assert_int_equal(r.rejections[0].row, 3);
        print_message("%s: %s\n", gw_script_reason_name(r.rejections[0].reason), r.rejections[0].message);
    }
}

static void test_output(void **state)
{
    mapping m = {.arena = *state};
    assert_only(run_hostile(&m, "return 'z'.repeat(5 << 20);", 5, 1), 1, GW_SCRIPT_SIZE,
                "larger than 4194304 bytes");
}

static void test_input(void **state)
{
    mapping m = {.arena = *state};
    m.limits = tight();
    add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
    add_function(&m, "f", a_type(GW_SCRIPT_INT4), "row => row.v.length");
    gw_script *script = open_script(&m);
    char *large = gw_alloc(m.arena, (5 << 20) + 1), *fits = gw_alloc(m.arena, (4 << 20) + 1);
    memset(large, 'l', 5 << 20);
    memset(fits, 'f', 4 << 20);
    gw_script_result r = run_rows(&m, script, (const char *const[]){"a", large, fits, "bc"}, 4);
    assert_only(r, 1, GW_SCRIPT_SIZE, "the row is larger");
    assert_field(r, 0, "1");
    assert_field(r, 2, "4194304");
    assert_field(r, 3, "2");
    gw_script_close(script);
}

static char *replaced(gw_arena *arena, const char *text, const char *what, const char *with)
{
    const char *at = strstr(text, what);
    assert_non_null(at);
    return gw_printf(arena, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
}

/* Every way to new code, to the world outside and to what all rows share. A function that gets
 * through returns "in". */
static void test_ways_out(void **state)
{
    static const char *const ways[] = {
        "g.eval('1')", "(0, g.eval)('1')", "new g.Function('return 1')()", "(() => 0).constructor('return 1')()",
        "'ASYNC'.constructor('return 1')()", "(function* () {}).constructor('yield 1')().next()",
        "'STREAM'.constructor('yield 1')().next()", "'IMPORT'.then", "g.setTimeout('1', 0)",
        "g.WebAssembly.compile", "g.Date.now()", "new g.Date()", "g.Date()", "g.Math.random()",
        "new (g.Date.prototype.constructor)()", "new (class extends g.Date { constructor() { super(); } })()",
        "Reflect.construct(g.Date, [])", "Reflect.construct(g.Date, [], Object)",
        "new g.Intl.DateTimeFormat().format()", "g.require('fs')", "g.process.exit()", "g.console.log(1)",
        "g.performance.now()", "new g.WeakRef({})", "new g.FinalizationRegistry(() => 0)", "g.Atomics.load",
        "new g.SharedArrayBuffer(1)", "new g.ShadowRealm()", "g.fetch('x')", "g.gc()", "g.$vm.crash()",
        "(g.leak = 1)", "(globalThis.Object = g.Array)", "(Array.prototype.push = g.x)",
        "(Object.prototype as any).leak = 1", "(String.prototype as any).trim = () => 'in'",
        "(RegExp.prototype as any).exec = null", "(Array as any).from = 1", "delete g.Object",
        "Object.defineProperty(Object.prototype, 'leak', { value: 1 })",
        "(Object.getPrototypeOf([][Symbol.iterator]()) as any).next = 1",
        "(Object.getPrototypeOf(function* () {}()) as any).next = 1", "(row as any).v = 'in'",
        "(JSON as any).parse = 1", "(Error as any).stackTraceLimit = 0", "(g.Symbol.prototype.leak = 1)",
        "Object.setPrototypeOf(Object.prototype, { leak: 1 })", "(Uint8Array.prototype as any).fill = 1",
        "(((g.undefined = 1)))", "Object.setPrototypeOf(globalThis, {}).leak",
        "(/(x)/.exec('x'), (RegExp as any).$1.length, (RegExp as any).lastMatch.length)",
    };
    enum { WAYS = sizeof ways / sizeof *ways };
    mapping m = {.arena = *state};
    add_column(&m, "i", a_type(GW_SCRIPT_INT4));
    gw_buf text = GW_BUF(m.arena);
    gw_buf_add(&text, "const g: any = globalThis;\nexport const f = (row: any): string => [\n");
    for (size_t i = 0; i < WAYS; i++)
        gw_buf_addf(&text, "// @ts-ignore\n() => %s,\n", ways[i]);
    gw_buf_add(&text, "][row.i]() === '' ? '' : 'in';\n");
    m.file_text = gw_buf_str(&text);
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT), NULL);
    gw_err err = {0};
    gw_script_compiled compiled;
    gw_script_problems problems;
    if (!compile(&m, &compiled, &problems, &err))
        fail_with(&err, "compile");
    /* What the check refuses by its grammar is put in behind its back. */
    const char *text_of = replaced(m.arena, compiled.text, "'ASYNC'", "(async () => 0)");
    text_of = replaced(m.arena, text_of, "'STREAM'", "(async function* () {})");
    text_of = replaced(m.arena, text_of, "'IMPORT'.then", "import('x').then(() => 1) && 1 .x.y");
    gw_script *script;
    if (!gw_script_open(text_of, strlen(text_of), &m.limits, NULL, &script, &err))
        fail_with(&err, "open");
    const char *numbers[WAYS];
    for (size_t i = 0; i < WAYS; i++)
        numbers[i] = gw_printf(m.arena, "%zu", i);
    gw_script_result r = run_rows(&m, script, numbers, WAYS);
    for (size_t i = 0; i < WAYS; i++)
        if (r.fields[i].len >= 0)
            fail_msg("gets through: %s", ways[i]);
    for (size_t i = 0; i < r.rejection_count; i++)
        assert_int_equal(r.rejections[i].reason, GW_SCRIPT_THREW);
    gw_script_close(script);
}

/* Row 1 changes a getter of RegExp.prototype and row 2 puts it back: both are done again in a world where
 * neither was, and the rows behind them see nothing of it. */
static void test_getters_changed(void **state)
{
    static const char *const ways[] = {
        "Object.defineProperty(p, 'flags', { get() { return 'm'; } })",
        "Object.defineProperties(p, { dotAll: { get() { return true; } } })",
        "Reflect.defineProperty(p, 'source', { value: 'x' })", "delete p.flags", "Reflect.deleteProperty(p, 'sticky')",
        "p.__defineGetter__('flags', () => 'm')", "p.__defineSetter__('global', () => 0)", "Object.freeze(p)",
        "Object.seal(p)", "Object.defineProperty(p, 'flags', { enumerable: true })",
        "Object.defineProperty(new Proxy(p, {}), 'flags', { get() { return 'm'; } })",
        "new (class extends (function () { return p; } as any) { flags = 'm'; })()",
        "Reflect.construct(class extends (function () { return p; } as any) { ['sticky'] = 1; }, [], RegExp)",
        "[/x/[Symbol.matchAll]('x')].map(() => Object.defineProperty((/x/ as any).__proto__, 'flags', { value: 'm' }))",
        "Object.prototype.__lookupGetter__.call(p, '__proto__').call(/y/).__defineGetter__('flags', () => 'm')",
        "JSON.parse('[1, 2]', function (k, v) { if (k === '0') { delete p.unicode; } return v; })",
        "(globalThis as any)['Promise'].resolve().then(() => Object.defineProperty(p, 'flags', { get() { return 'm'; } }))",
        "new Proxy(/x/, { getPrototypeOf(t) { delete p.flags; return p; } }) instanceof RegExp", "'FIELD'",
    };
    enum { WAYS = sizeof ways / sizeof *ways, ROWS = 4 };
    mapping m = {.arena = *state};
    add_column(&m, "way", a_type(GW_SCRIPT_INT4));
    add_column(&m, "n", a_type(GW_SCRIPT_INT4));
    gw_buf source = GW_BUF(m.arena);
    gw_buf_add(&source, "const p: any = RegExp.prototype, real: any = Object.getOwnPropertyDescriptors(p);\n"
                      "const ways: any[] = [\n");
    for (size_t i = 0; i < WAYS; i++)
        gw_buf_addf(&source, "// @ts-ignore\n() => { %s; },\n", ways[i]);
    gw_buf_add(&source, "];\nexport const f = (row: any): string => {\n"
                      "if (row.n === 1) ways[row.way]();\n"
                      "if (row.n === 2) for (const k of Reflect.ownKeys(real))\n"
                      "try { Object.defineProperty(p, k, real[k]); } catch { }\n"
                      "return 'a1'.replace(/\\d/, 'b').split(/x/) + String(/./) + /a/i.flags + Object.keys(p); };\n");
    m.file_text = gw_buf_str(&source);
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT), NULL);
    gw_err err = {0};
    gw_script_compiled compiled;
    gw_script_problems problems;
    gw_script *script;
    if (!compile(&m, &compiled, &problems, &err))
        fail_with(&err, "compile");
    /* The compiler makes assignments of fields. */
    const char *made = replaced(m.arena, compiled.text, "'FIELD'",
                                "new (class extends (function () { return p; }) { flags = 'm'; })()");
    if (!gw_script_open(made, strlen(made), &m.limits, NULL, &script, &err))
        fail_with(&err, "open");
    for (size_t i = 0; i < WAYS; i++) {
        const char *numbers[ROWS * 2];
        for (size_t k = 0; k < ROWS; k++) {
            numbers[k * 2] = gw_printf(m.arena, "%zu", i);
            numbers[k * 2 + 1] = gw_printf(m.arena, "%zu", k);
        }
        gw_script_result r = run_rows(&m, script, numbers, ROWS);
        if (r.rejection_count != 1 || r.rejections[0].row != 1 || r.rejections[0].reason != GW_SCRIPT_THREW)
            fail_msg("%zu rejected, %s: %s", r.rejection_count,
                     r.rejection_count ? r.rejections[0].message : "", ways[i]);
        /* A field of a class is assigned to, and that throws at once. */
        assert_only(r, 1, GW_SCRIPT_THREW,
                    strstr(ways[i], "class") ? "TypeError" : "changed RegExp.prototype, which all functions share");
        for (size_t k = 0; k < ROWS; k++)
            if (k != 1)
                assert_field(r, k, "ab/./i");
    }
    gw_script_close(script);
}

/* What nobody may do to RegExp.prototype at all, and what may be done to a pattern of one's own. */
static void test_expressions(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
    m.file_text = "const p: any = RegExp.prototype;\n"
                  "const no = (what: () => unknown): string => { try { what(); return 'in'; } catch { return ''; } };\n"
                  "export const f = (row: any): string => {\n"
                  "const mine: any = /b/; Object.defineProperty(mine, 'exec', { value: () => null });\n"
                  "class Own extends RegExp { exec(s: string) { return super.exec(s + 'z'); } }\n"
                  "return no(() => { p.exec = null; }) + no(() => { p.mine = 1; }) + no(() => { p.flags = 'g'; })\n"
                  "+ no(() => Object.defineProperty(p, 'exec', { value: null }))\n"
                  "+ no(() => Object.defineProperty(p, Symbol.replace, { value: null }))\n"
                  "+ no(() => Object.setPrototypeOf(p, {})) + no(() => Object.defineProperty(RegExp, Symbol.species, { value: 1 }))\n"
                  "+ no(() => { (/x/ as any).__proto__.test = null; })\n"
                  "+ mine.test('b') + /b/.test('b') + new Own('z').test('a')\n"
                  "+ [Object.defineProperty.name, Object.defineProperty.length, p.__defineGetter__.length]; };\n";
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT), NULL);
    gw_script *script = open_script(&m);
    gw_script_result r = run_rows(&m, script, (const char *const[]){"1", "2"}, 2);
    assert_field(r, 0, "falsetruetruedefineProperty,3,2");
    assert_field(r, 1, "falsetruetruedefineProperty,3,2");
    gw_script_close(script);
}

/* What one function does to its row, the next one does not see. */
static void test_no_leaks(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "v", a_type(GW_SCRIPT_JSON));
    add_column(&m, "b", a_type(GW_SCRIPT_BYTES));
    add_function(&m, "first", a_type(GW_SCRIPT_JSON),
                 "row => { try { (row.v as any).n = 2; } catch { }\n"
                 "row.b[0] = 9; try { (globalThis as any).seen = 1; } catch { } return row.v; }");
    add_function(&m, "second", a_type(GW_SCRIPT_JSON),
                 "row => [row.v, row.b[0], typeof (globalThis as any).seen]");
    gw_script *script = open_script(&m);
    gw_script_result r = run_rows(&m, script, (const char *const[]){"{\"n\":1}", "\\x01",
                                                                    "{\"n\":1}", "\\x01"}, 2);
    assert_int_equal(r.rejection_count, 0);
    for (size_t i = 0; i < 2; i++) {
        assert_field(r, i * 2, "{\"n\":1}");
        assert_field(r, i * 2 + 1, "[{\"n\":1},1,\"undefined\"]");
    }
    gw_script_close(script);
}

/* What functions may do to objects of their own goes on working in a frozen world. */
static void test_ordinary_code(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT),
                 "row => {\n"
                 "class Own extends Error { constructor(t: string) { super(t); this.name = 'Own'; } }\n"
                 "const o: any = {}; o.toString = () => row.v; o.constructor = 1; o.valueOf = null;\n"
                 "const e = new Error('a'); e.message = 'b'; e.name = 'N';\n"
                 "const d = new Date('2024-02-29T10:00:00Z'); d.setUTCDate(1);\n"
                 "const a = [3, 1, 2]; a.sort(); (a as any).extra = 1;\n"
                 "const t = row.v.replace(/(\\w+) (\\w+)/, '$2 $1').normalize('NFC');\n"
                 "return [`${o}`, new Own('x').name, String(e), d.toISOString(), a.join(), t,\n"
                 "  'ä'.localeCompare('z'), (1234.5).toLocaleString('de')].join('|'); }");
    gw_script *script = open_script(&m);
    gw_script_result r = run_rows(&m, script, (const char *const[]){"a b"}, 1);
    assert_field(r, 0, "a b|Own|N: b|2024-02-01T10:00:00.000Z|1,2,3|b a|-1|1.234,5");
    gw_script_close(script);
}

/* A worker that somebody kills is started again, and no row is lost. */
static void test_worker_killed(void **state)
{
    mapping m = {.arena = *state};
    m.limits = tight();
    add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT), "row => row.v + '!'");
    gw_script *script = open_script(&m);
    for (int i = 0; i < 3; i++) {
        pid_t pid = gw_worker_pid(script->worker);
        assert_int_equal(kill(pid, i % 2 ? SIGSEGV : SIGKILL), 0);
        gw_script_result r = run_rows(&m, script, (const char *const[]){"a", "b", "c"}, 3);
        assert_int_equal(r.rejection_count, 0);
        assert_field(r, 2, "c!");
    }
    gw_script_close(script);
}

static gw_script *plain_script(mapping *m)
{
    m->limits = tight();
    add_column(m, "v", a_type(GW_SCRIPT_TEXT));
    add_function(m, "f", a_type(GW_SCRIPT_TEXT), "row => { if (row.v === 'x') for (;;); return row.v; }");
    return open_script(m);
}

/* The kernel's view of a worker: filtered, without privileges to gain, with its own descriptors only. */
static void test_what_a_worker_has(void **state)
{
    mapping m = {.arena = *state};
    gw_script *script = plain_script(&m);
    int pid = (int)gw_worker_pid(script->worker);
    gw_err err = {0};
    FILE *file = fopen(gw_printf(m.arena, "/proc/%d/status", pid), "re");
    assert_non_null(file);
    char *line = NULL;
    size_t cap = 0, found = 0;
    while (getline(&line, &cap, file) > 0)
        found += strcmp(line, "Seccomp:\t2\n") == 0 || strcmp(line, "NoNewPrivs:\t1\n") == 0;
    fclose(file);
    free(line);
    assert_int_equal(found, 2);
    gw_file_list fds;
    assert_true(gw_file_list_dir(m.arena, gw_printf(m.arena, "/proc/%d/fd", pid), &fds, &err));
    for (size_t i = 0; i < fds.len; i++) {
        char to[200] = "";
        char *path = gw_printf(m.arena, "/proc/%d/fd/%s", pid, fds.items[i].name);
        assert_true(readlink(path, to, sizeof to - 1) > 0);
        /* Its own streams, socket and memory; what the engine has for itself: eventfds, seeds of its
         * tables, the size of its memory. */
        if (atoi(fds.items[i].name) > GW_WIRE_MEMORY && strncmp(to, "anon_inode:", 11) != 0 &&
            strcmp(to, "/dev/urandom") != 0 && !strstr(to, "/statm"))
            fail_msg("descriptor %s is %s", fds.items[i].name, to);
    }
    gw_script_close(script);
}

/* Godwit is killed while a function loops without end: the worker goes with it. */
static void test_parent_killed(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        mapping m = {.arena = *state};
        gw_script *script = plain_script(&m);
        pid_t pid = gw_worker_pid(script->worker);
        ssize_t sent = write(ends[1], &pid, sizeof pid);
        for (;;)
            run_rows(&m, script, (const char *const[]){sent > 0 ? "x" : ""}, 1);
    }
    pid_t worker = 0;
    assert_int_equal(read(ends[0], &worker, sizeof worker), sizeof worker);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    /* Gone, or a zombie where nobody reaps orphans. */
    for (int64_t until = gw_monotonic_us() + 60 * 1000000;;) {
        char status = 'Z';
        FILE *file = fopen(gw_printf(*state, "/proc/%d/stat", (int)worker), "re");
        if (file && fscanf(file, "%*d %*s %c", &status) != 1)
            status = 'Z';
        if (file)
            fclose(file);
        if (status == 'Z' || status == 'X')
            break;
        if (gw_monotonic_us() > until)
            fail_msg("the worker is still there: %c", status);
        gw_sleep_ms(20, NULL);
    }
}

/* Where every row is lost it is not the rows: an error, instead of a million rejections. */
static void test_every_row_is_lost(void **state)
{
    mapping m = {.arena = *state};
    m.limits = tight();
    m.limits.row_ms = 50;
    m.limits.deaths = 4;
    add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT), "row => { for (;;); }");
    gw_script *script = open_script(&m);
    gw_script_field in[100];
    for (size_t i = 0; i < 100; i++)
        in[i] = field("v");
    gw_script_result r;
    gw_err err = {0};
    assert_false(gw_script_run(script, m.arena, in, 100, &r, &err));
    assert_int_equal(err.kind, GW_ERR_STATE);
    assert_holds(err.message, "4 in a row were lost");
    assert_holds(err.detail, "took longer than 50 ms");
    gw_err_clear(&err);
    gw_script_close(script);
}

/* What a file does outside its functions runs under the same limits. */
static void test_hostile_top_level(void **state)
{
    static const char *const texts[] = {"for (;;);", "throw new RangeError('no');",
                                        "delete (RegExp.prototype as any).flags;"};
    static const char *const says[] = {"takes too long", "RangeError: no", "changed RegExp.prototype"};
    for (size_t i = 0; i < 3; i++) {
        mapping m = {.arena = *state};
        m.limits = tight();
        add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
        m.file_text = gw_printf(m.arena, "export const f = (row: Row) => row.v;\n\n  %s\n", texts[i]);
        add_function(&m, "f", a_type(GW_SCRIPT_TEXT), NULL);
        gw_err err = {0};
        gw_script_compiled compiled;
        gw_script_problems problems;
        if (!compile(&m, &compiled, &problems, &err))
            fail_with(&err, "compile");
        gw_script *script;
        assert_false(gw_script_open(compiled.text, compiled.len, &m.limits, NULL, &script, &err));
        assert_holds(err.message, "cannot be loaded");
        assert_holds(err.detail, says[i]);
        if (i == 1) {
            assert_holds(err.file, "functions.ts");
            assert_int_equal(err.line, 3);
        }
        gw_err_clear(&err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_loop),          with_arena(test_backtracking),  with_arena(test_microtasks),
        with_arena(test_recursion),     with_arena(test_memory),        with_arena(test_output),
        with_arena(test_input),         with_arena(test_ways_out),      with_arena(test_no_leaks),
        with_arena(test_ordinary_code), with_arena(test_worker_killed), with_arena(test_every_row_is_lost),
        with_arena(test_hostile_top_level),
        with_arena(test_getters_changed), with_arena(test_expressions),
        with_arena(test_what_a_worker_has), with_arena(test_parent_killed),
    };
    return cmocka_run_group_tests_name("script/hostile", tests, NULL, NULL);
}
