#include "base/vec.h"
#include "migrate/internal.h"
#include "migrate/tenant.h"
#include "pg/pipeline.h"
#include "sql_migrate.h"

/* One statement of the round trip. */
typedef struct part {
    const char *text;
    const char *name;     /* of our own, for errors: nobody knows its text */
    const char *prepared; /* its name, where it is one; text is not sent then */
    bool prepares;        /* makes it */
    const gw_param *params;
    size_t count;
    const gw_statement *statement; /* of the file; NULL: our own */
    bool at_end;                   /* deferred constraints are checked in it */
    bool ends_group;               /* a sync follows */
} part;

typedef GW_VEC(part) part_list;

/* Our own statements, parsed and planned once a session instead of once a file. */
static const char OPEN[] = "godwit_open", PUT[] = "godwit_put", EVENT[] = "godwit_event";

static part *add(gw_arena *arena, part_list *list, const char *text)
{
    part *p = gw_vec_push(arena, list);
    p->text = text;
    return p;
}

static void add_own(gw_arena *arena, part_list *list, const char *name, const char *text,
                    const char *prepared, const gw_param *params, size_t count)
{
    part *p = add(arena, list, text);
    p->name = name;
    p->prepared = prepared;
    p->params = params;
    p->count = count;
}

static void add_prepares(gw_arena *arena, part_list *list)
{
    const gw_sql *put = gw_history_put_sql(), *event = gw_event_sql();
    add_own(arena, list, gw_sql_tx_open.name, gw_sql_tx_open.text, OPEN, NULL, 0);
    add_own(arena, list, put->name, put->text, PUT, NULL, 0);
    add_own(arena, list, event->name, event->text, EVENT, NULL, 0);
    for (size_t i = 0; i < list->len; i++)
        list->items[i].prepares = true;
    list->items[list->len - 1].ends_group = true;
}

static size_t add_statements(gw_arena *arena, part_list *list, const gw_checked *checked,
                             size_t from, bool modes)
{
    size_t i = from;
    for (; i < checked->statements && (!modes || checked->kept[i].transaction_mode); i++)
        add(arena, list, checked->kept[i].text)->statement = &checked->kept[i];
    return i;
}

typedef struct params {
    gw_param open[GW_TX_OPEN_PARAMS];
    gw_param tenant[GW_TENANT_PARAMS];
    gw_param begins, ends; /* gw_sql_own_rows */
    gw_record_params record;
} params;

static void build(gw_runner *r, gw_arena *arena, const gw_checked *checked, bool prepared,
                  params *p, part_list *list)
{
    const gw_sql *put = gw_history_put_sql(), *event = gw_event_sql();
    const gw_sql *take_back = gw_history_delete_sql();
    bool settles = !checked->plain, cleans = settles && !gw_session_pooled(r->work);
    gw_tx_open_params(r, checked, !settles && !r->durable, p->open);
    gw_tx_record_params(r, checked, GW_NULL_INT, &p->record);

    add(arena, list, checked->begin ? checked->begin : "BEGIN");
    size_t at = add_statements(arena, list, checked, 0, true);
    add_own(arena, list, gw_sql_tx_open.name, gw_sql_tx_open.text, prepared ? OPEN : NULL,
            p->open, GW_TX_OPEN_PARAMS);
    p->begins = gw_p_bool(true);
    p->ends = gw_p_bool(false);
    if (settles)
        add_own(arena, list, gw_sql_own_rows.name, gw_sql_own_rows.text, NULL, &p->begins, 1);
    add_statements(arena, list, checked, at, false);
    if (settles) {
        add(arena, list, gw_tx_settle_sql[0])->at_end = true;
        add_own(arena, list, gw_sql_own_rows.name, gw_sql_own_rows.text, NULL, &p->ends, 1);
    }
    if (gw_tenant_params(r, p->tenant))
        add_own(arena, list, gw_sql_schema_in_effect.name, gw_sql_schema_in_effect.text, NULL, p->tenant,
                GW_TENANT_PARAMS);
    for (size_t k = 1; settles && k < GW_TX_SETTLES; k++)
        add(arena, list, gw_tx_settle_sql[k])->at_end = true;
    if (settles && !r->durable)
        add(arena, list, gw_sql_tx_async.text);
    if (checked->revert)
        add_own(arena, list, take_back->name, take_back->text, NULL, p->record.key, 3);
    else
        add_own(arena, list, put->name, put->text, prepared ? PUT : NULL, p->record.history,
                GW_HISTORY_PUT_PARAMS);
    add_own(arena, list, event->name, event->text, prepared ? EVENT : NULL, p->record.event,
            GW_EVENT_PARAMS);
    part *commit = add(arena, list, "COMMIT");
    commit->at_end = commit->ends_group = true;
    if (cleans)
        add(arena, list, GW_TX_CLEAN)->ends_group = true;
}

static bool send_all(gw_session *work, const part_list *list, gw_err *err)
{
    for (size_t i = 0; i < list->len; i++) {
        const part *p = &list->items[i];
        bool sent = p->prepares ? gw_pipeline_prepare(work, p->prepared, p->text, err)
                    : p->prepared
                        ? gw_pipeline_add_prepared(work, p->prepared, p->params, p->count, err)
                        : gw_pipeline_add(work, p->text, p->params, p->count, err);
        if (!sent || (p->ends_group && !gw_pipeline_sync(work, err)))
            return false;
    }
    return true;
}

static bool receive_all(gw_session *work, const part_list *list, const gw_checked *checked,
                        gw_err *err)
{
    for (size_t i = 0; i < list->len; i++) {
        const part *p = &list->items[i];
        bool skipped = false;
        const char *name = p->statement ? NULL : p->name ? p->name : p->text;
        if (!gw_pipeline_next(work, NULL, name, NULL, &skipped, err)) {
            /* Where the server said why it went, it was at this one. */
            if (p->statement && (err->kind != GW_ERR_LOST || err->sqlstate[0]))
                gw_statement_place(p->statement, checked->script->path, err);
            return p->at_end ? gw_tx_failed_at_end(checked, err) : false;
        }
        if (skipped)
            return gw_err_set(err, GW_ERR_INTERNAL, "a statement was skipped without an error");
    }
    return true;
}

bool gw_run_piped(gw_runner *r, gw_arena *arena, const gw_checked *checked, gw_err *err)
{
    part_list list = {0};
    params *p = gw_alloc(arena, sizeof *p);
    /* A file that is not plain might drop or replace what is prepared. */
    bool prepared = checked->plain && !gw_session_pooled(r->work);
    if (prepared && !r->prepared)
        add_prepares(arena, &list);
    build(r, arena, checked, prepared, p, &list);
    if (!gw_pipeline_start(r->work, err))
        return false;
    bool ok = send_all(r->work, &list, err) && receive_all(r->work, &list, checked, err);
    gw_err ending = {0};
    bool ended = gw_pipeline_end(r->work, &ending);
    if (ok && !ended) {
        gw_err_move(err, &ending);
        ok = false;
    }
    gw_err_clear(&ending);
    r->prepared = ok && prepared;
    return ok;
}
