/* Texts as typed values, with the messages for those that are none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "config/source.h"

typedef struct value_place {
    const char *what, *text;
    unsigned line, col;
    gw_problems *problems;
} value_place;

static bool bad_value(const value_place *v, const char *wanted, const char *hint)
{
    gw_problem_add(v->problems, v->line, v->col, "\"%s\" takes %s, not \"%s\"", v->what, wanted,
                   v->text);
    if (hint)
        gw_problem_hint(v->problems, "%s", hint);
    return false;
}

static bool parse_count(const value_place *v, unsigned least, unsigned *out)
{
    enum { MOST = 10000 };
    char *end;
    errno = 0;
    long number = strtol(v->text, &end, 10);
    bool digits = *v->text >= '0' && *v->text <= '9' && !*end;
    if (!digits || errno || number < (long)least || number > MOST)
        return bad_value(v, least ? "a whole number from 1 to 10000"
                                  : "a whole number from 0 to 10000", NULL);
    *out = (unsigned)number;
    return true;
}

/* A major version that Godwit supports, or one that is still to come. */
static bool parse_server(const value_place *v, unsigned *out)
{
    enum { OLDEST = 12, NEWEST = 99 };
    char *end;
    unsigned long number = strtoul(v->text, &end, 10);
    if (*v->text < '0' || *v->text > '9' || *end || number < OLDEST || number > NEWEST)
        return bad_value(v, "a major version of PostgreSQL, from 12", NULL);
    *out = (unsigned)number;
    return true;
}

static bool parse_bool(const value_place *v, bool *out)
{
    if (gw_bool_parse(v->text, out))
        return true;
    return bad_value(v, "true or false", NULL);
}

static bool parse_pooler(const value_place *v, gw_config_pooler *out)
{
    if (strcasecmp(v->text, "auto") == 0) {
        *out = GW_CONFIG_POOLER_AUTO;
        return true;
    }
    bool pooled;
    size_t before = v->problems->list.len;
    if (!parse_bool(v, &pooled)) {
        v->problems->list.len = before;
        return bad_value(v, "auto, true or false", NULL);
    }
    *out = pooled ? GW_CONFIG_POOLER_YES : GW_CONFIG_POOLER_NO;
    return true;
}

/* One of two words; *out says whether it was the first. */
static bool parse_either(const value_place *v, const char *first, const char *second, bool *out)
{
    if (strcmp(v->text, first) == 0 || strcmp(v->text, second) == 0) {
        *out = strcmp(v->text, first) == 0;
        return true;
    }
    gw_problem_add(v->problems, v->line, v->col, "\"%s\" takes %s or %s, not \"%s\"", v->what,
                   first, second, v->text);
    return false;
}

static bool parse_format(const value_place *v)
{
    for (size_t i = 0; gw_config_formats[i]; i++)
        if (strcmp(gw_config_formats[i], v->text) == 0)
            return true;
    gw_problem_add(v->problems, v->line, v->col, "there is no convention \"%s\"", v->text);
    const char *meant = gw_did_you_mean(v->text, gw_config_formats);
    if (meant)
        gw_problem_hint(v->problems, "did you mean \"%s\"?", meant);
    else
        gw_problem_hint(v->problems, "known: %s",
                        gw_name_list(v->problems->arena, gw_config_formats));
    return false;
}

/* Digits, then nothing (a number of backups) or one of the units of time. */
static bool parse_keep(const value_place *v)
{
    static const char *const units[] = {"", "h", "d", "w", "m", "y"};
    size_t digits = strspn(v->text, "0123456789");
    if (digits > 0 && digits < 7 && strspn(v->text, "0") < digits)
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (strcmp(v->text + digits, units[i]) == 0)
                return true;
    return bad_value(v, "an age or a number of backups",
                     "write \"30d\", \"12h\", \"8w\", \"6m\", \"1y\", or 10 for the last ten");
}

static bool parse_percent(const value_place *v, double *out)
{
    char *end;
    errno = 0;
    double number = strtod(v->text, &end);
    if (*v->text < '0' || *v->text > '9' || errno || strcmp(end, "%") != 0 || number > 100)
        return bad_value(v, "a share from 0% to 100%", "write it as \"10%\"");
    *out = number;
    return true;
}

static bool parse_load(const value_place *v, double *out)
{
    char *end;
    errno = 0;
    double number = strtod(v->text, &end);
    if (*v->text < '0' || *v->text > '9' || errno || *end || !(number > 0) || number > 100000)
        return bad_value(v, "a number over 0", NULL);
    *out = number;
    return true;
}

/* Digits and one of the units, none being `plain`. */
static bool parse_units(const value_place *v, const char *wanted, const char *hint,
                        const char *const *units, const int64_t *sizes, int64_t *out)
{
    char *end;
    errno = 0;
    long long number = strtoll(v->text, &end, 10);
    if (*v->text < '0' || *v->text > '9' || errno || number < 1)
        return bad_value(v, wanted, hint);
    for (size_t i = 0; units[i]; i++)
        if (strcasecmp(units[i], end) == 0 && number <= INT64_MAX / 1024 / sizes[i]) {
            *out = number * sizes[i];
            return true;
        }
    return bad_value(v, wanted, hint);
}

static bool parse_size(const value_place *v, int64_t *out)
{
    static const char *const units[] = {"", "kB", "MB", "GB", NULL};
    static const int64_t sizes[] = {1, 1024, 1024 * 1024, 1024 * 1024 * 1024};
    return parse_units(v, "a size", "write it as \"512kB\", \"16MB\", \"1GB\"", units, sizes, out);
}

static bool parse_rows(const value_place *v, int64_t *out)
{
    static const char *const units[] = {"", NULL};
    static const int64_t sizes[] = {1};
    return parse_units(v, "a whole number from 1", NULL, units, sizes, out);
}

/* "HH:MM", up to 24:00. */
static const char *parse_clock(const char *text, unsigned *out)
{
    for (int i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return NULL;
    unsigned hour = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
    unsigned minute = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
    *out = hour * 60 + minute;
    return minute < 60 && *out <= 24 * 60 ? text + 5 : NULL;
}

static bool parse_window(const value_place *v, gw_config_window *out)
{
    const char *end = parse_clock(v->text, &out->from);
    end = end && *end == '-' ? parse_clock(end + 1, &out->to) : NULL;
    if (!end || *end || out->from == out->to || out->from == 24 * 60)
        return bad_value(v, "a time of the day", "write it as \"08:00-18:00\" or "
                                                 "\"22:00-06:00\", in UTC");
    return true;
}

bool gw_value_parse(gw_value_type type, const char *what, const char *text, unsigned line,
                    unsigned col, gw_problems *problems, void *out)
{
    value_place v = {.what = what, .text = text, .line = line, .col = col, .problems = problems};
    switch (type) {
    case GW_VALUE_TEXT:
        break;
    case GW_VALUE_NAME:
        if (!*text)
            return gw_problem_add(problems, line, col, "\"%s\" is empty", what);
        break;
    case GW_VALUE_DURATION:
        if (!gw_duration_parse(text, out))
            return bad_value(&v, "a duration",
                             "write it as \"500ms\", \"2s\", \"15min\", \"1h\"; a bare number is "
                             "milliseconds");
        return true;
    case GW_VALUE_COUNT:
        return parse_count(&v, 0, out);
    case GW_VALUE_NUMBER:
        return parse_count(&v, 1, out);
    case GW_VALUE_SERVER:
        return parse_server(&v, out);
    case GW_VALUE_BOOL:
        return parse_bool(&v, out);
    case GW_VALUE_POOLER:
        return parse_pooler(&v, out);
    case GW_VALUE_BEFORE:
        return parse_either(&v, "up", "never", out);
    case GW_VALUE_LOG:
        return parse_either(&v, "json", "text", out);
    case GW_VALUE_STORE:
        return parse_either(&v, "table", "file", out);
    case GW_VALUE_PERCENT:
        return parse_percent(&v, out);
    case GW_VALUE_SIZE:
        return parse_size(&v, out);
    case GW_VALUE_ROWS:
        return parse_rows(&v, out);
    case GW_VALUE_LOAD:
        return parse_load(&v, out);
    case GW_VALUE_WINDOW:
        return parse_window(&v, out);
    case GW_VALUE_FORMAT:
        if (!parse_format(&v))
            return false;
        break;
    case GW_VALUE_KEEP:
        if (!parse_keep(&v))
            return false;
        break;
    }
    *(const char **)out = text;
    return true;
}
