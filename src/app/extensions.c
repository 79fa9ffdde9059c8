/* Extensions that the server of the shadows lacks: left out there, said, and taken to be there. */
#include <string.h>

#include "app/trial.h"
#include "control/gate.h"
#include "schema/kind.h"

static bool is_lacking(gw_trial *trial, const gw_object *object, bool *lacks, gw_err *err)
{
    bool has = true;
    *lacks = false;
    if (strcmp(object->kind->name, "extension") != 0)
        return true;
    if (!gw_shadow_has_extension(trial->shadow, object->name, &has, err))
        return false;
    *lacks = !has;
    return true;
}

bool gw_trial_carry(gw_trial *trial, const gw_schema *from, gw_schema *to, gw_err *err)
{
    for (size_t i = 0; i < from->objects.len; i++) {
        const gw_object *object = from->objects.items[i];
        bool lacks;
        if (!is_lacking(trial, object, &lacks, err))
            return false;
        if (lacks)
            gw_schema_add_extension(to, object->name, NULL, object);
    }
    return true;
}

bool gw_trial_can_hold(gw_trial *trial, const gw_schema *schema, gw_err *err)
{
    for (size_t i = 0; i < schema->objects.len; i++) {
        const gw_object *object = schema->objects.items[i];
        bool lacks;
        if (!is_lacking(trial, object, &lacks, err))
            return false;
        if (!lacks)
            continue;
        gw_trial_warn(trial, "extension %s is left out where plans are tried: PostgreSQL %s there "
                             "lacks it",
                      object->key, gw_shadow_facts_of(trial->shadow)->version);
        if (!object->needed_by.len)
            continue;
        const gw_object *user = object->needed_by.items[0].object;
        gw_err_set(err, GW_ERR_UNSUPPORTED,
                   "%s %s needs extension %s, which PostgreSQL %s, where plans are tried, lacks",
                   user->kind->name, user->key, object->key,
                   gw_shadow_facts_of(trial->shadow)->version);
        if (object->needed_by.len > 1)
            gw_err_detail(err, "and so do %zu more objects", object->needed_by.len - 1);
        return gw_err_hint(err, "install it here, or name a server that has it: shadow: { url: … } "
                                "in godwit.yaml");
    }
    return true;
}

static void forget(gw_trial *trial, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < trial->left.len; i++)
        if (strcmp(trial->left.items[i].name, name) != 0)
            trial->left.items[kept++] = trial->left.items[i];
    trial->left.len = kept;
}

bool gw_trial_lacks(gw_trial *trial, const char *place, const char *text, size_t len)
{
    gw_sql_extension extension;
    gw_err ignored = {0};
    bool lacks = false;
    if (!gw_gate_lacks(trial->shadow, trial->arena, text, len, &extension, &lacks, &ignored) ||
        !lacks) {
        gw_err_clear(&ignored);
        return false;
    }
    gw_trial_warn(trial, "%s: %s %s is left out: %s", place, extension.statement, extension.name,
                  gw_gate_why_lacking(trial->shadow, trial->arena));
    if (extension.creates || extension.drops)
        forget(trial, extension.name);
    if (extension.creates)
        *gw_vec_push(trial->arena, &trial->left) =
            (gw_left_extension){extension.name, extension.schema};
    return true;
}
