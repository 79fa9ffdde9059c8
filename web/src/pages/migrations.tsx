import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { at, paths, post } from "../api";
import type { Context } from "../app";
import { ago, bytes, clock, count, duration, plural, time } from "../format";
import { touch, useNow, useSeen } from "../live";
import { useJob } from "../job";
import { href, usePlace } from "../router";
import { Events } from "./events";
import type { Applied, DataLoss, HistoryEvent, Job, Migration, MigrationFile, Plan, PlanStatement, Progress, Status } from "../types";
import { Ask, Card, Empty, Fact, FailureBox, Show, Sign, Sql, State, Table, Tabs } from "../ui";

const NONE = "(none)";
const serviceOf = (m: { service: string }) => m.service || NONE;

// ---- a run and what it says ---------------------------------------------------------------------------

interface Line { at: number; text: string; tone: "good" | "bad" | "warn" | "busy" | "idle" }

function line(p: Progress): Line {
    const what = [p.service, p.version, p.name].filter(Boolean).join(" ");
    const said = p.text ? `: ${p.text}` : "";
    switch (p.kind) {
        case "done": return { at: Date.now(), tone: "good", text: `${p.revert ? "rolled back" : "applied"} ${what} in ${duration(p.duration_ms)}` };
        case "failed": return { at: Date.now(), tone: "bad", text: `failed ${what}${said}` };
        case "warning": case "lock": case "waiting": return { at: Date.now(), tone: "warn", text: `${p.kind === "waiting" ? "waiting" : p.kind === "lock" ? "waiting for a lock" : "warning"} ${what}${said}` };
        case "statement": case "copy": case "batch": return { at: Date.now(), tone: "busy", text: `${what} ${count(p.done)}${p.total ? ` of ${count(p.total)}` : ""}${said}` };
        case "plan": return { at: Date.now(), tone: "idle", text: "it is known what will run" };
        case "start": return { at: Date.now(), tone: "idle", text: `${what} begins` };
        default: return { at: Date.now(), tone: "idle", text: `${p.kind} ${what}${said}` };
    }
}

function Running({ job, setJob, close, operator }: { job: Job; setJob: (job: Job) => void; close: () => void; operator: boolean }) {
    const [lines, setLines] = useState<Line[]>([]);
    useJob(job, setJob, (p) => setLines((before) => [...before.slice(-400), line(p)]));
    useEffect(() => { if (job.state !== "running") touch("migration"); }, [job.state]);
    const result = job.result as Applied | null;
    const done = result?.applied ?? result?.reverted ?? [];
    const words = { running: "running", done: "completed", failed: "failed", stopped: "paused" } as const;
    return (
        <Card title={job.command === "down" ? "Rolling back" : "Applying"} wide
            more={<><State of={words[job.state]} word={job.state === "stopped" ? "stopped" : undefined} />
                {job.state === "running"
                    ? operator && <button type="button" onClick={() => void post(at("jobStop", { job: String(job.job) }))}>Stop at the next safe point</button>
                    : <button type="button" class="quiet" onClick={close}>Close</button>}</>}>
            <div class="output" role="log" aria-live="polite" aria-label="Output" tabIndex={0}>
                <p><span class="soft">{clock(job.started_at)}</span> {job.command} begun by {job.who}</p>
                {lines.map((l, i) => <p key={i} class={l.tone}><span class="soft">{clock(l.at)}</span> <Sign tone={l.tone} />{l.text}</p>)}
                {job.state !== "running" && done.map((m) => (
                    <p key={m.version} class="good"><Sign tone="good" /><code>{m.version}</code> {m.name} {duration(m.duration_ms)}</p>
                ))}
                {job.state === "done" && <p class="good"><span class="soft">{clock(job.ended_at)}</span> <Sign tone="good" />
                    {done.length ? `${plural(done.length, "migration")} ${job.command === "down" ? "rolled back" : "applied"}` : "nothing to do"}</p>}
                {job.state === "stopped" && <p class="warn"><Sign tone="warn" />stopped at a safe point; run it again to go on</p>}
            </div>
            {job.error && <FailureBox failure={job.error} />}
        </Card>
    );
}

// ---- what a run would do ------------------------------------------------------------------------------

// How much a lock keeps others out: said in words, for nobody knows the table by heart at night.
const locks: Record<string, ["bad" | "warn" | "idle", string]> = {
    AccessExclusiveLock: ["bad", "nobody reads or writes"],
    ExclusiveLock: ["bad", "nobody writes"],
    ShareRowExclusiveLock: ["warn", "nobody writes"],
    ShareLock: ["warn", "nobody writes"],
    ShareUpdateExclusiveLock: ["idle", "all read and write"],
    RowExclusiveLock: ["idle", "all read and write"],
    RowShareLock: ["idle", "all read and write"],
    AccessShareLock: ["idle", "all read and write"],
};
const plain = (mode: string) => mode.replace(/\s/g, "").toLowerCase().replace(/lock$/, "");
function lock(mode: string) {
    const found = Object.entries(locks).find(([name]) => plain(name) === plain(mode));
    return found ? found[1] : (["warn", ""] as const);
}

function Statement({ s, index }: { s: PlanStatement; index: number }) {
    return (
        <article class="statement" aria-label={`Statement ${index + 1}`}>
            <Sql text={s.sql} />
            <ul class="effects">
                {s.locks.map((l) => {
                    const [tone, words] = lock(l.mode);
                    return <li key={l.relation + l.mode}><Sign tone={tone} /><b>{l.mode}</b> on <code>{l.relation}</code>{words && <span class="soft"> – {words} meanwhile</span>}</li>;
                })}
                {s.rewrites.map((r) => <li key={r}><Sign tone="bad" /><b>rewrites</b> <code>{r}</code></li>)}
                {s.scans.map((r) => <li key={r}><Sign tone="warn" /><b>reads all of</b> <code>{r}</code></li>)}
                {s.warnings.map((w) => <li key={w.rule + w.message}><Sign tone="warn" /><b>{w.rule}</b> {w.message}</li>)}
                {!s.transactional && <li><Sign tone="warn" />runs outside a transaction</li>}
                <li class="soft">line {s.line}, {duration(s.duration_ms)} on the shadow</li>
            </ul>
        </article>
    );
}

function Losses({ losses }: { losses: DataLoss[] }) {
    if (!losses.length) return null;
    return (
        <div class="failure" role="note">
            <Sign tone="bad" />
            <div>
                <strong>This loses data</strong>
                <ul>{losses.map((l, i) => (
                    <li key={i}>{l.kind.replace(/_/g, " ")}: <code>{l.object}</code>{l.rows !== null && `, ${l.estimated ? "about " : ""}${plural(l.rows, "row")}`}
                        {l.accepted && <span class="badge">accepted in the file</span>}</li>
                ))}</ul>
            </div>
        </div>
    );
}

function PlanView({ service, version }: { service?: string; version?: string }) {
    const seen = useSeen<Plan>(paths.plan, [], true);
    return (
        <>
            <div class="row"><p class="soft">Tried on a shadow of this database: locks, rewrites and losses are what the server showed.</p>
                <button type="button" disabled={seen.asking} onClick={seen.refresh}>{seen.asking ? "Trying …" : "Try again"}</button></div>
            <Show seen={seen} what="The plan">{(plan) => {
                const chosen = plan.migrations.filter((m) => !version || (m.version === version && m.service === service));
                const losses = plan.data_loss.filter((l) => !version || l.version === version);
                if (!chosen.length) return <Empty title={version ? "Nothing to run: this migration is not pending" : "Nothing is pending"} />;
                return (
                    <>
                        <Losses losses={losses} />
                        {chosen.map((m) => (
                            <section key={m.service + m.version} class="planned">
                                {!version && <h3><a href={href("migrations", serviceOf(m), m.version)}><code>{m.version}</code> {m.name}</a></h3>}
                                {m.statements.map((s, i) => <Statement key={i} s={s} index={i} />)}
                            </section>
                        ))}
                        {!version && plan.changes.length > 0 && <>
                            <h3>What changes in the schema</h3>
                            <ul class="changes">{plan.changes.map((c, i) => (
                                <li key={i}><span class={`act ${c.action}`}>{c.action}</span> {c.kind} <code>{c.object}</code>{c.details?.length ? ` (${c.details.join(", ")})` : ""}</li>
                            ))}</ul></>}
                    </>
                );
            }}</Show>
        </>
    );
}

// ---- asked before it runs -----------------------------------------------------------------------------

type Wish = { kind: "up" | "down"; to?: Migration; pending: number; last?: Migration };

function AskRun({ wish, context, begun, close }: { wish: Wish; context: Context; begun: (job: Job) => void; close: () => void }) {
    const [loss, accept] = useState(false);
    const up = wish.kind === "up";
    const act = async (typed: string) => {
        const body: Record<string, unknown> = {};
        if (context.who.protected) body.protected = typed;
        if (up && wish.to) {
            body.to = wish.to.version;
            if (wish.to.service) body.service = wish.to.service;
        }
        if (!up) {
            body.steps = 1;
            if (wish.last?.service) body.service = wish.last.service;
        }
        if (loss) body.allow_data_loss = true;
        begun(await post<Job>(at(wish.kind), body));
    };
    return (
        <Ask title={up ? "Apply migrations" : "Roll back"} verb={up ? "Apply" : "Roll back"} danger={!up}
            protectedName={context.who.protected} act={act} close={close}>
            {up ? <p>{wish.to ? <>All that is pending up to <code>{wish.to.version}</code> {wish.to.name}</> : <><b>{plural(wish.pending, "migration")}</b></>} will
                be applied to <b>{context.who.environment}</b>, in order.</p>
                : <p>The newest migration, <code>{wish.last?.version}</code> {wish.last?.name}, will be rolled back in <b>{context.who.environment}</b> by its down file.</p>}
            <label class="check"><input type="checkbox" checked={loss} onChange={(e) => accept(e.currentTarget.checked)} />
                <span>Go on where it loses data {!loss && <span class="soft">(without this, it is refused)</span>}</span></label>
        </Ask>
    );
}

// ---- one that has run ---------------------------------------------------------------------------------

const ways = { up: "What applies it", down: "What rolls it back", both: "What applies it, and what rolls it back" } as const;

function Files({ m }: { m: Migration }) {
    const query: Record<string, string> = { version: m.version };
    if (m.service) query.service = m.service;
    const seen = useSeen<MigrationFile>(at("migration", {}, query), ["migration"]);
    return (
        <Show seen={seen} what="The SQL">{(file) => file.gone
            ? <Empty title="Its file is gone"><p>The history has it as applied; what it ran stood in a file that is not there any more.</p></Empty>
            : <>
                {m.state === "modified" && <p class="state warn"><Sign tone="warn" />The file has changed since it was applied. This is what it says now, not what ran.</p>}
                {file.files.map((f) => (
                    <section key={f.way}>
                        <h3>{ways[f.way]} <small class="soft break">{f.path}</small></h3>
                        <Sql text={f.sql} />
                        {f.cut && <p class="state warn"><Sign tone="warn" />The beginning of {bytes(f.bytes)}.</p>}
                    </section>
                ))}
            </>}</Show>
    );
}

/** What the history says became of it, each time. */
function Recorded({ m, now }: { m: Migration; now: number }) {
    const seen = useSeen<{ events: HistoryEvent[] }>(at("history", {}, { version: m.version, limit: 50 }), ["migration", "job"]);
    return (
        <Show seen={seen} what="History">{({ events }) => {
            const mine = events.filter((e) => e.service === m.service);
            return mine.length === 0 ? <Empty title="The history says nothing of it" /> : <Events list={mine} now={now} label="What became of it" />;
        }}</Show>
    );
}

// ---- one migration ------------------------------------------------------------------------------------

function One({ m, now, has, more }: { m: Migration; now: number; has: Context["has"]; more: ComponentChildren }) {
    return (
        <>
            <p><a href={href("migrations")}>All migrations</a></p>
            <h1><code>{m.version}</code> {m.name} <State of={m.running ? "running" : m.state} /></h1>
            {m.failure && <FailureBox title={`Failed ${ago(m.failure.at, now)}`}
                failure={{ message: m.failure.message, detail: m.failure.detail, where: m.failure.where, sqlstate: m.failure.sqlstate }} />}
            {more}
            <Card title="Facts" wide>
                <dl class="facts">
                    {m.service && <Fact name="service">{m.service}</Fact>}
                    <Fact name="file"><code>{m.file ?? "is not there any more"}</code></Fact>
                    <Fact name="applied">{m.applied_at ? `${time(m.applied_at)} UTC, ${ago(m.applied_at, now)}` : "not yet"}</Fact>
                    <Fact name="took">{duration(m.duration_ms)}</Fact>
                    <Fact name="in a transaction">{m.transactional ? "yes" : "no"}</Fact>
                    {m.statements_total !== undefined && <Fact name="statements done">{count(m.statements_done)} of {count(m.statements_total)}</Fact>}
                    {m.rows_done !== undefined && <Fact name="rows done">{count(m.rows_done)}</Fact>}
                    {m.checksum && <Fact name="checksum"><code class="break">{m.checksum}</code></Fact>}
                </dl>
            </Card>
            {["pending", "failed", "out_of_order"].includes(m.state) && <Card title="SQL and plan" wide><PlanView service={m.service} version={m.version} /></Card>}
            {has("migration") && ["applied", "modified", "missing"].includes(m.state) && <Card title="SQL" wide><Files m={m} /></Card>}
            {has("history") && m.state !== "pending" && <Card title="What became of it" wide><Recorded m={m} now={now} /></Card>}
        </>
    );
}

// ---- all of them --------------------------------------------------------------------------------------

function Service({ name, list, now }: { name: string; list: Migration[]; now: number }) {
    const of = (state: string) => list.filter((m) => m.state === state).length;
    return (
        <Card title={name === NONE ? "Migrations" : name} wide
            more={<span class="soft">{of("failed") > 0 && `${count(of("failed"))} failed, `}{count(of("pending"))} pending of {count(list.length)}</span>}>
            <Table label={`Migrations${name === NONE ? "" : ` of ${name}`}`} class="list">
                <thead><tr><th>State</th><th>Version</th><th>Name</th><th>Applied</th><th class="n">Took</th></tr></thead>
                <tbody>{list.map((m) => (
                    <tr key={m.version + m.name}>
                        <td data-l="State"><State of={m.running ? "running" : m.state} /></td>
                        <td data-l="Version"><a href={href("migrations", serviceOf(m), m.version || m.name)}><code>{m.version || "repeatable"}</code></a></td>
                        <td class="name" data-l="Name">{m.name}</td>
                        <td class="nowrap" data-l="Applied" title={m.applied_at ? `${time(m.applied_at)} UTC` : ""}>{m.applied_at ? ago(m.applied_at, now) : "–"}</td>
                        <td class="n nowrap" data-l="Took">{duration(m.duration_ms)}</td>
                    </tr>
                ))}</tbody>
            </Table>
        </Card>
    );
}

function List({ all, now, tenant }: { all: Migration[]; now: number; tenant?: string }) {
    const [text, search] = useState("");
    const [state, choose] = useState("all");
    const present = [...new Set(all.map((m) => m.state))];
    const shown = all.filter((m) => (state === "all" || m.state === state) &&
        `${m.version} ${m.name} ${m.service}`.toLowerCase().includes(text.toLowerCase()));
    const services = [...new Set(shown.map(serviceOf))];
    return (
        <div class="stack">
            {tenant && <h2>{tenant}</h2>}
            <div class="row filters">
                <label>Search <input type="search" value={text} onInput={(e) => search(e.currentTarget.value)} /></label>
                <label>State <select value={state} onChange={(e) => choose(e.currentTarget.value)}>
                    <option value="all">all ({all.length})</option>
                    {present.map((s) => <option key={s} value={s}>{s.replace(/_/g, " ")} ({all.filter((m) => m.state === s).length})</option>)}
                </select></label>
            </div>
            {all.length === 0 ? <Empty title="There are no migrations yet"><p><code>godwit new NAME</code> makes the first one.</p></Empty>
                : shown.length === 0 ? <Empty title="None is like that" />
                : services.map((s) => <Service key={s} name={s} now={now} list={shown.filter((m) => serviceOf(m) === s)} />)}
        </div>
    );
}

export function Migrations(context: Context) {
    const { rest } = usePlace();
    const now = useNow();
    const seen = useSeen<Status>(paths.status, ["migration", "job"]);
    const [wish, want] = useState<Wish | null>(null);
    const [job, setJob] = useState<Job | null>(null);
    const [tab, setTab] = useState("list");
    const below = (
        <>
            {job && <Running key={job.job} job={job} setJob={setJob} operator={context.operator} close={() => setJob(null)} />}
            {wish && <AskRun wish={wish} context={context} begun={setJob} close={() => want(null)} />}
        </>
    );
    return (
        <Show seen={seen} what="Migrations">{(status) => {
            const all = status.migrations;
            const one = rest.length > 1 ? all.find((m) => serviceOf(m) === rest[0] && (m.version || m.name) === rest[1]) : undefined;
            const applied = all.filter((m) => m.state === "applied" || m.state === "modified");
            const last = [...applied].sort((a, b) => (a.applied_at ?? "") < (b.applied_at ?? "") ? 1 : -1)[0];
            // A failed one runs again with the next run.
            const todo = Math.max(status.pending, all.filter((m) => m.state === "pending" || m.state === "failed").length);
            const may = context.operator && job?.state !== "running";
            if (rest.length > 1 && !one) return <Empty title="There is no such migration"><a href={href("migrations")}>All migrations</a></Empty>;
            if (one) return <One m={one} now={now} has={context.has} more={<>
                {context.operator && (one.state === "pending" || one.state === "failed") && <p class="buttons"><button type="button" class="primary"
                    onClick={() => want({ kind: "up", to: one, pending: 1 })}>Apply up to this one …</button></p>}
                {below}</>} />;
            return (
                <>
                    <h1>Migrations <small>{status.pending ? plural(status.pending, "pending", "pending") : "nothing is pending"}</small></h1>
                    {status.warnings?.map((w) => <p key={w} class="state warn"><Sign tone="warn" />{w}</p>)}
                    <div class="row">
                        <Tabs label="Views" items={[["list", "All"], ["plan", "What applying would do"]]} now={tab} choose={setTab} />
                        <span class="grow" />
                        {context.operator ? <div class="buttons">
                            <button type="button" disabled={!may || !last} onClick={() => want({ kind: "down", pending: 0, last })}>Roll back the newest …</button>
                            <button type="button" class="primary" disabled={!may || !todo}
                                onClick={() => want({ kind: "up", pending: todo })}>Apply {count(todo)} …</button>
                        </div> : <span class="soft">Applying needs the role operator.</span>}
                    </div>
                    {below}
                    <div role="tabpanel">
                        {tab === "plan" ? <PlanView />
                            : status.tenants ? status.tenants.map((t) => <List key={t.tenant} tenant={t.tenant} all={t.migrations} now={now} />)
                            : <List all={all} now={now} />}
                    </div>
                </>
            );
        }}</Show>
    );
}
