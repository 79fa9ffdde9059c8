/* Does a value of one type become one of another, how, and what gets lost on the way? */
#include <string.h>

#include "base/json.h"
#include "sql_source.h"
#include "sync/checker.h"

enum { FIRST_OF_USERS = 16384 }; /* oids below are the same on every server */

/* Types whose values mean something only on their server. */
static bool only_here(const char *type)
{
    static const char *const names[] = {"oid", "xid", "xid8", "cid", "tid", "pg_lsn",
                                        "pg_snapshot", "txid_snapshot", "aclitem"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(type, names[i]) == 0)
            return true;
    return strncmp(type, "reg", 3) == 0;
}

static bool built_in(const gw_source_type *type)
{
    return type->base_oid < FIRST_OF_USERS && type->element_oid < FIRST_OF_USERS;
}

static bool is_text(const gw_source_type *type)
{
    return *type->category == 'S' || strcmp(type->base_type, "unknown") == 0;
}

static bool is_binary(const gw_source_type *from, const gw_source_type *to)
{
    bool kind = *from->base_kind == 'b' || *from->base_kind == 'r' || *from->base_kind == 'm';
    return from->base_oid == to->base_oid && built_in(from) && kind && !from->domain &&
           !to->domain && !only_here(from->base_type) && !only_here(from->element_type) &&
           (to->base_typmod == -1 || to->base_typmod == from->base_typmod);
}

static bool one_of(const char *word, const char *const *words)
{
    size_t len = strcspn(word, "(");
    if (len && word[len - 1] == ' ')
        len--;
    for (; *words; words++)
        if (strlen(*words) == len && memcmp(*words, word, len) == 0)
            return true;
    return false;
}

/* What the conversion does to a value without an error; NULL: nothing. */
static const char *what_is_lost(const gw_source_type *from, const gw_source_type *to)
{
    static const char *const whole[] = {"smallint", "integer", "bigint", NULL},
                             *const fractions[] = {"numeric", "real", "double precision", NULL},
                             *const floats[] = {"real", "double precision", NULL},
                             *const times[] = {"timestamp", "timestamp without time zone",
                                               "timestamp with time zone", NULL};
    const char *a = from->base_type, *b = to->base_type;
    if (one_of(a, fractions) && one_of(b, whole))
        return "fractions are rounded";
    bool exact = one_of(a, (const char *const[]){"numeric", "bigint", NULL});
    if ((exact && one_of(b, floats)) || (strcmp(a, "double precision") == 0 && strcmp(b, "real") == 0))
        return "digits may be lost";
    if (one_of(a, times) && strncmp(b, "timestamp", 9) != 0 && !is_text(to))
        return strcmp(b, "date") == 0 ? "the time of day is lost" : "the date is lost";
    if (strncmp(a, "timestamp", 9) == 0 && strncmp(b, "timestamp", 9) == 0 &&
        (strstr(a, "without") != NULL) != (strstr(b, "without") != NULL))
        return "a time without a zone is taken as UTC";
    bool numeric = from->base_oid == to->base_oid && strncmp(b, "numeric(", 8) == 0;
    if (numeric && from->base_typmod != to->base_typmod) {
        int64_t had = from->base_typmod == -1 ? 16383 : (from->base_typmod - 4) & 0x7ff;
        if (((to->base_typmod - 4) & 0x7ff) < had)
            return "digits behind the point are rounded";
    }
    return NULL;
}

/* Labels of an enum that the other one does not have: they would all be rejected. */
static void check_labels(gw_checker *c, const gw_said *place, const gw_source_type *from,
                         const gw_source_type *to)
{
    gw_err ignored = {0};
    json_t *had = gw_json_parse(c->arena, "labels", from->labels, strlen(from->labels), &ignored);
    json_t *has = gw_json_parse(c->arena, "labels", to->labels, strlen(to->labels), &ignored);
    gw_buf missing = GW_BUF(c->arena);
    size_t i, k;
    json_t *one, *other;
    gw_err_clear(&ignored);
    json_array_foreach(had, i, one) {
        bool found = false;
        json_array_foreach(has, k, other)
            found = found || json_equal(one, other);
        if (!found)
            gw_buf_addf(&missing, "%s'%s'", missing.len ? ", " : "", json_string_value(one));
    }
    if (!missing.len)
        return;
    gw_find(c, true, place->line, place->col, "%s of the source has labels that %s has not: %s",
            from->base_type, to->base_type, gw_buf_str(&missing));
    gw_finding_hint(c, "turn them into others with sql: CASE … END, or add them to the type");
}

static bool cast_context(gw_checker *c, int64_t from, int64_t to, char *context, gw_err *err)
{
    typedef struct cast_row {
        const char *context;
    } cast_row;
    static const gw_col cols[] = {{"context", GW_COL_TEXT, true, offsetof(cast_row, context)}};
    gw_param params[] = {gw_p_text(gw_printf(c->arena, "{%lld}", (long long)from)),
                         gw_p_text(gw_printf(c->arena, "{%lld}", (long long)to))};
    gw_result result;
    void *rows;
    *context = 0;
    if (!gw_query(c->destination, c->arena, &gw_sql_source_casts, params, 2, &result, err) ||
        !gw_rows(c->arena, &result, cols, 1, sizeof(cast_row), &rows, err))
        return false;
    if (result.rows)
        *context = *((cast_row *)rows)->context;
    return true;
}

/* *possible is false where there is no way. */
static bool find_way(gw_checker *c, const gw_source_type *from, const gw_source_type *to,
                     gw_conversion *way, bool *possible, gw_err *err)
{
    char context = 0;
    bool arrays = from->element_oid && to->element_oid;
    *possible = true;
    if (from->base_oid == to->base_oid && built_in(from)) {
        *way = GW_CONVERT_SAME;
        return true;
    }
    /* The destination does not know the source's own types: they travel as text. */
    *way = GW_CONVERT_TEXT;
    if (!built_in(from) || !built_in(to))
        if (!built_in(from) || is_text(from))
            return true;
    if (!cast_context(c, arrays ? from->element_oid : from->base_oid,
                      arrays ? to->element_oid : to->base_oid, &context, err))
        return false;
    if (context)
        *way = context == 'e' ? GW_CONVERT_CAST : GW_CONVERT_ASSIGN;
    else if (is_text(to))
        *way = GW_CONVERT_ASSIGN;
    else
        *possible = is_text(from);
    return true;
}

static bool convert(gw_checker *c, const gw_said *place, const gw_source_type *from,
                    const gw_source_type *to, gw_conversion *way, gw_err *err)
{
    bool possible;
    if (!find_way(c, from, to, way, &possible, err))
        return false;
    const char *lost = what_is_lost(from, to);
    if (!possible) {
        gw_find(c, true, place->line, place->col, "%s does not become %s by itself", from->type,
                to->type);
        gw_finding_hint(c, "say how, with sql: or transform:");
    } else if (lost) {
        gw_find(c, false, place->line, place->col, "%s becomes %s: %s", from->type, to->type, lost);
    }
    if (possible && from->labels && to->labels)
        check_labels(c, place, from, to);
    return true;
}

/* `type:` as the destination's server knows it; *known is false where it does not. */
static bool said_type(gw_checker *c, const gw_said *said, gw_source_type *out, bool *known,
                      gw_err *err)
{
    gw_source_relation described;
    gw_err problem = {0};
    gw_tried how = gw_try_describe(c, c->destination,
                                   gw_printf(c->arena, "SELECT NULL::%s AS t", said->text),
                                   &described, &problem, err);
    *known = how == GW_TRIED_OK && described.column_count == 1;
    if (*known)
        *out = described.columns[0].type;
    else if (how != GW_TRIED_FAILED)
        gw_find(c, true, said->line, said->col, "\"type\": %s",
                problem.message ? problem.message : "this is no type");
    gw_err_clear(&problem);
    return how != GW_TRIED_FAILED;
}

bool gw_check_conversion(gw_checker *c, const gw_map_field *field, const gw_said *place,
                         const gw_source_type *from, const gw_source_column *to,
                         gw_field_plan *plan, gw_err *err)
{
    gw_source_type middle = to->type;
    gw_conversion second = GW_CONVERT_SAME;
    bool known = true;
    plan->type = to->type.type;
    if (field->type.text && !said_type(c, &field->type, &middle, &known, err))
        return false;
    plan->to_type = middle.type;
    if (!from || !known)
        return true;
    plan->source_type = from->type;
    if (!convert(c, place, from, &middle, &plan->conversion, err))
        return false;
    if (field->type.text && !convert(c, &field->type, &middle, &to->type, &second, err))
        return false;
    plan->binary = is_binary(from, &to->type) && plan->conversion == GW_CONVERT_SAME &&
                   second == GW_CONVERT_SAME;
    return true;
}
