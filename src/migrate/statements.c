#include <stdlib.h>
#include <string.h>

#include "migrate/check.h"
#include "sql/lex.h"

struct gw_statements {
    gw_arena *source; /* the input and its splitter */
    gw_arena *piece;  /* of the statement at hand */
    const gw_checked *checked;
    const gw_script_context *context;
    size_t section, at; /* next section to open; next kept statement */
    gw_splitter *splitter;
    gw_statement current;
    uint64_t base;    /* offset of the splitter's first byte in its section */
    uint64_t offset;  /* of the statement at hand, in its section */
    unsigned number;
    bool in_copy;
    unsigned copy_line; /* where its data begins */
};

static void release(void *arg)
{
    gw_statements *statements = arg;
    gw_arena_free(statements->piece);
    gw_arena_free(statements->source);
}

gw_statements *gw_statements_open(gw_arena *arena, const gw_checked *checked,
                                  const gw_script_context *context)
{
    gw_statements *statements = gw_alloc(arena, sizeof *statements);
    statements->source = gw_arena_new();
    statements->piece = gw_arena_new();
    statements->checked = checked;
    statements->context = context;
    gw_arena_defer(arena, release, statements);
    return statements;
}

static bool next_piece(gw_statements *s, gw_piece *piece, gw_err *err)
{
    for (;;) {
        if (!s->splitter) {
            if (s->section == s->checked->script->section_count) {
                *piece = (gw_piece){.kind = GW_PIECE_END};
                return true;
            }
            gw_sql_input input;
            if (!gw_section_open(s->source, s->checked->script, s->section, s->context, &input, err))
                return false;
            s->section++;
            s->base = 0;
            s->splitter = gw_splitter_new(s->source, &input);
        }
        if (!gw_splitter_next(s->splitter, piece, err))
            return false;
        if (piece->kind != GW_PIECE_END)
            return true;
        s->splitter = NULL;
    }
}

static bool is_absorbed(const gw_checked *checked, const gw_statement *statement)
{
    return checked->absorbed &&
           (statement->kind.kind == GW_STMT_BEGIN || statement->kind.kind == GW_STMT_COMMIT ||
            statement->kind.kind == GW_STMT_ROLLBACK);
}

bool gw_is_transaction_mode(const char *text, size_t len)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token set = gw_lexer_next(&lexer), what = gw_lexer_next(&lexer);
    return gw_token_is(&set, "set") && gw_token_is(&what, "transaction");
}

bool gw_statements_next(gw_statements *s, bool standard_strings, const gw_statement **out,
                        gw_err *err)
{
    const gw_checked *checked = s->checked;
    *out = NULL;
    if (checked->kept) {
        if (s->at < checked->statements)
            *out = &checked->kept[s->at++];
        return true;
    }
    while (s->in_copy) {
        const char *data;
        size_t len;
        if (!gw_statements_copy_data(s, &data, &len, err))
            return false;
    }
    for (;;) {
        gw_piece piece;
        if (s->splitter)
            gw_splitter_standard_strings(s->splitter, standard_strings);
        if (!next_piece(s, &piece, err))
            return false;
        if (piece.kind == GW_PIECE_END)
            return true;
        gw_arena_reset(s->piece);
        size_t len = piece.len;
        const char *text = standard_strings ? piece.text
                                            : gw_lexer_standard(s->piece, piece.text, len, &len);
        s->current =
            (gw_statement){.text = piece.text,
                           .len = piece.len,
                           .line = piece.line,
                           .col = piece.col,
                           .kind = gw_sql_classify(s->piece, text, len),
                           .transaction_mode = gw_is_transaction_mode(piece.text, piece.len)};
        s->in_copy = piece.copy_in;
        s->copy_line = 0;
        s->offset = s->base + piece.offset;
        if (is_absorbed(checked, &s->current) || s->current.kind.kind == GW_STMT_EMPTY)
            continue;
        s->current.number = ++s->number;
        *out = &s->current;
        return true;
    }
}

gw_statement_mark gw_statements_mark(const gw_statements *s)
{
    if (s->checked->kept)
        return (gw_statement_mark){.at = s->at - 1};
    return (gw_statement_mark){.section = s->section - 1,
                               .offset = s->offset,
                               .line = s->current.line,
                               .col = s->current.col,
                               .number = s->current.number};
}

/* Read `offset` bytes of it and forget them. */
static bool skip(gw_sql_input *input, uint64_t offset, gw_err *err)
{
    char buf[16 * 1024];
    while (offset) {
        size_t most = offset < sizeof buf ? (size_t)offset : sizeof buf;
        long n = input->read(input->self, buf, most, err);
        if (n <= 0)
            return n < 0 ? false : gw_err_set(err, GW_ERR_IO, "the file has become shorter");
        offset -= (uint64_t)n;
    }
    return true;
}

bool gw_statements_back(gw_statements *s, const gw_statement_mark *mark, gw_err *err)
{
    const gw_script *script = s->checked->script;
    s->at = mark->at;
    if (s->checked->kept)
        return true;
    gw_sql_input input;
    s->splitter = NULL;
    gw_arena_reset(s->source);
    if (!gw_section_open(s->source, script, mark->section, s->context, &input, err) ||
        !skip(&input, mark->offset, err))
        return false;
    input.first_line = mark->line;
    input.first_col = mark->col;
    s->splitter = gw_splitter_new(s->source, &input);
    s->section = mark->section + 1;
    s->base = mark->offset;
    s->number = mark->number - 1;
    s->in_copy = false;
    return true;
}

bool gw_statements_copy_data(gw_statements *s, const char **data, size_t *len, gw_err *err)
{
    gw_piece piece;
    *data = NULL;
    *len = 0;
    if (!s->in_copy)
        return true;
    if (!next_piece(s, &piece, err))
        return false;
    if (piece.kind == GW_PIECE_COPY_DATA) {
        if (!s->copy_line)
            s->copy_line = piece.line;
        *data = piece.text;
        *len = piece.len;
    } else {
        s->in_copy = false;
    }
    return true;
}

unsigned gw_statements_copy_line(const gw_statements *s)
{
    return s->copy_line;
}

/* "COPY NAME, line 3, column …": the name as it is, the word in the server's language. */
static unsigned data_line(const char *context, const char *name)
{
    size_t len = strlen(name);
    if (strncmp(context, "COPY ", 5) != 0)
        return 0;
    context += 5;
    while (len && strncmp(context, name, len) != 0)
        len--; /* a long one was cut */
    if (!len || strncmp(context + len, ", ", 2) != 0)
        return 0;
    const char *number = strchr(context + len + 2, ' ');
    return number ? (unsigned)strtoul(number + 1, NULL, 10) : 0;
}

void gw_copy_place(const gw_statement *statement, unsigned first_line, gw_err *err)
{
    unsigned line = 0;
    for (size_t i = 0; first_line && statement->kind.name && !line && i < err->context_count; i++)
        line = data_line(err->contexts[i], statement->kind.name);
    if (!line)
        return;
    err->line = first_line + line - 1;
    err->col = 1;
}

void gw_statement_place(const gw_statement *statement, const char *file, gw_err *err)
{
    gw_piece piece = {.text = statement->text,
                      .len = statement->len,
                      .line = statement->line,
                      .col = statement->col};
    unsigned line = statement->line, col = statement->col;
    if (err->position)
        gw_piece_place(&piece, err->position, &line, &col);
    gw_err_at(err, file, line, col);
    gw_err_statement(err, statement->text, statement->len);
}
