#include "base/calendar.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SECOND = 1000000 };
static const int64_t DAY = 86400LL * SECOND;

static const struct {
    const char *name, *letter;
    gw_unit unit;
} units[] = {
    {"second", "s", GW_UNIT_SECOND}, {"minute", "min", GW_UNIT_MINUTE}, {"hour", "h", GW_UNIT_HOUR},
    {"day", "d", GW_UNIT_DAY},       {"week", "w", GW_UNIT_WEEK},       {"month", "m", GW_UNIT_MONTH},
    {"quarter", "q", GW_UNIT_QUARTER}, {"year", "y", GW_UNIT_YEAR},
};
enum { UNITS = sizeof units / sizeof *units };

static bool find_unit(const char *text, gw_unit *out)
{
    for (size_t i = 0; i < UNITS; i++) {
        size_t len = strlen(units[i].name);
        bool plural = strncmp(text, units[i].name, len) == 0 && strcmp(text + len, "s") == 0;
        if (plural || strcmp(text, units[i].name) == 0 || strcmp(text, units[i].letter) == 0) {
            *out = units[i].unit;
            return true;
        }
    }
    return false;
}

bool gw_period_parse(const char *text, gw_period *out)
{
    enum { DIGITS = 15 };
    size_t digits = strspn(text, "0123456789");
    const char *rest = text + digits;
    *out = (gw_period){.number = 1};
    if (digits > DIGITS)
        return false;
    if (!digits)
        return strlen(text) > 1 && strcmp(text, "min") != 0 && find_unit(text, &out->unit);
    out->number = strtoll(text, NULL, 10);
    bool bare = !*rest;
    rest += *rest == ' ';
    return out->number > 0 && (bare || find_unit(rest, &out->unit));
}

char *gw_period_text(gw_arena *arena, gw_period amount)
{
    const char *name = "";
    for (size_t i = 0; i < UNITS; i++)
        if (units[i].unit == amount.unit)
            name = units[i].name;
    return gw_printf(arena, "%lld%s%s%s", (long long)amount.number, *name ? " " : "", name,
                     *name && amount.number != 1 ? "s" : "");
}

static int64_t floor_to(int64_t at, int64_t size)
{
    int64_t rest = at % size;
    return at - (rest < 0 ? rest + size : rest);
}

static struct tm parts_of(int64_t at)
{
    time_t seconds = (time_t)(floor_to(at, SECOND) / SECOND);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    return parts;
}

static int64_t first_of_month(struct tm parts, int month)
{
    struct tm first = {.tm_year = parts.tm_year, .tm_mon = month, .tm_mday = 1};
    return (int64_t)timegm(&first) * SECOND;
}

int64_t gw_calendar_floor(int64_t at, gw_unit unit)
{
    enum { MONDAY = 4 }; /* 1970-01-01 was a Thursday */
    struct tm parts = parts_of(at);
    switch (unit) {
    case GW_UNIT_NONE:
        return at;
    case GW_UNIT_SECOND:
        return floor_to(at, SECOND);
    case GW_UNIT_MINUTE:
        return floor_to(at, 60LL * SECOND);
    case GW_UNIT_HOUR:
        return floor_to(at, 3600LL * SECOND);
    case GW_UNIT_DAY:
        return floor_to(at, DAY);
    case GW_UNIT_WEEK:
        return floor_to(at - MONDAY * DAY, 7 * DAY) + MONDAY * DAY;
    case GW_UNIT_MONTH:
        return first_of_month(parts, parts.tm_mon);
    case GW_UNIT_QUARTER:
        return first_of_month(parts, parts.tm_mon / 3 * 3);
    case GW_UNIT_YEAR:
        return first_of_month(parts, 0);
    }
    return at;
}

static int64_t add_months(int64_t at, int64_t months)
{
    struct tm parts = parts_of(at);
    int64_t in_month = at - first_of_month(parts, parts.tm_mon);
    int64_t index = (int64_t)parts.tm_year * 12 + parts.tm_mon + months;
    struct tm target = {.tm_year = (int)(floor_to(index, 12) / 12), .tm_mday = 1};
    target.tm_mon = (int)(index - (int64_t)target.tm_year * 12);
    int64_t first = first_of_month(target, target.tm_mon);
    int64_t days = (first_of_month(target, target.tm_mon + 1) - first) / DAY;
    int64_t day = in_month / DAY;
    return first + (day < days ? day : days - 1) * DAY + in_month % DAY;
}

int64_t gw_calendar_add(int64_t at, int64_t number, gw_unit unit)
{
    switch (unit) {
    case GW_UNIT_NONE:
        break;
    case GW_UNIT_SECOND:
        return at + number * SECOND;
    case GW_UNIT_MINUTE:
        return at + number * 60 * SECOND;
    case GW_UNIT_HOUR:
        return at + number * 3600 * SECOND;
    case GW_UNIT_DAY:
        return at + number * DAY;
    case GW_UNIT_WEEK:
        return at + number * 7 * DAY;
    case GW_UNIT_MONTH:
        return add_months(at, number);
    case GW_UNIT_QUARTER:
        return add_months(at, number * 3);
    case GW_UNIT_YEAR:
        return add_months(at, number * 12);
    }
    return at + number;
}

char *gw_calendar_name(gw_arena *arena, int64_t at, gw_unit unit)
{
    struct tm parts = parts_of(at);
    int year = parts.tm_year + 1900, month = parts.tm_mon + 1;
    switch (unit) {
    case GW_UNIT_YEAR:
        return gw_printf(arena, "y%04d", year);
    case GW_UNIT_QUARTER:
        return gw_printf(arena, "y%04dq%d", year, parts.tm_mon / 3 + 1);
    case GW_UNIT_MONTH:
        return gw_printf(arena, "y%04dm%02d", year, month);
    case GW_UNIT_WEEK:
    case GW_UNIT_DAY:
        return gw_printf(arena, "y%04dm%02dd%02d", year, month, parts.tm_mday);
    default:
        return gw_printf(arena, "y%04dm%02dd%02dh%02d", year, month, parts.tm_mday, parts.tm_hour);
    }
}
