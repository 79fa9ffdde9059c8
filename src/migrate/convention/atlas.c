#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "migrate/convention/convention.h"
#include "migrate/foreign.h"

enum { SUM_LIMIT = 64 << 20 };

static const char *shape(gw_dir *dir)
{
    return gw_dir_file(dir, "atlas.sum") ? "atlas.sum" : NULL;
}

/* nolint is also seen in folders of other tools, which Atlas lints. */
static bool marked(const gw_mark *mark)
{
    return mark->kind == GW_MARK_ATLAS && strncmp(mark->text, "atlas:nolint", 12) != 0;
}

typedef struct sum_line {
    const char *name, *hash;
    unsigned line;
    bool used;
} sum_line;

typedef struct sum {
    const gw_source *source; /* NULL: there is no atlas.sum */
    gw_digest *raw, *lf;     /* over all files so far; a CRLF checkout is the same folder */
    const char *total;
    GW_VEC(sum_line) lines;
    size_t at;
} sum;

static bool sum_error(gw_err *err, const sum *s, unsigned line)
{
    gw_source_error(err, s->source, line, "%s is not written as Atlas writes it", s->source->name);
    return gw_err_hint(err, "write it anew with: atlas migrate hash");
}

/* "h1:TOTAL", then "NAME h1:HASH" a line. */
static bool parse_sum(gw_arena *arena, char *text, sum *out, gw_err *err)
{
    unsigned line = 0;
    for (char *at = text, *next; *at; at = next) {
        size_t len = strcspn(at, "\n");
        next = at + len + (at[len] == '\n');
        at[len] = '\0';
        if (len && at[len - 1] == '\r')
            at[--len] = '\0';
        line++;
        if (line == 1) {
            if (strncmp(at, "h1:", 3) != 0)
                return sum_error(err, out, line);
            out->total = at;
            continue;
        }
        if (!len)
            continue;
        char *hash = strstr(at, " h1:");
        if (!hash || hash == at)
            return sum_error(err, out, line);
        *hash = '\0';
        *gw_vec_push(arena, &out->lines) = (sum_line){.name = at, .hash = hash + 1, .line = line};
    }
    return out->total || sum_error(err, out, 1);
}

static bool read_sum(gw_dir *dir, sum *out, gw_err *err)
{
    *out = (sum){.source = gw_dir_file(dir, "atlas.sum")};
    gw_file_text text;
    if (!out->source)
        return true;
    return gw_file_read(dir->arena, out->source->path, SUM_LIMIT, &text, err) &&
           parse_sum(dir->arena, text.data, out, err);
}

static bool missing_sum(gw_dir *dir, gw_err *err)
{
    gw_err_set(err, GW_ERR_INPUT, "folder %s has no atlas.sum", dir->shown);
    gw_err_hint(err, "write it with: atlas migrate hash");
    return gw_err_at(err, dir->shown, 0, 0);
}

typedef enum meaning {
    PASSED_OVER, /* about linting and logs: it changes nothing of what runs */
    SUM,
    TXMODE,
    REFUSED,
} meaning;

static const struct word {
    const char *word;
    meaning meaning;
    const char *hint;
} words[] = {
    {"nolint", PASSED_OVER, NULL},
    {"sensitive", PASSED_OVER, NULL},
    {"sum", SUM, NULL},
    {"txmode", TXMODE, NULL},
    {"delimiter", REFUSED,
     "end statements with a semicolon; Godwit reads dollar quotes and BEGIN ATOMIC bodies as they "
     "are"},
    {"checkpoint", REFUSED, "use `godwit squash`, or a Flyway baseline (B…__NAME.sql)"},
    {"import", REFUSED, "write its text here"},
    {"txtar", REFUSED,
     "keep what stands under `-- migration.sql --` alone, checks as DO blocks that RAISE, and run: "
     "atlas migrate hash"},
    {"assert", REFUSED, "write the check as a DO block that does RAISE EXCEPTION"},
};

static const struct word *word_of(const gw_mark *mark)
{
    static const struct word unknown = {
        .meaning = REFUSED,
        .hint = "nolint, sensitive, sum and txmode are: take the line out if nothing depends on it"};
    const char *word = mark->text + strlen("atlas:");
    size_t len = strcspn(word, " \t");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == len && memcmp(words[i].word, word, len) == 0)
            return &words[i];
    return &unknown;
}

/* Atlas looks for this one in the first line alone. */
static bool is_left_out(const gw_source *source)
{
    for (size_t i = 0; i < source->marks.len && source->marks.items[i].line == 1; i++)
        if (source->marks.items[i].kind == GW_MARK_ATLAS &&
            strncmp(source->marks.items[i].text, "atlas:sum ignore", 16) == 0)
            return true;
    return false;
}

static bool refuse(gw_err *err, const gw_source *source, const gw_mark *mark, const char *why,
                   const char *hint)
{
    gw_source_error(err, source, mark->line, "`-- %s` %s", mark->text, why);
    gw_err_hint(err, "%s", hint);
    return gw_err_at(err, source->shown, mark->line, mark->col);
}

/* Only among the comments that the file begins with, and apart from its first statement: elsewhere
 * Atlas passes over it, and what it ran in a transaction has to run in one here. */
static bool read_mode(const gw_source *source, const gw_mark *mark, gw_directives *out, gw_err *err)
{
    const char *mode = mark->text + strlen("atlas:txmode");
    mode += strspn(mode, " \t");
    bool none = strcmp(mode, "none") == 0;
    if (!none && strcmp(mode, "file") != 0 && strcmp(mode, "all") != 0)
        return refuse(err, source, mark, "names no mode", "it is none, file or all");
    if (!source->head_apart || mark->line > source->head)
        return true;
    out->no_transaction = none;
    out->transaction_said = true;
    return true;
}

static bool read_directives(const gw_source *source, gw_migration *m, gw_err *err)
{
    for (size_t i = 0; i < source->marks.len; i++) {
        const gw_mark *mark = &source->marks.items[i];
        if (mark->kind != GW_MARK_ATLAS || mark->code)
            continue;
        const struct word *word = word_of(mark);
        if (word->meaning == REFUSED)
            return refuse(err, source, mark, "is not followed by Godwit", word->hint);
        if (word->meaning == TXMODE && !read_mode(source, mark, &m->up.directives, err))
            return false;
    }
    return true;
}

static bool mismatch(gw_err *err, const sum *s, unsigned line, const char *file, const char *why)
{
    gw_source_error(err, s->source, line, "%s does not agree with %s", file, s->source->name);
    gw_err_detail(err, "%s", why);
    return gw_err_hint(err, "if the change is wanted, write the sums anew with: atlas migrate "
                            "hash");
}

static const char *sum_text(gw_arena *arena, gw_digest *digest)
{
    unsigned char hash[GW_DIGEST_MAX];
    size_t len = gw_digest_peek(digest, hash);
    return gw_printf(arena, "h1:%s", gw_base64(arena, hash, len));
}

static bool check_line(gw_dir *dir, sum *s, const gw_source *source, gw_migration *m, gw_err *err)
{
    gw_digest_add(s->raw, source->name, strlen(source->name));
    gw_digest_add(s->lf, source->name, strlen(source->name));
    if (is_left_out(source))
        return true;
    if (!gw_foreign_feed(dir->arena, m->up.path, false, s->raw, err) ||
        !gw_foreign_feed(dir->arena, m->up.path, true, s->lf, err))
        return false;
    for (size_t i = 0; i < s->lines.len; i++) {
        /* Lines stand in the order of the files: look on from the last one found. */
        sum_line *line = &s->lines.items[s->at++ % s->lines.len];
        if (strcmp(line->name, source->name) != 0)
            continue;
        line->used = true;
        m->foreign_id = line->hash;
        /* A change alters the sums of all later files too: the first is the one to name. */
        return strcmp(line->hash, sum_text(dir->arena, s->raw)) == 0 ||
               strcmp(line->hash, sum_text(dir->arena, s->lf)) == 0 ||
               mismatch(err, s, line->line, source->name,
                        "the file, or the list of files before it, was changed after the sums "
                        "were written");
    }
    return mismatch(err, s, 0, source->name, "it has no line there");
}

static bool check_total(gw_dir *dir, const sum *s, gw_err *err)
{
    gw_digest *total = gw_digest_start(dir->arena, GW_SHA256);
    for (size_t i = 0; i < s->lines.len; i++) {
        const sum_line *line = &s->lines.items[i];
        if (!line->used)
            return mismatch(err, s, line->line, line->name, "the file is missing");
        gw_digest_add(total, line->name, strlen(line->name));
        gw_digest_add(total, line->hash + 3, strlen(line->hash) - 3);
    }
    const char *expected = sum_text(dir->arena, total);
    return strcmp(expected, s->total) == 0 ||
           mismatch(err, s, 1, s->source->name, "its first line does not sum up the others");
}

bool gw_atlas_sum(gw_arena *arena, const gw_atlas_file *files, size_t count, const char **out,
                  gw_err *err)
{
    gw_buf lines = GW_BUF(arena);
    gw_digest *sums = gw_digest_start(arena, GW_SHA256), *total = gw_digest_start(arena, GW_SHA256);
    for (size_t i = 0; i < count; i++) {
        const gw_atlas_file *file = &files[i];
        gw_digest_add(sums, file->name, strlen(file->name));
        if (file->ignored)
            continue;
        if (file->text)
            gw_digest_add(sums, file->text, strlen(file->text));
        else if (!gw_foreign_feed(arena, file->path, false, sums, err))
            return false;
        const char *hash = sum_text(arena, sums);
        gw_buf_addf(&lines, "%s %s\n", file->name, hash);
        gw_digest_add(total, file->name, strlen(file->name));
        gw_digest_add(total, hash + 3, strlen(hash) - 3);
    }
    *out = gw_printf(arena, "%s\n%s", sum_text(arena, total), gw_buf_str(&lines));
    return true;
}

static gw_migration *add(gw_dir *dir, gw_source *source, gw_err *err)
{
    size_t len = strlen(source->name) - strlen(".sql");
    const char *underscore = memchr(source->name, '_', len);
    size_t version = underscore ? (size_t)(underscore - source->name) : len;
    const char *name = underscore ? gw_strndup(dir->arena, underscore + 1, len - version - 1) : "";
    gw_migration *m =
        gw_dir_add(dir, GW_FORMAT_ATLAS, gw_strndup(dir->arena, source->name, version), "", name);
    if (!gw_source_whole(dir, source, &m->up, err) || !read_directives(source, m, err))
        return NULL;
    m->checksum = source->checksum;
    return m;
}

static bool read_folder(gw_dir *dir, gw_err *err)
{
    sum s;
    if (!read_sum(dir, &s, err))
        return false;
    s.raw = gw_digest_start(dir->arena, GW_SHA256);
    s.lf = gw_digest_start(dir->arena, GW_SHA256);
    for (size_t i = 0; i < dir->files.len; i++) {
        gw_source *source = &dir->files.items[i];
        if (!gw_has_suffix(source->name, ".sql"))
            continue;
        if (!s.source)
            return missing_sum(dir, err);
        gw_migration *m = add(dir, source, err);
        if (!m || !check_line(dir, &s, source, m, err))
            return false;
    }
    gw_order_by_name(dir);
    return !s.source || check_total(dir, &s, err);
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    (void)wanted;
    (void)files;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "files of Atlas are made by its own `migrate new`");
    gw_err_detail(err, "%s has an atlas.sum, which changes with every file", dir->shown);
    return gw_err_hint(err, "run: atlas migrate new NAME");
}

const gw_convention gw_convention_atlas = {
    .format = GW_FORMAT_ATLAS,
    .pattern = "VERSION_NAME.sql, with an atlas.sum beside them",
    .shape = shape,
    .marked = marked,
    .read = read_folder,
    .create = create,
};
