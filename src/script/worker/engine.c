#include "engine.h"

#include <JavaScriptCore/JavaScript.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Exported by every release since 2.26, in headers that are not installed. */
extern void JSGlobalContextSetEvalEnabled(JSGlobalContextRef context, bool enabled,
                                          JSStringRef message);
extern void JSContextGroupSetExecutionTimeLimit(JSContextGroupRef group, double limit,
                                                bool (*callback)(JSContextRef context, void *arg),
                                                void *arg);

extern const char gw_worker_harden[], gw_worker_runtime[], gw_worker_compile[];

static struct {
    gw_wire_head *head;
    gw_wire_head plan; /* the head as it was at the start */
    JSContextGroupRef group;
    JSGlobalContextRef context;
    JSObjectRef runtime; /* of runtime.js */
    JSObjectRef check;   /* of compile.js */
    JSObjectRef changed; /* of harden.js */
    JSObjectRef batch;   /* of a loaded script */
    int32_t seen;        /* the row at work when the time was last looked at */
    int64_t since_us;    /* processor time then */
    bool timed_out;
} engine;

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "godwit-script: %s: %s\n", what, why);
    _exit(3);
}

static void *area(uint64_t offset)
{
    return (char *)engine.head + offset;
}

/* Time. */

static int64_t processor_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Called a few times a row_ms: has the same row been at work for all of it? */
static bool too_long(JSContextRef context, void *arg)
{
    (void)context;
    (void)arg;
    int32_t row = __atomic_load_n(&engine.head->progress, __ATOMIC_RELAXED);
    int64_t now = processor_us();
    if (row != engine.seen) {
        engine.seen = row;
        engine.since_us = now;
    }
    engine.timed_out = now - engine.since_us >= (int64_t)engine.plan.row_ms * 1000;
    return engine.timed_out;
}

static void start_clock(void)
{
    engine.seen = -2;
    engine.since_us = processor_us();
    engine.timed_out = false;
}

/* Text. */

static JSStringRef text_of(const char *utf8)
{
    return JSStringCreateWithUTF8CString(utf8);
}

static void print_exception(JSValueRef exception)
{
    char text[2000] = "an exception without text";
    JSStringRef string = JSValueToStringCopy(engine.context, exception, NULL);
    if (string) {
        JSStringGetUTF8CString(string, text, sizeof text);
        JSStringRelease(string);
    }
    fprintf(stderr, "godwit-script: %s\n", text);
}

static JSValueRef evaluate(JSStringRef source, const char *url, int line, JSValueRef *exception)
{
    JSStringRef name = text_of(url);
    JSValueRef value = JSEvaluateScript(engine.context, source, NULL, name, line, exception);
    JSStringRelease(name);
    return value;
}

/* Our own text: an exception in it ends the process. */
static JSObjectRef evaluate_own(const char *utf8, const char *url)
{
    JSStringRef source = text_of(utf8);
    JSValueRef exception = NULL;
    JSValueRef value = evaluate(source, url, 1, &exception);
    JSStringRelease(source);
    if (exception) {
        print_exception(exception);
        die(url, "does not run");
    }
    if (!JSValueIsObject(engine.context, value))
        return NULL;
    JSValueProtect(engine.context, value);
    return JSValueToObject(engine.context, value, NULL);
}

static JSValueRef string_value(JSStringRef text)
{
    JSValueRef value = JSValueMakeString(engine.context, text);
    JSStringRelease(text);
    return value;
}

/* Method `name` of runtime.js. */
static JSValueRef call(const char *name, size_t count, const JSValueRef *arguments,
                       JSValueRef *exception)
{
    JSStringRef key = text_of(name);
    JSValueRef found = JSObjectGetProperty(engine.context, engine.runtime, key, NULL);
    JSStringRelease(key);
    JSObjectRef function = JSValueToObject(engine.context, found, NULL);
    return JSObjectCallAsFunction(engine.context, function, NULL, count, arguments, exception);
}

/* Start. */

void engine_start(gw_wire_head *head)
{
    engine.head = head;
    engine.plan = *head;
    engine.group = JSContextGroupCreate();
    engine.context = JSGlobalContextCreateInGroup(engine.group, NULL);
    if (!engine.context)
        die("JavaScriptCore", "no context");
    start_clock();
    double period = engine.plan.row_ms < 40 ? 0.01 : engine.plan.row_ms / 4000.0;
    JSContextGroupSetExecutionTimeLimit(engine.group, period, too_long, NULL);
    JSStringRef refusal = text_of("new code cannot be made at run time");
    JSGlobalContextSetEvalEnabled(engine.context, false, refusal);
    JSStringRelease(refusal);
}

static char *read_file(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *text = NULL;
    size_t len = 0, cap = 0;
    do {
        if (cap - len < 65536) {
            cap = cap ? cap * 2 : 1 << 20;
            text = realloc(text, cap + 1);
            if (!text)
                die(path, "out of memory");
        }
        len += fread(text + len, 1, cap - len, file);
    } while (!feof(file) && !ferror(file));
    bool failed = ferror(file) != 0;
    fclose(file);
    text[len] = '\0';
    if (!failed)
        return text;
    free(text);
    return NULL;
}

/* tsc.js up to where it begins to act on its command line is a fourth quicker to load than
 * typescript.js; releases from 5 on have no such place. */
static char *compiler_text(const char *folder)
{
    static const char tail[] = "// This file actually uses arguments passed on commandline";
    char *text = read_file(folder, "tsc.js");
    char *end = text ? strstr(text, tail) : NULL;
    if (end) {
        *end = '\0';
        return text;
    }
    free(text);
    text = read_file(folder, "typescript.js");
    if (!text)
        die(folder, "neither a tsc.js that is known nor a typescript.js");
    return text;
}

static void set_text(JSObjectRef object, const char *name, const char *text)
{
    JSStringRef key = text_of(name);
    JSObjectSetProperty(engine.context, object, key, string_value(text_of(text)), 0, NULL);
    JSStringRelease(key);
}

static void load_libraries(const char *folder)
{
    JSObjectRef libraries = JSObjectMake(engine.context, NULL, NULL);
    JSStringRef key = text_of("godwitLibraries");
    JSObjectSetProperty(engine.context, JSContextGetGlobalObject(engine.context), key, libraries, 0,
                        NULL);
    JSStringRelease(key);
    DIR *dir = opendir(folder);
    if (!dir)
        die(folder, strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *name = entry->d_name;
        size_t len = strlen(name);
        if (len < 6 || strcmp(name + len - 5, ".d.ts") != 0 ||
            (strncmp(name, "lib.es", 6) != 0 && strncmp(name, "lib.decorators", 14) != 0))
            continue;
        char *text = read_file(folder, name);
        if (text)
            set_text(libraries, name, text);
        free(text);
    }
    closedir(dir);
}

void engine_load_runtime(void)
{
    engine.runtime = evaluate_own(gw_worker_runtime, "runtime");
    engine.changed = evaluate_own(gw_worker_harden, "harden");
}

void engine_load_compiler(const char *folder)
{
    char *text = compiler_text(folder);
    evaluate_own(text, "compiler");
    free(text);
    load_libraries(folder);
    engine.check = evaluate_own(gw_worker_compile, "check");
}

/* Answers. */

static uint32_t answer_text(JSStringRef text, gw_wire_status status)
{
    size_t units = text ? JSStringGetLength(text) : 0;
    if (units > engine.plan.out_cap) {
        JSStringRelease(text);
        return GW_WIRE_LARGE;
    }
    if (units > 0)
        memcpy(area(engine.plan.out_at), JSStringGetCharactersPtr(text), units * 2);
    engine.head->out_units = (uint32_t)units;
    if (text)
        JSStringRelease(text);
    return status;
}

static uint32_t answer_value(JSValueRef value, gw_wire_status status)
{
    return answer_text(JSValueToStringCopy(engine.context, value, NULL), status);
}

static uint32_t answer_exception(JSValueRef exception)
{
    if (engine.timed_out)
        return GW_WIRE_TIME;
    JSValueRef again = NULL;
    JSValueRef text = engine.runtime ? call("complaint", 1, &exception, &again) : NULL;
    return answer_value(text && !again ? text : exception, GW_WIRE_ERROR);
}

static JSValueRef input(void)
{
    uint32_t units = engine.head->in_units;
    if (units > engine.plan.in_cap)
        units = 0;
    return string_value(JSStringCreateWithCharacters(area(engine.plan.in_at), units));
}

static void nothing_to_free(void *bytes, void *arg)
{
    (void)bytes;
    (void)arg;
}

static JSValueRef shared_ints(void *at, uint64_t count)
{
    static int32_t none[1];
    return JSObjectMakeTypedArrayWithBytesNoCopy(
        engine.context, kJSTypedArrayTypeInt32Array, count ? at : none, count ? count * 4 : 4,
        nothing_to_free, NULL, NULL);
}

/* Function `index` of the script's modules, wrapped so that its lines keep their numbers (and all
 * but the first, which says "use strict", their columns). */
static JSValueRef module_function(unsigned index, JSValueRef *exception)
{
    JSValueRef number = JSValueMakeNumber(engine.context, index);
    JSValueRef text = call("javascript", 1, &number, exception);
    if (*exception)
        return NULL;
    static const char head[] = "(function (exports) {", tail[] = "\n})";
    JSStringRef body = JSValueToStringCopy(engine.context, text, NULL);
    size_t len = JSStringGetLength(body), at = 0;
    JSChar *units = malloc((len + sizeof head + sizeof tail) * sizeof *units);
    if (!units)
        die("load", "out of memory");
    for (const char *c = head; *c; c++)
        units[at++] = (JSChar)*c;
    memcpy(units + at, JSStringGetCharactersPtr(body), len * sizeof *units);
    at += len;
    for (const char *c = tail; *c; c++)
        units[at++] = (JSChar)*c;
    JSStringRelease(body);
    JSStringRef source = JSStringCreateWithCharacters(units, at);
    free(units);
    char url[32];
    snprintf(url, sizeof url, "godwit:%u", index);
    JSValueRef value = evaluate(source, url, 1, exception);
    JSStringRelease(source);
    return value;
}

static JSValueRef load(JSValueRef *exception)
{
    JSValueRef text = input();
    JSValueRef count = call("spec", 1, &text, exception);
    if (*exception)
        return NULL;
    unsigned modules = (unsigned)JSValueToNumber(engine.context, count, NULL);
    JSObjectRef list = JSObjectMakeArray(engine.context, 0, NULL, NULL);
    JSValueProtect(engine.context, list);
    for (unsigned i = 0; i < modules; i++) {
        JSValueRef function = module_function(i, exception);
        if (*exception)
            return NULL;
        JSObjectSetPropertyAtIndex(engine.context, list, i, function, NULL);
    }
    JSValueRef made = call("wrapper", 0, NULL, exception);
    if (*exception)
        return NULL;
    JSStringRef source = JSValueToStringCopy(engine.context, made, NULL);
    JSValueRef wrap = evaluate(source, "rows", 1, exception);
    JSStringRelease(source);
    if (*exception)
        return NULL;
    const gw_wire_head *plan = &engine.plan;
    JSValueRef arguments[] = {
        wrap, list,
        shared_ints(area(plan->in_lens_at), plan->in_lens_cap),
        shared_ints(area(plan->out_lens_at), plan->out_lens_cap),
        shared_ints(area(plan->cells_at), plan->cells_cap),
        shared_ints(&engine.head->progress, 1),
    };
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        JSValueProtect(engine.context, arguments[i]);
    return call("start", sizeof arguments / sizeof *arguments, arguments, exception);
}

static uint32_t answer_load(void)
{
    JSValueRef exception = NULL;
    JSValueRef batch = load(&exception);
    if (exception)
        return answer_exception(exception);
    JSValueProtect(engine.context, batch);
    engine.batch = JSValueToObject(engine.context, batch, NULL);
    return GW_WIRE_OK;
}

static uint32_t answer_function(JSObjectRef function, size_t count, const JSValueRef *arguments)
{
    if (!function)
        return GW_WIRE_ERROR;
    JSValueRef exception = NULL;
    JSValueRef value =
        JSObjectCallAsFunction(engine.context, function, NULL, count, arguments, &exception);
    return exception ? answer_exception(exception) : answer_value(value, GW_WIRE_OK);
}

/* Has a function changed what all of them share? In a call of its own, behind what was left to run
 * after the functions. */
static bool changed(void)
{
    JSValueRef exception = NULL;
    start_clock();
    JSValueRef value =
        JSObjectCallAsFunction(engine.context, engine.changed, NULL, 0, NULL, &exception);
    return exception || JSValueToBoolean(engine.context, value);
}

void engine_answer(void)
{
    gw_wire_head *head = engine.head;
    head->out_units = 0;
    __atomic_store_n(&head->progress, -1, __ATOMIC_RELAXED);
    start_clock();
    uint32_t status = GW_WIRE_ERROR;
    switch (head->op) {
    case GW_OP_READY:
        status = GW_WIRE_OK;
        break;
    case GW_OP_CHECK: {
        JSValueRef request = input();
        status = answer_function(engine.check, 1, &request);
        break;
    }
    case GW_OP_LOAD:
        status = answer_load();
        break;
    case GW_OP_RUN: {
        JSValueRef arguments[] = {input(), JSValueMakeNumber(engine.context, head->rows)};
        status = answer_function(engine.batch, 2, arguments);
        break;
    }
    }
    if (engine.changed && changed())
        status = GW_WIRE_CHANGED;
    head->status = status;
}
