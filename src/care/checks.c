/* Every check, in the order in which findings are told. */
#include "care/doctor.h"

#include <string.h>

#include "sql_care.h"

#define CHECK(name) .id = #name, .sql = &gw_sql_##name

const gw_care_check gw_care_checks[] = {
    /* ---- indexes ------------------------------------------------------------------------------------- */
    {CHECK(invalid_index),
     .severity = "error",
     .title = "indexes that are not valid",
     .advice = "They cost every write and help no query; a unique one promises nothing. Build them "
               "anew. Where that fails for a duplicate key, the rows have to be put right first.",
     .safe = true},
    {CHECK(missing_index),
     .severity = "warning",
     .title = "tables that are mostly read from end to end",
     .advice = "Look for the queries that do it (pg_stat_statements, EXPLAIN) and make the index "
               "that they need, in a migration."},
    {CHECK(sequential_only),
     .severity = "warning",
     .title = "tables that are always read from end to end",
     .advice = "Look for the queries that do it (pg_stat_statements, EXPLAIN) and make the index "
               "that they need, in a migration."},
    {CHECK(foreign_key_index),
     .severity = "warning",
     .title = "foreign keys without an index",
     .advice = "Each DELETE of a parent, and each UPDATE of its key, reads all of the table. Make "
               "the index in a migration, unless parents never go."},
    {CHECK(unused_index),
     .severity = "note",
     .title = "indexes that no query has used",
     .advice = "Drop them in a migration, if the time since then covers all that the application "
               "does (month's ends!) and no replica uses them: each server counts for itself."},
    {CHECK(duplicate_index),
     .severity = "warning",
     .title = "indexes that are there twice",
     .advice = "Drop the one that is named, in a migration; the other does the same."},
    {CHECK(covered_index),
     .severity = "note",
     .title = "indexes that are the beginning of another",
     .advice = "The other can serve the same queries. Drop the one that is named, in a migration, "
               "unless its smaller size is what it is for."},
    {CHECK(bloated_index),
     .severity = "warning",
     .title = "indexes that are more than half empty",
     .advice = "Rebuild them; REINDEX CONCURRENTLY blocks nobody and needs room for a second copy.",
     .sees = GW_CARE_ROWS,
     .safe = true},
    /* ---- tables -------------------------------------------------------------------------------------- */
    {CHECK(dead_rows),
     .severity = "warning",
     .title = "dead rows that autovacuum has not taken away",
     .advice = "Vacuum them. Where they stay, something still sees them: an old transaction, a "
               "prepared one, a slot. Where they come back, lower autovacuum_vacuum_scale_factor "
               "for the table or raise autovacuum_vacuum_cost_limit.",
     .safe = true},
    {CHECK(autovacuum_busy),
     .severity = "warning",
     .title = "autovacuum cannot keep up",
     .advice = "Raise autovacuum_vacuum_cost_limit first (workers share it), then "
               "autovacuum_max_workers.",
     .sees = GW_CARE_STATS},
    {CHECK(autovacuum_off),
     .severity = "warning",
     .title = "autovacuum is off",
     .advice = "Dead rows stay and transaction ids run out. Turn it on again; where it was in the "
               "way, make it slower instead."},
    {CHECK(stale_statistics),
     .severity = "warning",
     .title = "tables whose statistics are missing or old",
     .advice = "The planner guesses. Analyze them.",
     .safe = true},
    {.id = "table_size",
     .sql = &gw_sql_table_growth,
     .severity = "note",
     .title = "the largest tables, and how they grow",
     .advice = "Nothing is wrong with a large table. One that only grows wants partitions, and a "
               "rule for what may go."},
    /* ---- ids and keys -------------------------------------------------------------------------------- */
    {CHECK(transaction_ids),
     .severity = "warning",
     .title = "transaction ids that get old",
     .advice = "At the end the server refuses to write. End what holds them back (old and prepared "
               "transactions, slots), then vacuum with FREEZE, the oldest tables first."},
    {CHECK(multixacts),
     .severity = "warning",
     .title = "multixacts that get old",
     .advice = "At the end the server refuses to lock rows. End what holds them back, then vacuum "
               "with FREEZE."},
    {CHECK(sequence_end),
     .severity = "warning",
     .title = "sequences near their end",
     .advice = "Inserts fail at the end. Make the column bigint, with all that refers to it: that "
               "writes the table anew under a lock, so for a large one add a column, fill it in "
               "batches and swap.",
     .sees = GW_CARE_SEQUENCES},
    {CHECK(integer_key),
     .severity = "warning",
     .title = "integer keys near their end",
     .advice = "Inserts fail at the end. Make the column bigint, with all that refers to it: that "
               "writes the table anew under a lock, so for a large one add a column, fill it in "
               "batches and swap.",
     .sees = GW_CARE_ROWS},
    /* ---- sessions ------------------------------------------------------------------------------------ */
    {CHECK(blocked_sessions),
     .severity = "warning",
     .title = "sessions that wait for others",
     .advice = "The first of each tree is what all the others wait for. End it, if whoever runs it "
               "agrees.",
     .param = GW_CARE_LONG,
     .sees = GW_CARE_STATS},
    {CHECK(idle_in_transaction),
     .severity = "warning",
     .title = "sessions that do nothing inside a transaction",
     .advice = "They keep their locks, and vacuum from its work. Set "
               "idle_in_transaction_session_timeout for the role, and look for the call that "
               "forgets its COMMIT.",
     .param = GW_CARE_LONG,
     .sees = GW_CARE_STATS},
    {CHECK(long_transactions),
     .severity = "warning",
     .title = "transactions that are open for long",
     .advice = "Vacuum cannot take away what they might still see. Cut them into smaller ones.",
     .param = GW_CARE_LONG,
     .sees = GW_CARE_STATS},
    {CHECK(long_queries),
     .severity = "warning",
     .title = "statements that run for long",
     .advice = "EXPLAIN says what they do. Set statement_timeout for the role of the application.",
     .param = GW_CARE_LONG,
     .sees = GW_CARE_STATS},
    {CHECK(prepared_transactions),
     .severity = "warning",
     .title = "prepared transactions that nobody ends",
     .advice = "They keep their locks, also over a restart, and vacuum from its work. Ask the "
               "transaction manager that made them, then commit or roll back.",
     .param = GW_CARE_LONG},
    {CHECK(connections),
     .severity = "warning",
     .title = "connections near their limit",
     .advice = "Put a pooler before the server, or make the pools of the applications smaller; a "
               "higher limit costs memory and time."},
    {CHECK(slow_statements),
     .severity = "warning",
     .title = "statements that are slow on average",
     .advice = "EXPLAIN (ANALYZE, BUFFERS) says where their time goes.",
     .needs = GW_CARE_STATEMENTS,
     .sees = GW_CARE_STATS},
    {CHECK(cache_hits),
     .severity = "note",
     .title = "the cache is missed often",
     .advice = "More shared_buffers help where the same blocks are read again; where tables are "
               "read from end to end, an index does."},
    /* ---- replication --------------------------------------------------------------------------------- */
    {CHECK(replication_slots),
     .severity = "warning",
     .title = "replication slots that hold the log back",
     .advice = "The log fills the disk. Start who reads it, or drop the slot: what it has not read "
               "is lost to it. max_slot_wal_keep_size sets a limit."},
    {CHECK(replication_lag),
     .severity = "warning",
     .title = "replicas that are behind",
     .advice = "Look at its disk and network, at queries on it that replay waits for "
               "(max_standby_streaming_delay), and at large transactions.",
     .param = GW_CARE_LONG,
     .sees = GW_CARE_STATS},
    /* ---- the server ---------------------------------------------------------------------------------- */
    {CHECK(durability),
     .severity = "error",
     .title = "settings that give up what was committed",
     .advice = "Turn them back unless the database can be made anew from elsewhere."},
    {CHECK(checksums),
     .severity = "warning",
     .title = "pages without checksums",
     .advice = "Stop the server and run pg_checksums --enable, a replica first."},
    {CHECK(collation_versions),
     .newer = &gw_sql_collation_versions_15,
     .severity = "warning",
     .title = "collations that have changed",
     .advice = "Indexes may be out of order: searches miss rows, unique ones let duplicates in. "
               "Rebuild what is sorted by them, then refresh the version."},
    {CHECK(checkpoints),
     .newer = &gw_sql_checkpoints_17,
     .severity = "note",
     .title = "checkpoints come too often",
     .advice = "Each writes full pages again. Raise max_wal_size until most come by time."},
    {CHECK(memory),
     .severity = "warning",
     .title = "settings that contradict the machine",
     .advice = "A quarter of the memory for shared_buffers, half to three quarters as "
               "effective_cache_size, and work_mem that all sessions together can afford.",
     .param = GW_CARE_MEMORY,
     .needs = GW_CARE_MACHINE},
    {CHECK(extension_versions),
     .severity = "note",
     .title = "extensions that are out of date",
     .advice = "Read what has changed in them, then update them in a migration."},
    /* ---- who may what -------------------------------------------------------------------------------- */
    {CHECK(role_rights),
     .severity = "warning",
     .title = "roles that may more than they should",
     .advice = "Give an application and a person what they need; keep a superuser for the server's "
               "own work. godwit's own role needs none of these: godwit grants."},
    {CHECK(table_owners),
     .severity = "warning",
     .title = "applications that own their tables",
     .advice = "Let one role own and migrate, and another one with SELECT, INSERT, UPDATE and "
               "DELETE serve the application: godwit grants.",
     .sees = GW_CARE_STATS},
    {CHECK(public_schema),
     .severity = "warning",
     .title = "schemas that are open to everybody",
     .advice = "Whoever may connect can put a function or table of the same name before yours. "
               "Revoke it, in a migration or with revoke_public of godwit grants."},
    {CHECK(open_access),
     .severity = "warning",
     .title = "access from other machines that is too easy",
     .advice = "Use hostssl and scram-sha-256 in pg_hba.conf, then pg_reload_conf().",
     .needs = GW_CARE_ACCESS},
    {CHECK(password_hashes),
     .severity = "warning",
     .title = "passwords that are kept as MD5",
     .advice = "Set password_encryption to scram-sha-256 and set each password again.",
     .needs = GW_CARE_PASSWORDS},
    {CHECK(password_encryption),
     .severity = "warning",
     .title = "new passwords are kept as MD5",
     .advice = "Every client of the last years can do SCRAM. What is kept changes with the next "
               "password that is set."},
    {CHECK(tls),
     .severity = "warning",
     .title = "connections from other machines without TLS",
     .advice = "Give the server a certificate, turn ssl on and let pg_hba.conf take hostssl only.",
     .sees = GW_CARE_STATS},
};
const size_t gw_care_check_count = sizeof gw_care_checks / sizeof *gw_care_checks;

const gw_care_check *gw_care_find(const char *id)
{
    for (size_t i = 0; i < gw_care_check_count; i++)
        if (strcmp(gw_care_checks[i].id, id) == 0)
            return &gw_care_checks[i];
    return NULL;
}
