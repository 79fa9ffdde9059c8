#include "cmd/term.h"

#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

struct gw_term {
    pthread_mutex_t lock; /* over everything that is written to stderr */
    bool live, color, stdout_color, utf8;
    char *line; /* the live line as it stands, malloc'ed; NULL: none */
};

static void destroy(void *arg)
{
    gw_term *term = arg;
    gw_term_redraw(term, "");
    pthread_mutex_destroy(&term->lock);
}

static bool locale_is_utf8(void)
{
    const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

gw_term *gw_term_new(gw_arena *arena, bool no_color)
{
    gw_term *term = gw_alloc(arena, sizeof *term);
    pthread_mutex_init(&term->lock, NULL);
    gw_arena_defer(arena, destroy, term);
    const char *unwanted = getenv("NO_COLOR"), *kind = getenv("TERM");
    bool dumb = !kind || strcmp(kind, "dumb") == 0;
    bool color = !no_color && !(unwanted && *unwanted) && !dumb;
    term->live = isatty(STDERR_FILENO) && !dumb;
    term->color = color && isatty(STDERR_FILENO);
    term->stdout_color = color && isatty(STDOUT_FILENO);
    term->utf8 = locale_is_utf8();
    return term;
}

bool gw_term_live(const gw_term *term)
{
    return term->live;
}

bool gw_term_color(const gw_term *term)
{
    return term->color;
}

bool gw_term_utf8(const gw_term *term)
{
    return term->utf8;
}

bool gw_term_stdout_color(const gw_term *term)
{
    return term->stdout_color;
}

size_t gw_term_columns(const gw_term *term)
{
    (void)term;
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

/* One write a call, so that lines of several processes do not mix. */
static void put(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDERR_FILENO, text, len);
        if (written <= 0)
            return;
        text += written;
        len -= (size_t)written;
    }
}

static void put_all(const char *a, const char *b, const char *c)
{
    char *joined = NULL;
    int len = asprintf(&joined, "%s%s%s", a, b, c);
    if (len > 0)
        put(joined, (size_t)len);
    free(joined);
}

void gw_term_write(gw_term *term, const char *text)
{
    pthread_mutex_lock(&term->lock);
    if (term->line)
        put_all("\r\033[K", text, term->line);
    else
        put(text, strlen(text));
    pthread_mutex_unlock(&term->lock);
}

void gw_term_redraw(gw_term *term, const char *line)
{
    if (!term->live)
        return;
    pthread_mutex_lock(&term->lock);
    bool had = term->line != NULL;
    free(term->line);
    term->line = *line ? strdup(line) : NULL;
    if (had || *line)
        put_all("\r\033[K", line, "");
    pthread_mutex_unlock(&term->lock);
}

void gw_style_add(gw_buf *buf, bool color, gw_style style, const char *text)
{
    static const char *const codes[] = {[GW_STYLE_RED] = "31",
                                        [GW_STYLE_GREEN] = "32",
                                        [GW_STYLE_YELLOW] = "33",
                                        [GW_STYLE_BOLD] = "1",
                                        [GW_STYLE_DIM] = "2"};
    if (color)
        gw_buf_addf(buf, "\033[%sm%s\033[0m", codes[style], text);
    else
        gw_buf_add(buf, text);
}

/*
 * The C library knows the widths, in a UTF-8 locale only: the process's own may be another, and
 * is not touched. Where there is no such locale a character counts as one column.
 */
static locale_t utf8_locale;
static pthread_once_t utf8_once = PTHREAD_ONCE_INIT;

static void find_utf8_locale(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static bool ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

/* Bytes of the character at `text`, and its columns. */
static size_t character(const char *text, size_t len, mbstate_t *state, size_t *columns)
{
    wchar_t wide;
    size_t bytes = utf8_locale ? mbrtowc(&wide, text, len, state) : (size_t)-1;
    if (bytes == 0 || bytes > len) {
        memset(state, 0, sizeof *state);
        *columns = utf8_locale || ((unsigned char)*text & 0xc0) != 0x80;
        return 1;
    }
    int width = wcwidth(wide);
    *columns = width < 0 ? 1 : (size_t)width;
    return bytes;
}

/* Walk over at most `limit` columns; the columns walked and, in *bytes, their length. */
static size_t walk(const char *text, size_t limit, size_t *bytes)
{
    pthread_once(&utf8_once, find_utf8_locale);
    locale_t before = utf8_locale ? uselocale(utf8_locale) : (locale_t)0;
    mbstate_t state = {0};
    size_t len = strlen(text), at = 0, total = 0;
    while (at < len) {
        size_t columns;
        size_t step = character(text + at, len - at, &state, &columns);
        if (total + columns > limit)
            break;
        total += columns;
        at += step;
    }
    if (before)
        uselocale(before);
    *bytes = at;
    return total;
}

size_t gw_text_columns(const char *text)
{
    size_t bytes;
    return ascii(text) ? strlen(text) : walk(text, SIZE_MAX, &bytes);
}

size_t gw_text_clip(const char *text, size_t columns)
{
    if (ascii(text)) {
        size_t len = strlen(text);
        return len < columns ? len : columns;
    }
    size_t bytes;
    walk(text, columns, &bytes);
    return bytes;
}

char *gw_text_safe(gw_arena *arena, const char *text)
{
    char *copy = gw_strdup(arena, text ? text : "");
    for (unsigned char *c = (unsigned char *)copy; *c; c++) {
        bool control = (*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7f;
        /* C1 controls, written in UTF-8 as C2 80 to C2 9F */
        if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) {
            c[0] = c[1] = '?';
            c++;
        } else if (control) {
            *c = '?';
        }
    }
    return copy;
}
