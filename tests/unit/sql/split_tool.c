/*
 * For tests on a real server: the pieces of a file, one JSON object a line, with what the
 * classifier and the grammar make of each statement.
 *
 * usage: split_tool FILE | split_tool --count FILE (only the numbers of pieces and bytes)
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <jansson.h>

#include "sql/classify.h"
#include "sql/parse.h"
#include "sql/split.h"

typedef struct totals {
    unsigned long long statements, chunks, bytes;
} totals;

static long read_file(void *self, char *buf, size_t cap, gw_err *err)
{
    ssize_t n = read(*(int *)self, buf, cap);
    if (n < 0)
        gw_err_errno(err, errno, "cannot read the file");
    return (long)n;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static void add_class(gw_arena *arena, json_t *object, const gw_piece *piece,
                      const gw_stmt_class *c)
{
    gw_err err = {0};
    bool parses = gw_sql_parse_check(arena, piece->text, piece->len, &err);
    json_object_set_new(object, "label", text_or_null(gw_stmt_kind_name(c)));
    json_object_set_new(object, "copy_class", json_boolean(c->kind == GW_STMT_COPY_IN));
    json_object_set_new(object, "concurrently", json_boolean(c->concurrently));
    json_object_set_new(object, "never_in_transaction", json_boolean(c->never_in_transaction));
    json_object_set_new(object, "splits_transaction", json_boolean(c->splits_transaction));
    json_object_set_new(object, "strong_lock", json_boolean(c->strong_lock));
    json_object_set_new(object, "needs_session", text_or_null(c->needs_session));
    json_object_set_new(object, "reaches_outside", text_or_null(c->reaches_outside));
    json_object_set_new(object, "object", text_or_null(c->object));
    json_object_set_new(object, "schema", text_or_null(c->schema));
    json_object_set_new(object, "name", text_or_null(c->name));
    json_object_set_new(object, "table", text_or_null(c->table));
    json_object_set_new(object, "parses", json_boolean(parses));
    gw_err_clear(&err);
}

static void print(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

/* As a session would: what SET says holds from the next statement on. */
static void follow_setting(gw_splitter *splitter, const gw_stmt_class *c)
{
    if (c->kind == GW_STMT_SET && c->name && c->value &&
        strcmp(c->name, "standard_conforming_strings") == 0)
        gw_splitter_standard_strings(splitter, strcmp(c->value, "off") != 0);
}

static void print_piece(gw_arena *arena, gw_splitter *splitter, const gw_piece *piece)
{
    static const char *const kinds[] = {"end", "statement", "copy_data", "copy_end"};
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(kinds[piece->kind]));
    json_object_set_new(object, "text", json_stringn(piece->text, piece->len));
    json_object_set_new(object, "line", json_integer(piece->line));
    json_object_set_new(object, "col", json_integer(piece->col));
    json_object_set_new(object, "offset", json_integer((json_int_t)piece->offset));
    json_object_set_new(object, "number", json_integer(piece->number));
    json_object_set_new(object, "copy_in", json_boolean(piece->copy_in));
    json_object_set_new(object, "terminated", json_boolean(piece->terminated));
    if (piece->kind == GW_PIECE_STATEMENT) {
        gw_stmt_class c = gw_sql_classify(arena, piece->text, piece->len);
        add_class(arena, object, piece, &c);
        follow_setting(splitter, &c);
    }
    print(object);
}

static int print_error(gw_err *err)
{
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string("error"));
    json_object_set_new(object, "message", json_string(err->message));
    json_object_set_new(object, "line", json_integer(err->line));
    json_object_set_new(object, "col", json_integer(err->col));
    print(object);
    gw_err_clear(err);
    return 1;
}

static int split(int fd, const char *file, bool count)
{
    gw_arena *arena = gw_arena_new(), *scratch = gw_arena_new();
    gw_sql_input input = {.read = read_file, .self = &fd, .file = file};
    gw_splitter *splitter = gw_splitter_new(arena, &input);
    gw_err err = {0};
    gw_piece piece;
    totals t = {0};
    int code = 0;
    do {
        if (!gw_splitter_next(splitter, &piece, &err)) {
            code = print_error(&err);
            break;
        }
        t.statements += piece.kind == GW_PIECE_STATEMENT;
        t.chunks += piece.kind == GW_PIECE_COPY_DATA;
        t.bytes += piece.len;
        if (!count && piece.kind != GW_PIECE_END)
            print_piece(scratch, splitter, &piece);
        gw_arena_reset(scratch);
    } while (piece.kind != GW_PIECE_END);
    if (count) {
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        json_t *object = json_object();
        json_object_set_new(object, "statements", json_integer((json_int_t)t.statements));
        json_object_set_new(object, "chunks", json_integer((json_int_t)t.chunks));
        json_object_set_new(object, "bytes", json_integer((json_int_t)t.bytes));
        json_object_set_new(object, "peak_kib", json_integer(usage.ru_maxrss));
        print(object);
    }
    gw_arena_free(scratch);
    gw_arena_free(arena);
    return code;
}

int main(int argc, char **argv)
{
    bool count = argc == 3 && strcmp(argv[1], "--count") == 0;
    if (argc != 2 && !count) {
        fprintf(stderr, "usage: split_tool [--count] FILE\n");
        return 2;
    }
    const char *file = argv[argc - 1];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        perror(file);
        return 2;
    }
    int code = split(fd, file, count);
    close(fd);
    return code;
}
