// The documents of the server: those of the commands' --json (docs/reference/json.md).

export interface Failure {
    kind: string;
    message: string;
    detail: string | null;
    hint: string | null;
    sqlstate: string | null;
    where: string | null;
}

export type MigrationState = "applied" | "pending" | "modified" | "missing" | "failed" | "out_of_order" | "skipped";

export interface Migration {
    version: string;
    name: string;
    service: string;
    state: MigrationState;
    applied_at: string | null;
    duration_ms: number | null;
    checksum: string | null;
    transactional: boolean;
    file: string | null;
    running?: boolean;
    repeatable?: boolean;
    statements_done?: number;
    statements_total?: number;
    rows_done?: number;
    failure?: { at: string; sqlstate: string | null; message: string; detail: string | null; where: string | null };
}

export interface Status {
    environment: string;
    database: string | null;
    current: string | null;
    pending: number;
    migrations: Migration[];
    tenants?: { tenant: string; current: string | null; pending: number; migrations: Migration[]; error?: Failure }[];
    warnings?: string[];
    run?: { command: string; actor: string; host: string; since: string };
}

/** What stands in a migration's files; gone: the history has it, and there is no file any more. */
export interface MigrationFile {
    version: string;
    name: string;
    service: string;
    gone: boolean;
    files: { way: "up" | "down" | "both"; path: string; sql: string; bytes: number; cut: boolean }[];
}

export interface DataLoss {
    kind: string;
    object: string;
    rows: number | null;
    estimated?: boolean;
    at_most?: boolean;
    by?: string;
    file?: string;
    line?: number;
    version?: string;
    accepted?: boolean;
}

export interface Change {
    kind: string;
    object: string;
    action: "create" | "alter" | "drop" | "rename";
    details?: string[];
    loses_data?: boolean;
    rebuilt?: boolean;
}

export interface PlanStatement {
    sql: string;
    line: number;
    transactional: boolean;
    duration_ms: number;
    locks: { relation: string; mode: string }[];
    rewrites: string[];
    scans: string[];
    warnings: { rule: string; message: string }[];
}

export interface Plan {
    migrations: { version: string; name: string; service: string; statements: PlanStatement[] }[];
    changes: Change[];
    data_loss: DataLoss[];
}

export interface Verification {
    checked: number;
    findings: { kind: string; version: string; name: string; service: string; file: string | null }[];
    drift?:
        | { compared: true; equal: boolean; changes: Change[]; database_to_migrations: string[]; migrations_to_database: string[] }
        | { compared: false; reason: string };
    warnings?: string[];
}

export interface HistoryEvent {
    id: number;
    at: string;
    run: string;
    action: string;
    outcome: string;
    service: string;
    version: string | null;
    name: string | null;
    duration_ms: number | null;
    actor: string | null;
    host: string | null;
    sqlstate: string | null;
    message: string | null;
    detail: string | null;
    where: string | null;
}

export interface SchemaObject {
    kind: string;
    identity: string;
    name: string;
    schema?: string;
    parent?: string;
    [attribute: string]: string | undefined;
}
export interface Schema {
    server_version: number;
    objects: SchemaObject[];
    unrendered: string[];
}

export interface Entity {
    entity: string;
    status: string;
    method: string | null;
    version: string | null;
    attempt: number;
    new: number;
    modified: number;
    deleted: number;
    rejected: number;
    processed: number;
    remaining: number;
    rows_per_second: number | null;
    left_ms: number | null;
    elapsed_ms: number | null;
    started_at: string | null;
    ended_at: string | null;
    batches: number | null;
    tasks: number;
    tasks_done: number;
    workers: number;
    in_quarantine: number;
    error: { message?: string; detail?: string; hint?: string } | null;
}

export interface Session {
    session: string;
    status: string;
    abandoned: boolean;
    wanted: string | null;
    reason: string | null;
    attempt: number;
    host: string | null;
    pid: number | null;
    created_at: string;
    started_at: string | null;
    completed_at: string | null;
    processed: number;
    remaining: number;
    estimated_completion: string | null;
    entities_pending: string[];
    entities_running: string[];
    entities_completed: string[];
    entities_failed: string[];
    error: { message?: string; detail?: string; hint?: string } | null;
    entities?: Entity[];
}

export interface LogLine {
    at: string;
    level: string;
    session: string;
    entity: string | null;
    operation: string;
    message: string;
    error: { message?: string } | null;
    performance: { rows?: number; duration_ms?: number; rows_per_second?: number } | null;
}

export interface Reject {
    entity: string;
    key: string;
    kind: string;
    action: string;
    rule: string | null;
    field: string | null;
    message: string;
    source_row: Record<string, string | null> | null;
    attempts: number;
    first_seen: string;
    last_seen: string;
}

export interface MappingCheck {
    valid: boolean;
    findings: { severity: string; entity: string; file: string; line: number; message: string; hint: string | null }[];
    entities: {
        entity: string; version: string; identity: string; ok: boolean; needs: string[];
        fields: { to: string; kind: string; from: string[]; source_type: string | null; type: string | null;
            conversion: string | null; second_pass: boolean }[];
    }[];
}

export interface Stage {
    id: number | null;
    tracker: string;
    stage_name: string;
    status: "pending" | "ongoing" | "completed" | "failed";
    started_at: string | null;
    completed_at: string | null;
    error_count: number;
    last_updated: string | null;
    paused: boolean;
    note: string | null;
    done?: number | null;
    total?: number | null;
}

export interface Tracked {
    migration_stages: Stage[];
    xcm_message_counters: {
        tracker: string; source_chain: string; destination_chain: string;
        messages_sent: number; messages_processed: number; messages_failed: number; last_updated: string;
    }[];
    balance_migration_counters: {
        tracker: string; accounts_migrated: number; total_balance_migrated: string; total_balance_kept: string;
        failed_migrations: number; last_updated: string;
    }[];
    teleportation_counters: {
        tracker: string; total_mints: number; total_burns: number; total_mint_amount: string; total_burn_amount: string;
        failed_operations: number; last_updated: string;
    }[];
    pallet_migration_counters: {
        tracker: string; pallet_name: string; stage_name: string; items_processed: number; total_items: number;
        failed_items: number; last_updated: string;
    }[];
    rejects: { tracker: string; lines: number; source: string; line: number; reason: string }[];
    runs: Stage[];
}

export interface Backup {
    id: string;
    path: string;
    bytes: number;
    trouble: string | null;
    created_at: string | null;
    environment: string | null;
    database: string | null;
    contents: string | null;
    migration_version: string | null;
    server_version: string | null;
    encryption: string | null;
    sha256: string | null;
    verified_at: string | null;
    restore_ms: number | null;
}

export interface Verified {
    id: string;
    equal: boolean;
    different: string | null;
    tables: number;
    rows: number;
    restore_ms: number;
}

export interface Finding {
    id: string;
    severity: "error" | "warning" | "note";
    title: string;
    object: string;
    evidence: string;
    advice: string;
    sql: string | null;
    safe: boolean; // its statement may be run from here
}

export interface Diagnosis {
    at: string;
    checks: number;
    findings: Finding[];
    unseen: { id: string; partly: boolean; why: string }[];
    fixed: { id: string; object: string; sql: string; duration_ms: number }[];
}

/** A step of upkeep: as it would be done, or was. */
export interface UpkeepStep {
    action: string;
    object: string;
    what: string;
    outcome: "would" | "failed" | "done" | "skipped" | "left";
    detail: string | null;
    sql: string | null;
    duration_ms: number | null;
}

export interface Upkeep {
    steps: UpkeepStep[];
    failed: number;
    error?: Failure;
}

/** Waits for locks and what rows are behind, as they were; null where nobody knows, or there is none. */
export interface Trend {
    point_ms: number;
    look_ms: number;
    most_points: number;
    points: { at: string; lock_waiters: number | null; lock_wait_ms: number | null; sync_lag_ms: number | null; sync_rows_left: number | null }[];
}

export interface Health {
    healthy: boolean;
    checks: { name: string; ok: boolean; reason: string | null }[];
}

/** One environment of godwit.yaml; what nobody knows of it is null. */
export interface Environment {
    name: string;
    protected: boolean | null;
    served: boolean;
    state: "asking" | "up" | "down" | "stopped";
    at: string | null;
    took_ms: number | null;
    error: Failure | null;
    current: string | null;
    pending: number | null;
    failed: number | null;
    changed: number | null;
    health: Health | null;
    drift: { at: string; ok: boolean; reason: string | null } | null;
    backup: { at: string; bytes: number; verified_at: string | null } | null;
    run: string | null;
    sessions: { session: string; status: string; processed: number; remaining: number }[];
}

export interface Who {
    who: string | null;
    role: "viewer" | "operator";
    csrf: string;
    environment: string;
    protected: string | null;
    version: string;
    started_at: string;
}

export interface Applied {
    applied?: { version: string; name: string; service: string; duration_ms: number }[];
    reverted?: { version: string; name: string; service: string; duration_ms: number }[];
    pending?: number;
    data_loss?: DataLoss[];
    sql?: string[];
    dry_run?: boolean;
}

/** Something that the server does for somebody; the events "job" and "progress" tell of it. */
export interface Job {
    job: number;
    command: string;
    state: "running" | "done" | "failed" | "stopped";
    who: string | null;
    started_at: string;
    ended_at: string | null;
    exit_code: number | null;
    result: Applied | Verified | Diagnosis | null;
    error: Failure | null;
}

export interface Progress {
    job: number;
    command: string;
    kind: "waiting" | "plan" | "start" | "statement" | "copy" | "batch" | "lock" | "done" | "failed" | "warning" | "notice";
    service: string | null;
    version: string | null;
    name: string | null;
    revert: boolean;
    done: number;
    total: number;
    duration_ms: number;
    text: string | null;
}
