/* Shared by the files about backups; private to this folder. */
#ifndef GW_APP_BACKUP_INTERNAL_H
#define GW_APP_BACKUP_INTERNAL_H

#include "app/backup.h"
#include "app/internal.h"
#include "vault/dump.h"

/* What opens the project's backups: the passphrase of file, variable or command. */
bool gw_backup_keys(gw_app *app, gw_arena *arena, const char *passphrase_file, gw_unlock *out,
                    gw_err *err);

/* Overwrites a text that held a secret. */
void gw_wipe_text(const char *text);

/* What a backup made now is called: nothing else is. */
const char *gw_backup_new_id(gw_arena *arena);

/* One database, of a run (--backup) or of the command. */
bool gw_backup_database(gw_app *app, gw_arena *arena, const gw_connect *connect,
                        const gw_backup_options *options, gw_backup_made *out, gw_err *err);

/* A backup by its id, the beginning of one, a path, or the newest; opened, unlocked, and every
 * chunk of it authenticated. */
bool gw_backup_found(gw_app *app, gw_arena *arena, const char *id, const char *passphrase_file,
                     gw_backup_reader **out, const char **path, gw_err *err);

/* The progress of bytes as the observer sees it: "backing up" a label. */
typedef struct gw_byte_progress {
    gw_observer observer;
    gw_progress now;
} gw_byte_progress;
void gw_bytes_begin(gw_byte_progress *self, gw_app *app, const char *doing, const char *label);
gw_dump_progress gw_bytes_seen(gw_byte_progress *self);
void gw_bytes_end(gw_byte_progress *self, bool ok);

/* Into the audit, where Godwit's tables are there: is it there now? A failure of it is a warning. */
bool gw_backup_record(gw_app *app, gw_session *session, const gw_event *event);

#endif
