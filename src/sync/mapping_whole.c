/* What no single value of a mapping shows, and what its reader fills in. */
#include <string.h>

#include "sql/parse.h"
#include "sync/reader.h"

static bool names(const gw_said_list *list, const char *name)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i].text, name) == 0)
            return true;
    return false;
}

/* identity keep: what no field fills of the destination's key is the source's, by position. */
static void fill_kept_key(gw_mapping_reader *r)
{
    gw_mapping *m = r->mapping;
    const gw_said_list *key = &m->destination.key, *from = &m->source.key;
    for (size_t i = 0; i < key->len; i++) {
        if (gw_mapping_field(m, key->items[i].text))
            continue;
        if (key->len != from->len) {
            gw_problem_add(r->d.problems, key->items[i].line, key->items[i].col,
                           "no field fills \"%s\" of the destination's key", key->items[i].text);
            gw_problem_hint(r->d.problems, "identity is keep, and the keys of the two sides have "
                                           "%zu and %zu columns", from->len, key->len);
            continue;
        }
        gw_map_field field = {.kind = GW_FIELD_COPY,
                          .to = key->items[i],
                          .required = true,
                          .implied = true,
                          .line = key->items[i].line,
                          .col = key->items[i].col};
        *gw_vec_push(r->d.arena, &field.from) = from->items[i];
        *gw_vec_push(r->d.arena, &m->fields) = field;
    }
}

static void check_new_key(gw_mapping_reader *r)
{
    gw_mapping *m = r->mapping;
    const gw_said_list *key = &m->destination.key;
    if (key->len != 1)
        gw_problem_add(r->d.problems, key->items[1].line, key->items[1].col,
                       "identity %s makes a key of one column; this one has %zu",
                       gw_identity_word(m->identity), key->len);
    for (size_t i = 0; i < key->len; i++) {
        const gw_map_field *field = gw_mapping_field(m, key->items[i].text);
        if (field)
            gw_problem_add(r->d.problems, field->to.line, field->to.col,
                           "\"%s\" is the destination's key, which identity %s makes",
                           field->to.text, gw_identity_word(m->identity));
    }
}

/* Columns that Godwit itself fills: no field's, no key's, no other's. */
static void check_own_columns(gw_mapping_reader *r)
{
    gw_mapping *m = r->mapping;
    const gw_said *own[] = {&m->destination.legacy_id, &m->destination.migrated_at,
                            &m->destination.source_hash, &m->deletes_column};
    static const char *const what[] = {"legacy_id", "migrated_at", "source_hash", "deletes"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (!own[i]->text)
            continue;
        bool taken = gw_mapping_field(m, own[i]->text) || names(&m->destination.key, own[i]->text);
        for (size_t j = 0; j < i; j++)
            taken = taken || (own[j]->text && strcmp(own[j]->text, own[i]->text) == 0);
        if (taken)
            gw_problem_add(r->d.problems, own[i]->line, own[i]->col,
                           "\"%s\" is filled by Godwit (%s), and by something else too",
                           own[i]->text, what[i]);
    }
}

static void check_transforms(gw_mapping_reader *r)
{
    gw_mapping *m = r->mapping;
    const char **known = gw_alloc_array(r->d.arena, m->functions.len + 1, sizeof *known);
    for (size_t i = 0; i < m->functions.len; i++)
        known[i] = m->functions.items[i].name;
    for (size_t i = 0; i < m->fields.len; i++) {
        const gw_said *name = &m->fields.items[i].transform;
        bool there = m->functions.file.text != NULL;
        for (size_t k = 0; name->text && known[k]; k++)
            there = there || strcmp(known[k], name->text) == 0;
        if (!name->text || there)
            continue;
        gw_problem_add(r->d.problems, name->line, name->col, "there is no function \"%s\"",
                       name->text);
        const char *meant = gw_did_you_mean(name->text, known);
        if (meant)
            gw_problem_hint(r->d.problems, "did you mean \"%s\"?", meant);
        else
            gw_problem_hint(r->d.problems, "write it under \"functions\"");
    }
}

static void check_rules(gw_mapping_reader *r)
{
    gw_mapping *m = r->mapping;
    const char **known = gw_alloc_array(r->d.arena, m->fields.len + 1, sizeof *known);
    for (size_t i = 0; i < m->fields.len; i++)
        known[i] = m->fields.items[i].to.text;
    for (size_t i = 0; i < m->rules.len; i++) {
        const gw_said_list *fields = &m->rules.items[i].fields;
        for (size_t k = 0; k < fields->len; k++) {
            const gw_said *name = &fields->items[k];
            if (gw_mapping_field(m, name->text))
                continue;
            gw_problem_add(r->d.problems, name->line, name->col, "no field goes to \"%s\"",
                           name->text);
            const char *meant = gw_did_you_mean(name->text, known);
            if (meant)
                gw_problem_hint(r->d.problems, "did you mean \"%s\"?", meant);
            else
                gw_problem_hint(r->d.problems, "rules name the destination's columns");
        }
    }
}

static void check_depends(gw_mapping_reader *r)
{
    gw_mapping *m = r->mapping;
    for (size_t i = 0; i < m->depends_on.len; i++) {
        const gw_said *said = &m->depends_on.items[i];
        bool twice = false;
        for (size_t k = 0; k < i; k++)
            twice = twice || strcmp(m->depends_on.items[k].text, said->text) == 0;
        if (twice)
            gw_problem_add(r->d.problems, said->line, said->col, "\"%s\" is given twice", said->text);
        else if (m->entity.text && strcmp(m->entity.text, said->text) == 0)
            gw_problem_add(r->d.problems, said->line, said->col,
                           "\"%s\" cannot depend on itself: a reference to its own rows needs no "
                           "\"depends_on\"", said->text);
    }
}

/* The grammar alone: what the names in it are, the server says. `before` and `after` make a
 * statement of it. */
static void check_sql(gw_mapping_reader *r, const gw_said *said, const char *what,
                      const char *before, const char *after)
{
    if (!said->text)
        return;
    gw_err err = {0};
    const char *whole = gw_printf(r->d.arena, "%s%s%s", before, said->text, after);
    if (gw_sql_parse_check(r->d.arena, whole, strlen(whole), &err))
        return;
    unsigned line, col;
    size_t lead = strlen(before) + 1, at = err.position > lead ? err.position - lead : 0;
    gw_mapping_place(r->mapping, said, at, &line, &col);
    gw_problem_add(r->d.problems, line, col, "%s: %s", what, err.message);
    gw_err_clear(&err);
}

static void check_expressions(gw_mapping_reader *r)
{
    gw_mapping *m = r->mapping;
    for (size_t i = 0; i < m->fields.len; i++) {
        const gw_map_field *field = &m->fields.items[i];
        check_sql(r, &field->sql, gw_printf(r->d.arena, "the sql of \"%s\"", field->to.text),
                  "SELECT (", "\n)");
        check_sql(r, &field->type, gw_printf(r->d.arena, "the type of \"%s\"", field->to.text),
                  "SELECT NULL::", "\n");
    }
    for (size_t i = 0; i < m->rules.len; i++)
        check_sql(r, &m->rules.items[i].sql, "the condition of a rule", "SELECT (", "\n)");
    check_sql(r, &m->source.query, "the query of the source", "SELECT 1 FROM (", "\n) q");
}

void gw_mapping_whole(gw_mapping_reader *r)
{
    gw_mapping *m = r->mapping;
    if (m->identity == GW_IDENTITY_KEEP)
        fill_kept_key(r);
    else
        check_new_key(r);
    for (size_t i = 0; i < m->fields.len; i++)
        m->fields.items[i].sensitive =
            m->fields.items[i].sensitive || names(&m->sensitive, m->fields.items[i].to.text);
    if (!m->fields.len)
        gw_problem_add(r->d.problems, 1, 1, "there are no fields");
    check_own_columns(r);
    check_transforms(r);
    check_rules(r);
    check_depends(r);
    check_expressions(r);
}
