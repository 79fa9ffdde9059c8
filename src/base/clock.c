#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t gw_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t gw_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Returns the microseconds within the second. */
static int split_time(int64_t us, struct tm *tm)
{
    int64_t seconds = us / 1000000, rest = us % 1000000;
    if (rest < 0) { /* before 1970: round down, not towards zero */
        seconds--;
        rest += 1000000;
    }
    time_t t = (time_t)seconds;
    gmtime_r(&t, tm);
    return (int)rest;
}

/* The last `digits` of a number, and what stands behind them. */
static char *put_number(char *at, int number, int digits, char behind)
{
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
    at[digits] = behind;
    return at + digits + 1;
}

char *gw_time_rfc3339(gw_arena *arena, int64_t us)
{
    struct tm tm = {0};
    int rest = split_time(us, &tm), year = tm.tm_year + 1900;
    char tail[40], *at = tail; /* printf would be a third of what a long status costs */
    at = put_number(at, tm.tm_mon + 1, 2, '-');
    at = put_number(at, tm.tm_mday, 2, 'T');
    at = put_number(at, tm.tm_hour, 2, ':');
    at = put_number(at, tm.tm_min, 2, ':');
    at = put_number(at, tm.tm_sec, 2, rest ? '.' : 'Z');
    if (rest)
        at = put_number(at, rest, 6, 'Z');
    *at = '\0';
    if (year < 0 || year > 9999)
        return gw_printf(arena, "%04d-%s", year, tail);
    char *text = gw_alloc(arena, sizeof "0000-" + (size_t)(at - tail));
    memcpy(put_number(text, year, 4, '-'), tail, (size_t)(at - tail) + 1);
    return text;
}

char *gw_time_version(gw_arena *arena, int64_t us)
{
    struct tm tm = {0};
    split_time(us, &tm);
    return gw_printf(arena, "%04d%02d%02d%02d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1,
                     tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const int64_t SECOND_MS = 1000, MINUTE_MS = 60 * 1000, HOUR_MS = 3600 * 1000,
                     DAY_MS = 24 * 3600 * 1000;

bool gw_duration_parse(const char *text, int64_t *ms)
{
    const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"", 1},        {"ms", 1},    {"s", SECOND_MS}, {"min", MINUTE_MS},
                 {"h", HOUR_MS}, {"d", DAY_MS}};
    const int64_t longest = 24 * DAY_MS; /* PostgreSQL keeps its timeouts in an int of ms */

    if (!text || *text < '0' || *text > '9')
        return false;
    int64_t number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        number = number * 10 + (*text - '0');
        if (number > longest)
            return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(text, units[i].name) != 0)
            continue;
        if (number > longest / units[i].ms)
            return false;
        *ms = number * units[i].ms;
        return true;
    }
    return false;
}

/* "2 min 10 s", or "2 min" where nothing is left over. */
static char *two_units(gw_arena *arena, int64_t whole, const char *unit, int64_t rest,
                       const char *small)
{
    if (rest == 0)
        return gw_printf(arena, "%lld %s", (long long)whole, unit);
    return gw_printf(arena, "%lld %s %lld %s", (long long)whole, unit, (long long)rest, small);
}

char *gw_duration_human(gw_arena *arena, int64_t ms)
{
    if (ms < 0)
        ms = 0;
    if (ms < SECOND_MS)
        return gw_printf(arena, "%lld ms", (long long)ms);
    if (ms < MINUTE_MS)
        return gw_printf(arena, "%lld.%lld s", (long long)(ms / 1000),
                         (long long)(ms % 1000 / 100));
    if (ms < HOUR_MS)
        return two_units(arena, ms / MINUTE_MS, "min", ms % MINUTE_MS / SECOND_MS, "s");
    if (ms < DAY_MS)
        return two_units(arena, ms / HOUR_MS, "h", ms % HOUR_MS / MINUTE_MS, "min");
    return two_units(arena, ms / DAY_MS, "d", ms % DAY_MS / HOUR_MS, "h");
}

bool gw_sleep_ms(int64_t ms, const gw_cancel *cancel)
{
    enum { LONGEST_POLL = 60 * 1000, WITHOUT_WAKE = 50 };
    int64_t end = gw_monotonic_us() + ms * 1000;
    int fd = cancel ? cancel->wake_fd : -1;
    int64_t slice = cancel && fd < 0 ? WITHOUT_WAKE : LONGEST_POLL;
    for (;;) {
        if (gw_cancel_level(cancel) > 0)
            return false;
        int64_t left = (end - gw_monotonic_us() + 999) / 1000;
        if (left <= 0)
            return true;
        struct pollfd wake = {.fd = fd, .events = POLLIN};
        poll(&wake, 1, (int)(left < slice ? left : slice));
    }
}

void gw_random_bytes(void *out, size_t len)
{
    unsigned char *p = out;
    while (len > 0) {
        ssize_t n = getrandom(p, len, 0);
        if (n < 0 && errno != EINTR)
            break;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    if (len == 0)
        return;
    /* A sandbox can forbid the call; the device gives the same bytes. */
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;
    while (fd >= 0 && len > 0 && ((n = read(fd, p, len)) > 0 || (n < 0 && errno == EINTR))) {
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    if (fd >= 0)
        close(fd);
    /* Last: never the same bytes twice in one process. */
    for (uint64_t mix = (uint64_t)gw_monotonic_us(); len > 0; len--) {
        mix = mix * 6364136223846793005u + 1442695040888963407u;
        *p++ = (unsigned char)(mix >> 56);
    }
}

uint32_t gw_random(uint32_t bound)
{
    if (bound < 2)
        return 0;
    /* Numbers under 2^32 mod bound would come up once too often. */
    uint32_t skip = (0u - bound) % bound;
    uint32_t number;
    do
        gw_random_bytes(&number, sizeof number);
    while (number < skip);
    return number % bound;
}

int64_t gw_backoff_ms(int64_t base, unsigned attempt, int64_t cap)
{
    int64_t whole = base < cap ? base : cap;
    for (unsigned i = 0; i < attempt && whole < cap; i++)
        whole = whole > cap / 2 ? cap : whole * 2;
    if (whole <= 0)
        return 0;
    int64_t half = whole / 2, spread = whole - half;
    return half + gw_random(spread < UINT32_MAX ? (uint32_t)spread + 1 : UINT32_MAX);
}
