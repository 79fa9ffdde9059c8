/* Every path, who may ask it, which command answers. The OpenAPI document is made from this. */
#include "cmd/backups.h"
#include "cmd/serve/serve.h"
#include "cmd/sync.h"
#include "cmd/track.h"
#include "http/site.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- shapes of answers: openapi.c reads them ------------------------------------------------------------ */

#define FAILURE "{kind:s,message:s?,detail:s?,hint:s?,sqlstate:s?,where:s?}"
#define WARNINGS "~warnings:[s]"
#define JOB(RESULT)                                                                                \
    "{job:i,command:s,state:s,who:s?,started_at:t,ended_at:t?,exit_code:i?,result:" RESULT ",error:" FAILURE "?}"
/* Why rows were not moved, as a run keeps it. */
#define SYNC_ERROR "{kind:s,message:s,~detail:s,~hint:s,~sqlstate:s}"
#define SOURCE_ROW "source_row:<the row as it was read, a member a column: the columns are the user's>{...s?}?"
/* Of a job: an action whose result comes later. */
#define JOB_THAT(RESULT) .shape = JOB("@?"), .result = RESULT
#define SESSION                                                                                    \
    "session:s,status:s,abandoned:b,wanted:s?,reason:s?,attempt:i,host:s?,pid:i?,lease_until:t?,"  \
    "imported:b,created_at:t?,started_at:t?,completed_at:t?,processed:i,remaining:i,"              \
    "estimated_completion:t?,entities_pending:[s]?,entities_running:[s]?,entities_completed:[s]?," \
    "entities_failed:[s]?,error:{~reason:s,~message:s,~entities:<by name>{..." SYNC_ERROR "}}?"
#define STAGE                                                                                      \
    "id:i,tracker:s,stage_name:s,status:s,started_at:t?,completed_at:t?,error_count:i,"            \
    "last_updated:t?,paused:b,note:s?"
#define CHANGE "{kind:s,object:s,action:s,~details:[s],~rebuilt:b,~loses_data:b}"
#define LOSS                                                                                       \
    "{kind:s,object:s,rows:i?,~estimated:b,~at_most:b,~by:s,~accepted:b,~version:s?,~file:s?,~line:i,"       \
    "~tenant:s,~only_observed:b}"
#define MIGRATION                                                                                  \
    "{version:s,name:s?,service:s,state:s,applied_at:t?,duration_ms:i?,checksum:s?,"               \
    "transactional:b,file:s?,~baseline:s,~folder:s,~renumbered_to:s,~applied_as:s," \
    "~running:b,~repeatable:b,~statements_done:i,~statements_total:i,"     \
    "~rows_done:i,~reverting:b,~interrupted:b,"                                                    \
    "~statement:{number:i,what:s,sql:s?,needs_repair:b,backend_pid:i?,running_ms:i?},"             \
    "~failure:{at:t?,sqlstate:s?,message:s?,detail:s?,where:s?,run:s?}}"
#define STANDING                                                                                   \
    "current:s?,pending:i,~format:s?,migrations:[" MIGRATION "],"                                  \
    "~other_tools:[{tool:s,table:s,rows:i}],~sqlx:[{version:s,kind:s,message:s,hint:s}],"         \
    "~run:{command:s?,actor:s?,host:s?,since:t?,backend_pid:i?,lock:s?,runner_gone:b,"             \
    "~lease_left_ms:i,~session:{backend_pid:i,connected_ms:i?,application:s?,user:s?,client:s?},"    \
    "~statement:{backend_pid:i?,running_ms:i?,sql:s?,state:s?}},"                                    \
    "~cut_off:{command:s?,actor:s?,host:s?,since:t?}"
#define RUN_ITEMS "[{version:s,name:s?,service:s,duration_ms:i?}]"
#define RUN(LIST)                                                                                  \
    "%{" LIST ":" RUN_ITEMS ",pending:i,~dry_run:b,~sql:[s],~data_loss:[" LOSS "],"                \
    "~tenants:[{tenant:s," LIST ":" RUN_ITEMS ",error:" FAILURE "?}]," WARNINGS "}"
#define DETECTED                                                                                   \
    "%{analysis:s?,entities:[{entity:s,~differences:[s],~method:s?,~why:s?,~first:b,~new:i,"        \
    "~modified:i,~deleted:i,~total_changes:i,~in_quarantine:i,~second_pass:i,~source_count:i,"     \
    "~destination_count:i,~change_percentage:n?,~estimated_ms:i?,~too_many_deletes:b}]}"
#define MOVED                                                                                      \
    "%{session:s?,status:s?,entities:[{entity:s,status:s?,processed:i,rejected:i,remaining:i,"     \
    "new:i,modified:i,deleted:i,error:s?}]}"
#define REJECTS                                                                                    \
    "total:i,rejects:[{entity:s,key:s?,kind:s?,action:s?,rule:s?,field:s?,message:s?,sqlstate:s?," \
    "where:s?," SOURCE_ROW ",run:s?,attempts:i,first_seen:t?,last_seen:t?}]"
#define DIAGNOSIS                                                                                  \
    "at:t,checks:i,findings:[{id:s,severity:s,title:s,object:s,evidence:s,advice:s,sql:s?,safe:b}]," \
    "unseen:[{id:s,partly:b,why:s}],fixed:[{id:s,object:s,sql:s,duration_ms:i}]"
#define DRIFT                                                                                      \
    "~compared:b,~reason:s,~equal:b,~changes:[" CHANGE "],~database_to_migrations:[s],"            \
    "~migrations_to_database:[s]"

static const gw_api status = {
    .kind = GW_API_READ,
    .summary = "Migrations and their states",
    .command = &gw_command_status,
    .name = "status",
    .shared = true,
    .shape = "{environment:s,database:s?," STANDING ",~tenants:[{tenant:s," STANDING
             ",~error:" FAILURE "}]," WARNINGS "}"};
static const gw_api migration = {
    .kind = GW_API_OWN,
    .summary = "What stands in the files of one migration, applied or not",
    .query = WORDS("version", "the migration's, as /api/v1/status names it",
                   "service", "the service's name, in a project of several"),
    .shape = "{version:s,name:s,service:s,gone:b,files:[{way:s,path:s,sql:s,bytes:i,cut:b}]}"};
static const gw_api plan = {
    .kind = GW_API_READ,
    .summary = "What applying would do: statements, locks, rewrites, losses",
    .command = &gw_command_plan,
    .name = "plan",
    .options = WORDS("to", "steps", "service", "out-of-order"),
    .shared = true,
    .shape = "{migrations:[{version:s,name:s?,service:s,statements:[{sql:s,line:i,transactional:b,"
             "duration_ms:i,locks:[{relation:s,mode:s}],rewrites:[s],scans:[s],"
             "warnings:[{rule:s,message:s}]}]}],changes:[" CHANGE "],"
             "data_loss:[" LOSS "]," WARNINGS "}"};
static const gw_api drift = {
    .kind = GW_API_READ,
    .summary = "The live schema against what the applied migrations make",
    .command = &gw_command_verify,
    .name = "verify",
    .shared = true,
    .shape = "{checked:i,findings:[{kind:s,~tenant:s,version:s?,name:s?,service:s?,file:s?,expected:s?,"
             "found:s?,~message:s,~hint:s}],~drift:{" DRIFT ",~tenants:[{tenant:s," DRIFT "}]}," WARNINGS "}"};
static const gw_api schema = {
    .kind = GW_API_READ,
    .summary = "The live schema, object by object",
    .command = &gw_command_dump,
    .name = "dump",
    .shared = true,
    .shape = "{server_version:i,objects:[{kind:s,identity:s,~schema:s,~name:s,~parent:s,~privileges:[s],"
             "~security_labels:[s],...s}],unrendered:[s]," WARNINGS "}"};
static const gw_api picture = {
    .kind = GW_API_OWN,
    .summary = "The tables of a schema and their references, or a table and its neighbours, as a picture; "
               "501 where Graphviz is not installed",
    .query = WORDS("schema", "the schema whose tables are drawn; public, or the first that has tables, if not said",
                   "table", "the table that is drawn with its neighbours, as /api/v1/schema names it"),
    .type = "image/svg+xml"};
static const gw_api history = {
    .kind = GW_API_READ,
    .summary = "The audit, newest first",
    .command = &gw_command_history,
    .name = "history",
    .options = WORDS("limit", "action"),
    .argument = "version",
    .shape = "{events:[{id:i,at:t,run:s,action:s,outcome:s,tenant:s,service:s,version:s?,name:s?,"
             "duration_ms:i?,actor:s,host:s,database_user:s,sqlstate:s?,message:s?,detail:s?,where:s?,"
             "data:<what belongs to some actions: refused losses, a push, an adoption, how often, which repair>"
             "({data_loss:[{kind:s,object:s,rows:i?,~by:s}]}|{schema:s?,fingerprint:s?,~backup:s,part:i,parts:i,sql:[s]}|"
             "{tool:s?,table:s?,adopted:i,already:i}|{times:i}|{repair:s,~before:s})?}]}"};
static const gw_api sync_sessions = {
    .kind = GW_API_READ,
    .summary = "Sessions that move rows, newest first",
    .command = &gw_command_sync_list,
    .name = "sync list",
    .options = WORDS("limit"),
    .shared = true,
    .shape = "{sessions:[{" SESSION "}]}"};
static const gw_api sync_session = {
    .kind = GW_API_READ,
    .summary = "One session, entity by entity",
    .command = &gw_command_sync_status,
    .name = "sync status",
    .in_path = "session",
    .shared = true,
    .shape = "{" SESSION ",entities:[{entity:s,status:s,run:s?,attempt:i,version:s?,method:s?,new:i,"
             "modified:i,deleted:i,rejected:i,processed:i,remaining:i,rows_per_second:i?,left_ms:i?,"
             "elapsed_ms:i?,started_at:t?,ended_at:t?,checkpoint:s?,last_key:s?,batches:i?,tasks:i,"
             "tasks_done:i,workers:i,indexes_to_build:i,in_quarantine:i,error:" SYNC_ERROR "?}]," WARNINGS "}"};
static const gw_api sync_logs = {
    .kind = GW_API_READ,
    .summary = "What sessions have written down",
    .command = &gw_command_sync_logs,
    .name = "sync logs",
    .options = WORDS("level", "entity", "session", "limit"),
    .shape = "{lines:[{at:t,level:s,session:s?,entity:s?,operation:s?,record:s?,message:s?,error:" SYNC_ERROR "?,"
             "performance:<of a batch>{rows:i,bytes:i,duration_ms:i,rows_per_second:n,piece:i}?,"
             "context:<of a batch, else empty>({}|{inserted:i,updated:i,deleted:i,rejected:i,left:i,worker:s,host:s?,"
             "batch_ms:i,~leaf:i,~first_block:i,~end_block:i})}]}"};
static const gw_api sync_rejects = {
    .kind = GW_API_READ,
    .summary = "The quarantine: rows that were rejected, and why",
    .command = &gw_command_sync_rejects,
    .name = "sync rejects",
    .options = WORDS("limit"),
    .argument = "entity",
    .shape = "{" REJECTS "}"};
static const gw_api sync_mappings = {
    .kind = GW_API_READ,
    .summary = "The project's mappings, field by field, and what is wrong with them",
    .command = &gw_command_sync_mapping,
    .name = "sync mapping",
    .action = "check",
    .shared = true,
    .shape = "{valid:b,findings:[{severity:s,entity:s?,file:s?,line:i,column:i,message:s,hint:s?}],"
             "entities:[{entity:s,version:s,file:s,identity:s,ok:b,needs:[s],fields:[{to:s,kind:s,from:[s],"
             "source_type:s?,type:s?,conversion:s?,binary:b,second_pass:b}]}]," WARNINGS "}"};
static const gw_api backups = {
    .kind = GW_API_READ,
    .summary = "The backups, newest first, and when each was verified",
    .command = &gw_command_backups_list,
    .name = "backups list",
    .shared = true,
    .shape = "{backups:[{id:s,path:s,bytes:i,trouble:s?,created_at:t?,environment:s?,database:s?,contents:s?,"
             "migration_version:s?,server_version:s?,encryption:s?,sha256:s?,verified_at:t?,restore_ms:i?}]}"};
static const gw_api doctor = {
    .kind = GW_API_OWN,
    .summary = "What the doctor has found, and when it looked",
    .command = &gw_command_doctor,
    .name = "doctor",
    .query = WORDS("refresh", "true: not what was found within the last minutes, but as it is now"),
    .shape = "{" DIAGNOSIS "}"};
static const gw_api maintain = {
    .kind = GW_API_READ,
    .summary = "What the next run of upkeep would do, step by step; what runs did: /api/v1/history?action=maintain",
    .command = &gw_command_maintain,
    .name = "maintain",
    .options = WORDS("only"),
    .fixed = WORDS("dry-run"),
    .shared = true,
    .shape = "{steps:[{action:s,object:s,what:s,outcome:s,detail:s?,sql:s?,duration_ms:i?}],done:i,skipped:i,left:i,"
             "failed:i," WARNINGS "}"};
static const gw_api trend = {
    .kind = GW_API_OWN,
    .summary = "Waits for locks and what the movers of rows are behind, as they were within the last hours: of each "
               "point the most that was seen, null where the database could not be asked",
    .shape = "{point_ms:i,look_ms:i,most_points:i,points:[{at:t,lock_waiters:i?,lock_wait_ms:i?,sync_lag_ms:i?,"
             "sync_rows_left:i?}]}"};
static const gw_api environments = {
    .kind = GW_API_OWN,
    .summary = "Every environment of godwit.yaml: is it there, is it healthy, what is pending, what runs",
    .shape = "{environments:[{name:s,protected:b?,served:b,state:s,at:t?,took_ms:i?,error:" FAILURE "?,"
             "current:s?,pending:i?,failed:i?,changed:i?,health:{healthy:b,checks:[{name:s,ok:b,reason:s?}]}?,"
             "drift:{at:t,ok:b,reason:s?}?,backup:{at:t,bytes:i,verified_at:t?}?,"
             "run:s?,sessions:[{session:s,status:s,processed:i,remaining:i}]}]}"};
static const gw_api trackers = {
    .kind = GW_API_READ,
    .summary = "Stages and counters of trackers, and Godwit's own runs",
    .command = &gw_command_track_show,
    .name = "track show",
    .argument = "tracker",
    .shared = true,
    .shape = "{migration_stages:[{" STAGE "}],xcm_message_counters:[{id:i,tracker:s,source_chain:s,"
             "destination_chain:s,messages_sent:i,messages_processed:i,messages_failed:i,"
             "last_updated:t?}],balance_migration_counters:[{id:i,tracker:s,accounts_migrated:i,"
             "total_balance_migrated:s,total_balance_kept:s,failed_migrations:i,last_updated:t?}],"
             "teleportation_counters:[{id:i,tracker:s,total_mints:i,total_burns:i,"
             "total_mint_amount:s,total_burn_amount:s,failed_operations:i,last_updated:t?}],"
             "pallet_migration_counters:[{id:i,tracker:s,pallet_name:s,stage_id:i,stage_name:s,"
             "items_processed:i,total_items:i,failed_items:i,last_updated:t?}],"
             "rejects:[{tracker:s,lines:i,source:s?,line:i,reason:s?}],"
             "runs:[{" STAGE ",done:i,total:i}]," WARNINGS "}"};

/* ---- actions --------------------------------------------------------------------------------------------- */

static const gw_api up = {
    .kind = GW_API_JOB,
    .summary = "Apply pending migrations",
    .command = &gw_command_up,
    .name = "up",
    .options = WORDS("to", "steps", "service", "out-of-order", "dry-run", "atomic", "wait",
                     "allow-data-loss"),
    JOB_THAT(RUN("applied"))};
static const gw_api down = {
    .kind = GW_API_JOB,
    .summary = "Roll back migrations, newest first",
    .command = &gw_command_down,
    .name = "down",
    .options = WORDS("steps", "to", "service", "dry-run", "wait", "allow-data-loss"),
    JOB_THAT(RUN("reverted"))};
static const gw_api sync_detect = {
    .kind = GW_API_JOB,
    .summary = "Find what has changed in the source; stored as an analysis",
    .command = &gw_command_sync_detect,
    .name = "sync detect",
    .options = WORDS("method", "since", "max-deletes"),
    .argument = "entities",
    JOB_THAT(DETECTED)};
static const gw_api sync_run = {
    .kind = GW_API_JOB,
    .summary = "Move rows; a session that was interrupted goes on",
    .command = &gw_command_sync_run,
    .name = "sync run",
    .options = WORDS("analysis", "batch-size", "jobs", "max-deletes", "dry-run"),
    .argument = "entities",
    JOB_THAT(MOVED)};
static const gw_api sync_resume = {
    .kind = GW_API_JOB,
    .summary = "Go on with a session",
    .command = &gw_command_sync_resume,
    .name = "sync resume",
    .options = WORDS("session", "batch-size", "jobs", "max-deletes"),
    JOB_THAT(MOVED)};
static const gw_api sync_retry = {
    .kind = GW_API_JOB,
    .summary = "Try rejected rows again",
    .command = &gw_command_sync_rejects,
    .name = "sync rejects",
    .options = WORDS("limit"),
    .fixed = WORDS("retry"),
    .argument = "entity",
    JOB_THAT("%{retried:[{entity:s,tried:i,passed:i,gone:i,rejected:i,left:i}]," REJECTS "}")};
static const gw_api backups_verify = {
    .kind = GW_API_JOB,
    .summary = "Restore a backup (the newest, if not said) into a temporary database and compare",
    .command = &gw_command_backups_verify,
    .name = "backups verify",
    .argument = "id",
    .id = true,
    JOB_THAT("%{id:s,equal:b,different:s?,tables:i,rows:i,restore_ms:i}")};
static const gw_api doctor_fix = {
    .kind = GW_API_JOB,
    .summary = "Run the statements that a check of the doctor gives, where they are safe",
    .command = &gw_command_doctor,
    .name = "doctor",
    .options = WORDS("fix"),
    .must = "fix",
    JOB_THAT("%{" DIAGNOSIS "}")};
static const gw_api sync_pause = {
    .kind = GW_API_ACT,
    .summary = "Let a session stop at its next batch",
    .command = &gw_command_sync_pause,
    .name = "sync pause",
    .options = WORDS("session"),
    .shape = "{session:s,wanted:s,done:b}"};
static const gw_api sync_cancel = {
    .kind = GW_API_ACT,
    .summary = "End a session at its next batch",
    .command = &gw_command_sync_cancel,
    .name = "sync cancel",
    .options = WORDS("session"),
    .shape = "{session:s,wanted:s,done:b}"};

/* ---- the server's own ------------------------------------------------------------------------------------- */

static const gw_api live = {.kind = GW_API_OWN, .summary = "This process answers", .shape = "{live:b}"};
static const gw_api ready = {.kind = GW_API_OWN,
                             .summary = "Database and schema are as they should be (200), or why not (503)",
                             .shape = "{healthy:b,checks:[{name:s,ok:b,reason:s?}]}"};
static const gw_api metrics = {.kind = GW_API_OWN, .summary = "Figures for Prometheus"};
static const gw_api session = {.kind = GW_API_OWN,
                               .summary = "Who asks, what they may, what to send with an action",
                               .shape = "{who:s?,role:s,csrf:s,environment:s,protected:s?,version:s,"
                                        "started_at:t}"};
static const gw_api jobs = {.kind = GW_API_OWN,
                            .summary = "Jobs of this process, newest first",
                            .shape = "{jobs:[" JOB("z") "]}"};
static const gw_api job = {.kind = GW_API_OWN, .summary = "One job, with its result", .shape = JOB("@?")};
static const gw_api job_stop = {.kind = GW_API_OWN,
                                .summary = "Let a job stop at its next safe point",
                                .shape = JOB("@?")};
static const gw_api events = {.kind = GW_API_OWN,
                              .summary = "What happens, as it happens (server-sent events)",
                              .query = WORDS("last_event_id", "the last event that was seen, where no header can say it"),
                              .type = "text/event-stream"};
static const gw_api document = {.kind = GW_API_OWN, .summary = "This document", .shape = "<OpenAPI 3.1>{...}"};
static const gw_api logout = {.kind = GW_API_OWN, .summary = "End this browser's session",
                              .shape = "{done:b}"};

#define GET(PATH, LANE, API)                                                                       \
    {"GET", "/api/v1" PATH, GW_ROLE_VIEWER, GW_LANE_##LANE, gw_api_handle, &(API)}
#define POST(PATH, API)                                                                            \
    {"POST", "/api/v1" PATH, GW_ROLE_OPERATOR, GW_LANE_USUAL, gw_api_handle, &(API)}

const gw_route gw_serve_routes[] = {
    {"GET", "/health/live", GW_ROLE_NOBODY, GW_LANE_AT_ONCE, gw_live_handle, &live},
    {"GET", "/health/ready", GW_ROLE_NOBODY, GW_LANE_USUAL, gw_ready_handle, &ready},
    {"GET", "/metrics", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_metrics_handle, &metrics},
    {"GET", "/", GW_ROLE_NOBODY, GW_LANE_AT_ONCE, gw_front_handle, NULL},
    {"GET", "/assets/{file}", GW_ROLE_NOBODY, GW_LANE_AT_ONCE, gw_site_handle, NULL},
    {"GET", "/favicon.svg", GW_ROLE_NOBODY, GW_LANE_AT_ONCE, gw_site_handle, NULL},
    {"GET", "/login", GW_ROLE_NOBODY, GW_LANE_USUAL, gw_who_login, NULL},
    {"POST", "/api/v1/logout", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_who_logout, &logout},
    {"GET", "/api/v1/session", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_session_handle, &session},
    {"GET", "/api/v1/openapi.json", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_openapi_handle, &document},
    {"GET", "/api/v1/events", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_events_handle, &events},
    GET("/status", USUAL, status),
    {"GET", "/api/v1/migration", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_migration_handle, &migration},
    GET("/plan", LONG, plan),
    GET("/drift", LONG, drift),
    GET("/schema", LONG, schema),
    {"GET", "/api/v1/schema.svg", GW_ROLE_VIEWER, GW_LANE_LONG, gw_picture_handle, &picture},
    GET("/history", USUAL, history),
    GET("/sync/sessions", USUAL, sync_sessions),
    GET("/sync/sessions/{session}", USUAL, sync_session),
    GET("/sync/logs", USUAL, sync_logs),
    GET("/sync/rejects", USUAL, sync_rejects),
    GET("/sync/mappings", LONG, sync_mappings),
    GET("/backups", USUAL, backups),
    GET("/trackers", USUAL, trackers),
    GET("/maintain", LONG, maintain),
    {"GET", "/api/v1/trend", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_trend_handle, &trend},
    {"GET", "/api/v1/environments", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_environments_handle, &environments},
    {"GET", "/api/v1/doctor", GW_ROLE_VIEWER, GW_LANE_LONG, gw_doctor_handle, &doctor},
    POST("/up", up),
    POST("/down", down),
    POST("/sync/detect", sync_detect),
    POST("/sync/run", sync_run),
    POST("/sync/resume", sync_resume),
    POST("/sync/pause", sync_pause),
    POST("/sync/cancel", sync_cancel),
    POST("/sync/rejects/retry", sync_retry),
    POST("/backups/verify", backups_verify),
    POST("/doctor/fix", doctor_fix),
    {"GET", "/api/v1/jobs", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_jobs_list, &jobs},
    {"GET", "/api/v1/jobs/{job}", GW_ROLE_VIEWER, GW_LANE_USUAL, gw_jobs_one, &job},
    {"POST", "/api/v1/jobs/{job}/stop", GW_ROLE_OPERATOR, GW_LANE_USUAL, gw_jobs_end_one, &job_stop},
};
const size_t gw_serve_route_count = sizeof gw_serve_routes / sizeof *gw_serve_routes;
