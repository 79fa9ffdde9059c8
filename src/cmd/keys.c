/* keys generate, list, rotate, export, import, deactivate. */
#include "app/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/grid.h"

static const char *const stores[] = {"file", "table", "quantum_keys", NULL};
static const char *const ciphers[] = {"aes-256-gcm", "chacha20-poly1305", NULL};
static const char *const types[] = {"x25519", "ml-kem-1024", "dilithium-5", "sphincs+", NULL};

#define OPTION_STORE                                                                               \
    {.name = "store",                                                                              \
     .type = GW_OPTION_CHOICE,                                                                     \
     .value = "STORE",                                                                             \
     .help = "file (keys.json), table (godwit.keys), or KEMBridge's quantum_keys; else keys: in "  \
             "godwit.yaml",                                                                        \
     .choices = stores}
#define OPTION_USER                                                                                \
    {.name = "user",                                                                               \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "ID",                                                                                \
     .help = "with quantum_keys: whose key it is"}
#define OPTION_TYPE                                                                                \
    {.name = "type",                                                                               \
     .type = GW_OPTION_CHOICE,                                                                     \
     .value = "TYPE",                                                                              \
     .help = "for backups x25519, or ml-kem-1024 (X25519 and ML-KEM together: the default where "  \
             "OpenSSL is 3.5 or newer); in quantum_keys ml-kem-1024, dilithium-5, sphincs+",       \
     .choices = types}
#define OPTION_EXPIRES                                                                             \
    {.name = "expires",                                                                            \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "TIME",                                                                              \
     .help = "how long new backups may be for it: 365d (else for ever)"}
#define OPTION_CIPHER                                                                              \
    {.name = "cipher",                                                                             \
     .type = GW_OPTION_CHOICE,                                                                     \
     .value = "CIPHER",                                                                            \
     .help = "what the private half is encrypted with (aes-256-gcm)",                              \
     .choices = ciphers}
#define OPTION_WITH                                                                                \
    {.name = "with-passphrase-file",                                                               \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "FILE",                                                                              \
     .help = "the private half in the exported file is encrypted with this passphrase (else as "   \
             "it is here)",                                                                        \
     .completes = GW_COMPLETES_FILE}

/* "365d", which is longer than a timeout may be. */
static bool lifetime(const char *text, int64_t *ms, gw_err *err)
{
    enum { DIGITS_MOST = 6 };
    size_t digits = strspn(text, "0123456789");
    int64_t number = 0;
    for (size_t i = 0; i < digits && digits <= DIGITS_MOST; i++)
        number = number * 10 + (text[i] - '0');
    const char *unit = text + digits;
    int64_t of = strcmp(unit, "d") == 0   ? 86400000
                 : strcmp(unit, "w") == 0 ? 7 * 86400000LL
                 : strcmp(unit, "h") == 0 ? 3600000
                 : strcmp(unit, "s") == 0 ? 1000
                                          : 0;
    *ms = number * of;
    return (*ms > 0 && digits <= DIGITS_MOST) ||
           gw_err_set(err, GW_ERR_USAGE, "--expires takes a time such as 365d, 52w, 12h, not \"%.40s\"",
                      text);
}

static bool wanted(gw_invocation *invocation, gw_key_options *out, gw_err *err)
{
    static const gw_store_kind kinds[] = {GW_STORE_FILE, GW_STORE_TABLE, GW_STORE_QUANTUM};
    const char *store = gw_option_text(invocation, "store");
    const char *cipher = gw_option_text(invocation, "cipher");
    const char *expires = gw_option_text(invocation, "expires");
    *out = (gw_key_options){.user = gw_option_text(invocation, "user"),
                            .type = gw_option_text(invocation, "type"),
                            .lasts_ms = GW_NULL_INT,
                            .passphrase_file = gw_option_text(invocation, "passphrase-file"),
                            .with_passphrase_file =
                                gw_option_text(invocation, "with-passphrase-file"),
                            .public_only = gw_flag(invocation, "public"),
                            .resume = gw_flag(invocation, "resume"),
                            .retire = gw_flag(invocation, "retire"),
                            .lose_backups = gw_flag(invocation, "lose-backups")};
    for (size_t i = 0; store && stores[i]; i++)
        if (strcmp(stores[i], store) == 0)
            out->store = kinds[i];
    if (cipher)
        out->cipher = strcmp(cipher, ciphers[1]) == 0 ? GW_CHACHA20_POLY1305 : GW_AES_256_GCM;
    if (out->user && out->store != GW_STORE_QUANTUM)
        return gw_err_set(err, GW_ERR_USAGE, "--user goes with --store quantum_keys");
    return !expires || lifetime(expires, &out->lasts_ms, err);
}

/* ---- showing them ----------------------------------------------------------------------------- */

static const char *state_of(const gw_key *key)
{
    if (key->state == GW_KEY_ACTIVE && key->expires_at != GW_NULL_INT &&
        key->expires_at <= gw_now_us())
        return "expired";
    return gw_key_state_name(key->state);
}

static void key_json(gw_json *json, const gw_key_shown *shown)
{
    const gw_key *key = &shown->key;
    gw_json_string(json, "id", shown->id);
    gw_json_string(json, "type", gw_pair_kind_of(key->type)->name);
    gw_json_string(json, "state", state_of(key));
    gw_json_string(json, "user", shown->user);
    gw_json_bool(json, "private", key->sealed.data != NULL);
    gw_json_time(json, "created_at", key->created_at);
    gw_json_time(json, "expires_at", key->expires_at);
    gw_json_int(json, "backups", (int64_t)shown->backups);
}

static void keys_json(gw_json *json, const gw_keys_shown *keys)
{
    gw_json_open(json, "keys", '[');
    for (size_t i = 0; i < keys->len; i++) {
        gw_json_open(json, NULL, '{');
        key_json(json, &keys->items[i]);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static const char *instant(gw_arena *arena, int64_t us)
{
    return us == GW_NULL_INT ? NULL : gw_time_rfc3339(arena, us / 1000000 * 1000000);
}

static void keys_show(gw_invocation *invocation, const gw_keys_shown *keys)
{
    static const char *const titles[] = {"ID",      "TYPE",    "STATE", "CREATED",
                                         "EXPIRES", "PRIVATE", "BACKUPS", NULL};
    static const bool right[] = {false, false, false, false, false, false, true};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, right);
    for (size_t i = 0; i < keys->len; i++) {
        const gw_key_shown *shown = &keys->items[i];
        const gw_key *key = &shown->key;
        gw_grid_add(&grid, shown->id);
        gw_grid_add(&grid, gw_pair_kind_of(key->type)->name);
        gw_grid_add(&grid, state_of(key));
        gw_grid_add(&grid, instant(arena, key->created_at));
        gw_grid_add(&grid, instant(arena, key->expires_at));
        gw_grid_add(&grid, key->sealed.data ? "encrypted" : "not here");
        gw_grid_add(&grid, gw_printf(arena, "%zu", shown->backups));
    }
    gw_grid_print(&grid, stdout, invocation->color);
}

/* ---- the commands ------------------------------------------------------------------------------ */

static bool run_list(gw_invocation *invocation, gw_err *err)
{
    gw_key_options options;
    gw_keys_shown keys;
    if (!wanted(invocation, &options, err) ||
        !gw_app_keys(invocation->app, invocation->arena, &options, &keys, err))
        return false;
    if (invocation->json)
        keys_json(invocation->out, &keys);
    else if (keys.len)
        keys_show(invocation, &keys);
    else
        gw_say(invocation, "there are no keys in %s", keys.where);
    return true;
}

static bool run_generate(gw_invocation *invocation, gw_err *err)
{
    gw_key_options options;
    gw_key_shown made;
    if (!wanted(invocation, &options, err) || !gw_app_may_write(invocation->app, err) ||
        !gw_app_key_generate(invocation->app, invocation->arena, &options, &made, err))
        return false;
    if (invocation->json)
        key_json(invocation->out, &made);
    gw_say(invocation, "key %s (%s)", made.id, gw_pair_kind_of(made.key.type)->name);
    if (options.store != GW_STORE_QUANTUM)
        gw_say(invocation, "  new backups are for it; keep a copy of it elsewhere: godwit keys export");
    return true;
}

static bool run_rotate(gw_invocation *invocation, gw_err *err)
{
    gw_key_options options;
    gw_rotated rotated;
    if (!wanted(invocation, &options, err) || !gw_app_may_write(invocation->app, err))
        return false;
    options.id = gw_argument_text(invocation, 0);
    if (!gw_app_key_rotate(invocation->app, invocation->arena, &options, &rotated, err))
        return false;
    size_t left = 0;
    while (rotated.left[left])
        left++;
    if (invocation->json) {
        key_json(invocation->out, &rotated.key);
        gw_json_string(invocation->out, "before", rotated.before);
        gw_json_int(invocation->out, "rewrapped", (int64_t)rotated.rewrapped);
        gw_json_open(invocation->out, "left", '[');
        for (size_t i = 0; i < left; i++)
            gw_json_string(invocation->out, NULL, rotated.left[i]);
        gw_json_close(invocation->out, ']');
    }
    gw_say(invocation, "key %s (%s) is active%s%s", rotated.key.id,
           gw_pair_kind_of(rotated.key.key.type)->name, rotated.before ? " in place of " : "",
           rotated.before ? rotated.before : "");
    if (options.store != GW_STORE_QUANTUM)
        gw_say(invocation, "  %s wrapped for it",
               gw_plural(invocation->arena, rotated.rewrapped, "backup"));
    for (size_t i = 0; i < left; i++)
        gw_say(invocation, "  not wrapped: %s", rotated.left[i]);
    if (left)
        invocation->exit_code = 3;
    return true;
}

static bool run_deactivate(gw_invocation *invocation, gw_err *err)
{
    gw_key_options options;
    gw_key_shown key;
    bool none_left = false;
    if (!wanted(invocation, &options, err) || !gw_app_may_write(invocation->app, err))
        return false;
    options.id = gw_argument_text(invocation, 0);
    if (options.retire &&
        !gw_confirm(invocation, "destroys the key's private half",
                    "destroy the key's private half", "nothing was changed", err))
        return false;
    if (!gw_app_key_deactivate(invocation->app, invocation->arena, &options, &key, &none_left, err))
        return false;
    if (invocation->json)
        key_json(invocation->out, &key);
    gw_say(invocation, "key %s is %s", key.id, gw_key_state_name(key.key.state));
    if (none_left)
        gw_say(invocation, "  no key is active now: godwit backup refuses until there is one");
    return true;
}

static bool run_export(gw_invocation *invocation, gw_err *err)
{
    gw_key_options options;
    const char *text = NULL;
    if (!wanted(invocation, &options, err))
        return false;
    options.id = gw_argument_text(invocation, 0);
    options.path = gw_option_text(invocation, "out");
    bool standard = !options.path || strcmp(options.path, "-") == 0;
    if (invocation->json && standard)
        return gw_err_set(err, GW_ERR_USAGE, "--json and the key cannot both go to standard output");
    if (!gw_app_key_export(invocation->app, invocation->arena, &options, &text, err))
        return false;
    if (standard) {
        fputs(text, stdout);
        return true;
    }
    if (invocation->json)
        gw_json_string(invocation->out, "path", options.path);
    gw_say(invocation, "%s", options.path);
    return true;
}

static bool run_import(gw_invocation *invocation, gw_err *err)
{
    gw_key_options options;
    gw_keys_shown keys;
    if (!wanted(invocation, &options, err) || !gw_app_may_write(invocation->app, err))
        return false;
    options.path = gw_argument_text(invocation, 0);
    if (!gw_app_key_import(invocation->app, invocation->arena, &options, &keys, err))
        return false;
    if (invocation->json)
        keys_json(invocation->out, &keys);
    for (size_t i = 0; i < keys.len; i++)
        gw_say(invocation, "key %s (%s) is in %s", keys.items[i].id,
               gw_pair_kind_of(keys.items[i].key.type)->name, keys.where);
    return true;
}

/* ---- the table --------------------------------------------------------------------------------- */

static const gw_argument id_needed[] = {
    {.name = "ID", .help = "a key's id, or the beginning of one", .required = true},
    {.name = NULL},
};
static const gw_argument id_or_none[] = {
    {.name = "ID", .help = "a key's id, or the beginning of one (the only active one)"},
    {.name = NULL},
};
static const gw_argument file_argument[] = {
    {.name = "FILE", .help = "what keys export wrote", .required = true, .completes = GW_COMPLETES_FILE},
    {.name = NULL},
};

static const gw_option list_options[] = {OPTION_STORE, OPTION_USER, {.name = NULL}};
static const gw_command list_command = {
    .name = "list",
    .summary = "the keys, and how many backups are for each",
    .text = "No private half is opened, and none is shown.",
    .examples = "godwit keys list",
    .options = list_options,
    .flags = GW_COMMAND_PROJECT,
    .run = run_list,
};

static const gw_option generate_options[] = {
    OPTION_TYPE,   OPTION_EXPIRES,           OPTION_STORE,  OPTION_USER,
    OPTION_CIPHER, GW_OPTION_PASSPHRASE_FILE, {.name = NULL}};
static const gw_command generate_command = {
    .name = "generate",
    .summary = "make a pair of keys; new backups are for it",
    .text =
        "The private half is kept encrypted only: under a key from GODWIT_MASTER_KEY_FILE (or "
        "master_key_file, master_key_command of keys: in godwit.yaml), else under the passphrase. "
        "From then on every backup is for every active key, and for the passphrase where one is "
        "set. Making a backup needs the public half alone.\n"
        "\n"
        "Post-quantum keys need OpenSSL 3.5.",
    .examples = "godwit keys generate --expires 365d\n"
                "godwit keys generate --type ml-kem-1024\n"
                "godwit keys generate --store quantum_keys --user 6f1c… --type dilithium-5",
    .options = generate_options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_WRITES,
    .run = run_generate,
};

static const gw_option rotate_options[] = {
    {.name = "resume",
     .type = GW_OPTION_FLAG,
     .help = "no new key: wrap what an interrupted rotation left"},
    OPTION_TYPE,
    OPTION_EXPIRES,
    OPTION_STORE,
    OPTION_USER,
    OPTION_CIPHER,
    GW_OPTION_PASSPHRASE_FILE,
    {.name = NULL}};
static const gw_command rotate_command = {
    .name = "rotate",
    .summary = "a new key for an old one; backups are wrapped for it",
    .text =
        "The new key is kept before anything else happens. Then each backup of the folder that is "
        "for a key which is no longer active gets a new head: its file key, wrapped for the new "
        "one. Its data is not encrypted anew. The old key stays, inactive: copies that lie "
        "elsewhere can be opened with it until it is retired (keys deactivate --retire).\n"
        "\n"
        "Exit 3 where a backup could not be wrapped; it is named.",
    .examples = "godwit keys rotate\ngodwit keys rotate --resume",
    .options = rotate_options,
    .arguments = id_or_none,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_WRITES,
    .run = run_rotate,
};

static const gw_option deactivate_options[] = {
    {.name = "retire", .type = GW_OPTION_FLAG, .help = "destroy its private half"},
    {.name = "lose-backups",
     .type = GW_OPTION_FLAG,
     .help = "with --retire: also where backups can be opened with it alone"},
    OPTION_STORE,
    OPTION_USER,
    {.name = NULL}};
static const gw_command deactivate_command = {
    .name = "deactivate",
    .summary = "no new backup is for this key",
    .text = "What was wrapped for it can still be opened with it. With --retire it cannot: its "
            "private half is destroyed, which is refused (exit 5) while backups of the folder can be "
            "opened with it alone.",
    .examples = "godwit keys deactivate 3f2a\ngodwit keys deactivate 3f2a --retire --yes",
    .options = deactivate_options,
    .arguments = id_needed,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_WRITES,
    .run = run_deactivate,
};

static const gw_option export_options[] = {
    GW_OPTION_OUT,
    {.name = "public", .type = GW_OPTION_FLAG, .help = "the public half alone"},
    OPTION_WITH,
    OPTION_STORE,
    GW_OPTION_PASSPHRASE_FILE,
    {.name = NULL}};
static const gw_command export_command = {
    .name = "export",
    .summary = "write a key to a file, its private half encrypted",
    .text = "As it is kept here, or with --with-passphrase-file under a passphrase of its own, for "
            "another place. With --public a machine that makes backups can be given what it needs, "
            "and cannot open them.",
    .examples = "godwit keys export 3f2a -o key.json --with-passphrase-file /run/secrets/pass\n"
                "godwit keys export 3f2a --public -o public.json",
    .options = export_options,
    .arguments = id_needed,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_QUIET_LOG,
    .run = run_export,
};

static const gw_option import_options[] = {OPTION_WITH, OPTION_STORE, GW_OPTION_PASSPHRASE_FILE,
                                           {.name = NULL}};
static const gw_command import_command = {
    .name = "import",
    .summary = "take in a key that was exported",
    .text = "The two halves are proven to belong together. What was exported under a passphrase of "
            "its own is encrypted anew, as keys are here.",
    .examples = "godwit keys import key.json --with-passphrase-file /run/secrets/pass",
    .options = import_options,
    .arguments = file_argument,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_WRITES,
    .run = run_import,
};

static const gw_command *const subcommands[] = {&generate_command,   &list_command,
                                                &rotate_command,     &deactivate_command,
                                                &export_command,     &import_command, NULL};

const gw_command gw_command_keys = {
    .name = "keys",
    .summary = "make, list, replace and hand on the keys of backups",
    .text = "Keys are in keys.json beside godwit.yaml, or in the table godwit.keys (keys: { store: "
            "table }); private halves are there encrypted, and nowhere else.",
    .examples = "godwit keys list",
    .subcommands = subcommands,
};
