#include "migrate/substitute.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "sql/quote.h"

enum {
    CHUNK = 64 * 1024,
    TOKEN = 16 * 1024, /* a variable with its default is not longer */
};

typedef struct state state;
/* Takes text from s->in and puts its meaning into s->out. Returns bytes taken; -1 failed. 0: the
 * text at hand may end inside a variable; more is needed. */
typedef long expand_fn(state *s, const char *at, size_t len, bool last, gw_err *err);

enum { PSQL_DEPTH = 8 }; /* of values that name variables again */

/* Where psql is in the text: it fills nothing in inside of quotes, comments and rows of COPY. */
typedef struct psql_state {
    enum { PSQL_SQL, PSQL_QUOTE, PSQL_ESCAPES, PSQL_NAME, PSQL_DOLLAR, PSQL_LINE, PSQL_BLOCK, PSQL_ROWS } in;
    unsigned comments, parens, words; /* how deep; words of the statement so far */
    char tag[64];                     /* $tag$ */
    size_t tag_len;
    bool copy, from, stdin_said; /* the statement is COPY … FROM stdin */
    bool rows;                   /* and has ended: they begin with the next line */
    const char *filling[PSQL_DEPTH];
    unsigned depth;
} psql_state;

struct state {
    gw_arena *arena;
    gw_sql_input input;
    gw_substitution how;
    expand_fn *expand;
    const gw_script_context *context;
    char *in;
    size_t in_len;
    bool ended;
    gw_buf out;
    size_t out_at;
    unsigned line, col;
    bool on;         /* goose: ENVSUB */
    bool line_start; /* goose */
    psql_state psql;
};

/* "before NAME after", at the place that is being read. */
static bool fail(const state *s, gw_err *err, const char *before, const char *name,
                 const char *after)
{
    gw_err_set(err, GW_ERR_INPUT, "%s%.200s%s", before, name, after);
    return gw_err_at(err, s->input.file, s->line, s->col);
}

static void count_lines(state *s, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n') {
            s->line++;
            s->col = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            s->col++;
        }
    }
}

static size_t name_length(const char *at, size_t len)
{
    size_t n = 0;
    while (n < len && (at[n] == '_' || (at[n] >= 'a' && at[n] <= 'z') ||
                       (at[n] >= 'A' && at[n] <= 'Z') || (n && at[n] >= '0' && at[n] <= '9')))
        n++;
    return n;
}

/* graphile-migrate's begin with a colon, which may be left off, and are told apart by case. */
static const char *placeholder(const state *s, const char *name)
{
    const char *const *p = s->context ? s->context->placeholders : NULL;
    bool colon = s->how == GW_SUBST_GRAPHILE;
    for (; p && p[0] && p[1]; p += 2)
        if (colon ? strcmp(p[0] + (p[0][0] == ':'), name) == 0 : strcasecmp(p[0], name) == 0)
            return p[1];
    return NULL;
}

static const char *variable(const state *s, const char *name)
{
    if (!s->context || !s->context->variable)
        return NULL;
    return s->context->variable(s->context->variable_self, name);
}

/* "NAME", "NAME:-default", "NAME-default" (goose only); the braces are off. */
static bool add_variable(state *s, const char *text, size_t len, gw_err *err)
{
    size_t n = name_length(text, len);
    const char *name = gw_strndup(s->arena, text, n);
    const char *rest = text + n, *value = variable(s, name);
    size_t rest_len = len - n;
    bool plain_dash = s->how != GW_SUBST_ENV && rest_len && *rest == '-';
    bool colon_dash = rest_len > 1 && rest[0] == ':' && rest[1] == '-';
    if (rest_len && !plain_dash && !colon_dash) {
        fail(s, err, "`${", gw_strndup(s->arena, text, len),
             "}` is not a variable that Godwit can read");
        return gw_err_hint(err, "write ${NAME} or ${NAME:-default}");
    }
    if (value && colon_dash && !*value)
        value = NULL;
    if (!value && rest_len) {
        size_t skip = colon_dash ? 2 : 1;
        gw_buf_addn(&s->out, rest + skip, rest_len - skip);
        return true;
    }
    if (!value) {
        fail(s, err, "variable ", name, " is not set");
        return gw_err_hint(err,
                           "set it in the environment or in .env, or give it a default: "
                           "${%s:-value}",
                           name);
    }
    gw_buf_add(&s->out, value);
    return true;
}

static bool is_default_schema(const char *name)
{
    return strcasecmp(name, "flyway:defaultSchema") == 0;
}

static const char *flyway_default(state *s, const char *name)
{
    const gw_script_context *c = s->context;
    if (is_default_schema(name))
        return c->schema;
    if (strcasecmp(name, "flyway:environment") == 0)
        return c->environment;
    if (strcasecmp(name, "flyway:user") == 0)
        return c->user;
    if (strcasecmp(name, "flyway:database") == 0)
        return c->database;
    if (strcasecmp(name, "flyway:filename") == 0)
        return gw_path_base(s->input.file);
    if (strcasecmp(name, "flyway:workingDirectory") == 0)
        return gw_path_absolute(s->arena, ".");
    if (strcasecmp(name, "flyway:table") == 0)
        return "flyway_schema_history";
    if (strcasecmp(name, "flyway:timestamp") == 0) {
        char text[32];
        time_t now = (time_t)(gw_now_us() / 1000000);
        struct tm tm;
        gmtime_r(&now, &tm);
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
        return gw_strdup(s->arena, text);
    }
    return NULL;
}

static bool add_placeholder(state *s, const char *text, size_t len, gw_err *err)
{
    const char *name = gw_strndup(s->arena, text, len);
    const char *value = placeholder(s, name);
    const gw_script_context *c = s->context;
    if (!value && c)
        value = flyway_default(s, name);
    if (!value && c && c->default_schema && is_default_schema(name) &&
        !c->default_schema(c->default_schema_self, &value, err)) {
        gw_err_context(err, "asking the server for ${%s}", name);
        return gw_err_at(err, s->input.file, s->line, s->col);
    }
    if (value) {
        gw_buf_add(&s->out, value);
        return true;
    }
    fail(s, err, "placeholder ${", name, "} has no value");
    if (is_default_schema(name))
        gw_err_detail(err, "no schema that is there is on the search_path");
    if (strncasecmp(name, "flyway:", 7) == 0)
        return gw_err_hint(err, "of Flyway's own Godwit knows flyway:defaultSchema, user, database, "
                                "environment, timestamp, filename, table and workingDirectory; give "
                                "this one a value under `placeholders:` in godwit.yaml: "
                                "{ \"%s\": … }", name);
    return gw_err_hint(err, "give it one under `placeholders:` in godwit.yaml, or switch "
                            "placeholders off for this file with placeholderReplacement=false "
                            "in its .conf");
}

/* ${…} at `at`. */
static long expand_braces(state *s, const char *at, size_t len, bool last, gw_err *err)
{
    const char *close = memchr(at, '}', len < TOKEN ? len : TOKEN);
    if (!close && !last && len < TOKEN)
        return 0;
    bool named = len > 2 && (s->how == GW_SUBST_PLACEHOLDERS || name_length(at + 2, len - 2));
    if (!named) {
        gw_buf_addn(&s->out, at, 2);
        return 2;
    }
    if (!close) {
        fail(s, err, "`${", gw_strndup(s->arena, at + 2, name_length(at + 2, len - 2)),
             "` has no closing brace");
        return -1;
    }
    size_t inner = (size_t)(close - at) - 2;
    bool ok = s->how == GW_SUBST_PLACEHOLDERS ? add_placeholder(s, at + 2, inner, err)
                                              : add_variable(s, at + 2, inner, err);
    return ok ? (long)inner + 3 : -1;
}

static long expand_dollar(state *s, const char *at, size_t len, bool last, gw_err *err)
{
    const char *dollar = memchr(at, '$', len);
    if (dollar != at) {
        size_t plain = dollar ? (size_t)(dollar - at) : len;
        gw_buf_addn(&s->out, at, plain);
        return (long)plain;
    }
    if (len == 1 && !last)
        return 0;
    if (len > 1 && at[1] == '{')
        return expand_braces(s, at, len, last, err);
    gw_buf_addc(&s->out, '$');
    return 1;
}

/* goose: also $NAME; "$$" and "$1" stay. One line at most at a time. */
static long expand_shell(state *s, const char *at, size_t len, bool last, gw_err *err)
{
    size_t name = len > 1 && *at == '$' ? name_length(at + 1, len - 1) : 0;
    if (len > 1 && at[0] == '$' && at[1] == '$') {
        gw_buf_add(&s->out, "$$");
        return 2;
    }
    if (!name)
        return expand_dollar(s, at, len, last, err);
    return add_variable(s, at + 1, name, err) ? (long)name + 1 : -1;
}

/* -1: no annotation of ENVSUB; else what it switches to. */
static int envsub(const char *line, size_t len)
{
    while (len && (*line == '-' || *line == ' ' || *line == '\t'))
        line++, len--;
    if (len < 6 || strncasecmp(line, "+goose", 6) != 0)
        return -1;
    line += 6, len -= 6;
    while (len && (*line == ' ' || *line == '\t'))
        line++, len--;
    if (len >= 9 && strncasecmp(line, "ENVSUB ON", 9) == 0)
        return 1;
    return len >= 10 && strncasecmp(line, "ENVSUB OFF", 10) == 0 ? 0 : -1;
}

static long expand_goose(state *s, const char *at, size_t len, bool last, gw_err *err)
{
    const char *lf = memchr(at, '\n', len);
    if (!lf && !last && len < TOKEN)
        return 0;
    size_t line = lf ? (size_t)(lf - at) + 1 : len;
    if (s->line_start && line > 2 && at[0] == '-' && at[1] == '-') {
        int on = envsub(at, line);
        s->on = on < 0 ? s->on : on == 1;
        gw_buf_addn(&s->out, at, line);
        return (long)line;
    }
    if (!s->on) {
        s->line_start = lf != NULL;
        gw_buf_addn(&s->out, at, line);
        return (long)line;
    }
    long taken = expand_shell(s, at, line, last || lf, err);
    if (taken > 0)
        s->line_start = (size_t)taken == line && lf;
    return taken;
}

static const char *pair_value(const char *const *p, const char *name, size_t len)
{
    for (; p && p[0] && p[1]; p += 2)
        if (strncmp(p[0], name, len) == 0 && !p[0][len])
            return p[1];
    return NULL;
}

static const char *graphile_value(const state *s, const char *name)
{
    const gw_script_context *c = s->context;
    if (c && strcmp(name, "DATABASE_NAME") == 0)
        return c->database;
    const char *value = placeholder(s, name);
    if (!value && c)
        value = pair_value(c->variables, name, strlen(name));
    if (!value && c && strcmp(name, "DATABASE_OWNER") == 0)
        return c->user;
    return value && strcmp(value, "!ENV") == 0 ? variable(s, name) : value;
}

/* :NAME in capitals, where NAME is a placeholder; everything else is SQL. */
static long expand_colon(state *s, const char *at, size_t len, bool last, gw_err *err)
{
    (void)err;
    const char *colon = memchr(at, ':', len);
    if (colon != at) {
        size_t plain = colon ? (size_t)(colon - at) : len;
        gw_buf_addn(&s->out, at, plain);
        return (long)plain;
    }
    size_t name = name_length(at + 1, len - 1);
    if (name + 1 == len && !last && len < TOKEN)
        return 0;
    const char *value = name ? graphile_value(s, gw_strndup(s->arena, at + 1, name)) : NULL;
    if (!value) {
        gw_buf_addc(&s->out, ':');
        return 1;
    }
    gw_buf_add(&s->out, value);
    return (long)name + 1;
}

/* ---- psql ------------------------------------------------------------------------------- */

static size_t psql_name(const char *at, size_t len)
{
    size_t n = 0;
    while (n < len && ((unsigned char)at[n] >= 0x80 || at[n] == '_' || (at[n] >= '0' && at[n] <= '9') ||
                       ((at[n] | 0x20) >= 'a' && (at[n] | 0x20) <= 'z')))
        n++;
    return n;
}

/* `placeholders:` says what --set does: it goes before the settings. */
static const char *psql_value(const state *s, const char *name, size_t len)
{
    const char *said = s->context ? pair_value(s->context->placeholders, name, len) : NULL;
    return said || !s->context ? said : pair_value(s->context->variables, name, len);
}

static long expand_psql(state *s, const char *at, size_t len, bool last, gw_err *err);

/* :name. The value is read as if it stood in the file: it may name variables, but not those on the way to it. */
static bool psql_fill(state *s, const char *value, gw_err *err)
{
    psql_state *p = &s->psql;
    size_t len = strlen(value), at = 0;
    p->filling[p->depth++] = value;
    while (at < len) {
        long taken = expand_psql(s, value + at, len - at, true, err);
        if (taken < 0)
            return false;
        at += (size_t)taken;
    }
    p->depth--;
    return true;
}

static bool psql_is_filling(const psql_state *p, const char *value)
{
    for (unsigned i = 0; i < p->depth; i++)
        if (p->filling[i] == value)
            return true;
    return p->depth == PSQL_DEPTH;
}

/* A colon: :name, :'name', :"name", :{?name}. 0: more is needed. */
static long psql_colon(state *s, const char *at, size_t len, bool last, gw_err *err)
{
    bool more = !last && len < TOKEN;
    if (len == 1 && more)
        return 0;
    if (len > 1 && (at[1] == ':' || at[1] == '=')) {
        gw_buf_addn(&s->out, at, 2);
        return 2;
    }
    bool asks = len > 1 && at[1] == '{';
    char close = asks ? '}' : len > 1 && (at[1] == '\'' || at[1] == '"') ? at[1] : '\0';
    size_t open = asks ? 3 : close ? 2 : 1;
    if (asks && len < 3 && more)
        return 0;
    size_t n = len > open && (!asks || at[2] == '?') ? psql_name(at + open, len - open) : 0;
    if (open + n >= len && more)
        return 0;
    if (!n || (close && (open + n >= len || at[open + n] != close))) {
        gw_buf_addc(&s->out, ':');
        return 1;
    }
    const char *value = psql_value(s, at + open, n);
    size_t all = open + n + (close != '\0');
    if (asks)
        gw_buf_add(&s->out, value ? "TRUE" : "FALSE");
    else if (!value || (!close && psql_is_filling(&s->psql, value)))
        gw_buf_addn(&s->out, at, all);
    else if (close == '"')
        gw_buf_add_ident(&s->out, value);
    else if (close)
        gw_buf_add_literal(&s->out, value);
    else if (!psql_fill(s, value, err))
        return -1;
    return (long)all;
}

static void psql_word(psql_state *p, const char *at, size_t len)
{
    p->words++;
    if (p->words == 1)
        p->copy = len == 4 && strncasecmp(at, "copy", 4) == 0;
    if (p->parens)
        return;
    p->stdin_said |= p->copy && p->from && len == 5 && strncasecmp(at, "stdin", 5) == 0;
    p->from = len == 4 && strncasecmp(at, "from", 4) == 0;
}

/* $tag$ at `at`: its length; 0: it is none; -1: more is needed. */
static long psql_tag(const state *s, const char *at, size_t len, bool last)
{
    size_t n = len > 1 && at[1] >= '0' && at[1] <= '9' ? 0 : psql_name(at + 1, len - 1);
    if (n + 1 >= len)
        return last || len >= TOKEN ? 0 : -1;
    return at[n + 1] == '$' && n + 2 <= sizeof s->psql.tag ? (long)n + 2 : 0;
}

static long psql_token(state *s, const char *at, size_t len, bool last, gw_err *err)
{
    psql_state *p = &s->psql;
    bool more = !last && len < TOKEN;
    size_t n = *at >= '0' && *at <= '9' ? 0 : psql_name(at, len);
    if (*at == ':')
        return psql_colon(s, at, len, last, err);
    while (n && n < len && (at[n] == '$' || psql_name(at + n, 1)))
        n++;
    if (n) {
        if (n == len && more)
            return 0;
        bool escapes = n == 1 && (*at | 0x20) == 'e' && len > 1 && at[1] == '\'';
        if (escapes)
            p->in = PSQL_ESCAPES;
        else
            psql_word(p, at, n);
        n += escapes;
        gw_buf_addn(&s->out, at, n);
        return (long)n;
    }
    if (len == 1 && more && strchr("-/$", *at))
        return 0;
    n = 1;
    if (*at == '$') {
        long tag = psql_tag(s, at, len, last);
        if (tag < 0)
            return 0;
        if (tag) {
            n = p->tag_len = (size_t)tag;
            memcpy(p->tag, at, n);
            p->in = PSQL_DOLLAR;
        }
    } else if (*at == '\'' || *at == '"') {
        p->in = *at == '"' ? PSQL_NAME : PSQL_QUOTE;
        p->words++;
    } else if (len > 1 && ((at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*'))) {
        n = 2;
        p->in = *at == '-' ? PSQL_LINE : PSQL_BLOCK;
        p->comments = 1;
    } else if (*at == '(' || *at == ')') {
        p->parens = *at == '(' ? p->parens + 1 : p->parens ? p->parens - 1 : 0;
    } else if (*at == ';') {
        p->rows |= p->stdin_said;
        p->words = p->parens = 0;
        p->copy = p->from = p->stdin_said = false;
    } else if (*at == '\n' && p->rows) {
        p->rows = false;
        p->in = PSQL_ROWS;
    }
    gw_buf_addn(&s->out, at, n);
    return (long)n;
}

/* Inside of quotes and comments: up to what may end them. 0: more is needed. */
static size_t psql_inside(psql_state *p, const char *at, size_t len, bool more)
{
    const char *ends = p->in == PSQL_QUOTE    ? "'"
                       : p->in == PSQL_NAME   ? "\""
                       : p->in == PSQL_LINE   ? "\n"
                       : p->in == PSQL_DOLLAR ? "$"
                       : p->in == PSQL_BLOCK  ? "*/"
                                              : "'\\";
    size_t n = 0;
    while (n < len && at[n] != ends[0] && (!ends[1] || at[n] != ends[1]))
        n++;
    if (n)
        return n;
    if (p->in == PSQL_LINE) /* its end is the statement's */
        p->in = PSQL_SQL;
    if (p->in == PSQL_SQL)
        return 0;
    if (p->in == PSQL_QUOTE || p->in == PSQL_NAME) {
        p->in = PSQL_SQL; /* a doubled one opens the next at once */
        return 1;
    }
    size_t want = p->in == PSQL_DOLLAR ? p->tag_len : 2;
    if (len < want && more)
        return 0;
    if (len < want)
        return len;
    if (p->in == PSQL_DOLLAR) {
        bool end = memcmp(at, p->tag, want) == 0;
        p->in = end ? PSQL_SQL : p->in;
        return end ? want : 1;
    }
    if (p->in == PSQL_BLOCK) {
        bool deeper = at[0] == '/' && at[1] == '*', out = at[0] == '*' && at[1] == '/';
        p->comments += deeper ? 1 : out ? -1U : 0;
        p->in = p->comments ? p->in : PSQL_SQL;
        return deeper || out ? 2 : 1;
    }
    if (at[0] == '\\' || at[1] == '\'')
        return 2;
    p->in = PSQL_SQL;
    return 1;
}

static long expand_psql(state *s, const char *at, size_t len, bool last, gw_err *err)
{
    psql_state *p = &s->psql;
    bool more = !last && len < TOKEN;
    size_t n;
    if (p->in == PSQL_ROWS) {
        const char *lf = memchr(at, '\n', len);
        if (!lf && more)
            return 0;
        n = lf ? (size_t)(lf - at) + 1 : len;
        size_t text = lf ? n - 1 : n;
        text -= text && at[text - 1] == '\r';
        if (text == 2 && memcmp(at, "\\.", 2) == 0)
            p->in = PSQL_SQL;
    } else if (p->in != PSQL_SQL) {
        n = psql_inside(p, at, len, more);
        if (!n && p->in != PSQL_SQL)
            return 0;
        if (!n)
            return psql_token(s, at, len, last, err);
    } else {
        return psql_token(s, at, len, last, err);
    }
    gw_buf_addn(&s->out, at, n);
    return (long)n;
}

/* Read more input, then expand what is complete. */
static bool fill(state *s, gw_err *err)
{
    gw_buf_clear(&s->out);
    s->out_at = 0;
    while (!s->out.len && !(s->ended && !s->in_len)) {
        if (!s->ended) {
            long n = s->input.read(s->input.self, s->in + s->in_len, CHUNK - s->in_len, err);
            if (n < 0)
                return false;
            s->ended = n == 0;
            s->in_len += (size_t)n;
        }
        size_t at = 0;
        while (at < s->in_len) {
            long taken = s->expand(s, s->in + at, s->in_len - at, s->ended, err);
            if (taken < 0)
                return false;
            if (!taken)
                break;
            count_lines(s, s->in + at, (size_t)taken);
            at += (size_t)taken;
        }
        s->in_len -= at;
        memmove(s->in, s->in + at, s->in_len);
    }
    return true;
}

static long read_expanded(void *self, char *buf, size_t cap, gw_err *err)
{
    state *s = self;
    if (s->out_at == s->out.len && !fill(s, err))
        return -1;
    size_t left = s->out.len - s->out_at, n = left < cap ? left : cap;
    if (n)
        memcpy(buf, s->out.data + s->out_at, n);
    s->out_at += n;
    return (long)n;
}

gw_sql_input gw_substitute(gw_arena *arena, const gw_sql_input *input, gw_substitution how,
                           const gw_script_context *context)
{
    state *s = gw_alloc(arena, sizeof *s);
    *s = (state){.arena = arena,
                 .input = *input,
                 .how = how,
                 .context = context,
                 .expand = expand_dollar,
                 .in = gw_alloc(arena, CHUNK),
                 .out = GW_BUF(arena),
                 .line = input->first_line ? input->first_line : 1,
                 .col = 1,
                 .on = how == GW_SUBST_GOOSE_ON,
                 .line_start = true};
    if (how == GW_SUBST_GOOSE_ON || how == GW_SUBST_GOOSE_OFF)
        s->expand = expand_goose;
    if (how == GW_SUBST_GRAPHILE)
        s->expand = expand_colon;
    if (how == GW_SUBST_PSQL)
        s->expand = expand_psql;
    return (gw_sql_input){
        .read = read_expanded, .self = s, .file = input->file, .first_line = input->first_line};
}
