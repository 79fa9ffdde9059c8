import { at, paths } from "../api";
import type { Context } from "../app";
import { ChartOf } from "../drawn";
import { ago, clock, compact, count, duration, percent, plural, short, span, spans, time } from "../format";
import { useNow, useSeen } from "../live";
import { href } from "../router";
import type { Environment, Health, HistoryEvent, Session, Stage, Status, Tracked, Trend } from "../types";
import { Bar, Card, Empty, FailureBox, Show, Sign, State, Table } from "../ui";
import { Events } from "./events";

const checkNames: Record<string, string> = {
    database: "Database", migrations: "Migrations", version: "Version", replicas: "Replicas", drift: "Schema drift", backups: "Backups",
};

function HealthCard() {
    const seen = useSeen<Health>(paths.health, ["migration"]);
    return (
        <Card title="Health" more={seen.data && <State of={seen.data.healthy ? "ok" : "error"} word={seen.data.healthy ? "healthy" : "unhealthy"} />}>
            <Show seen={seen} what="Health">{(health) => (
                <ul class="checks">
                    {health.checks.map((c) => (
                        <li key={c.name}>
                            <Sign tone={c.ok ? "good" : "bad"} />
                            <span><b>{checkNames[c.name] ?? c.name}</b> {c.ok ? "as it should be" : c.reason}</span>
                        </li>
                    ))}
                </ul>
            )}</Show>
        </Card>
    );
}

function MigrationsCard({ status }: { status: Status }) {
    const all = status.tenants ? status.tenants.flatMap((t) => t.migrations) : status.migrations;
    const of = (state: string) => all.filter((m) => m.state === state).length;
    const rest = ["failed", "modified", "missing", "out_of_order"].filter((s) => of(s) > 0);
    return (
        <Card title="Migrations" more={<a href={href("migrations")}>All</a>}>
            <dl class="figures">
                <div><dt>pending</dt><dd class={status.pending ? "busy" : ""}>{count(status.pending)}</dd></div>
                <div><dt>applied</dt><dd>{count(of("applied"))}</dd></div>
                {rest.map((s) => <div key={s}><dt>{s.replace(/_/g, " ")}</dt><dd class="bad">{count(of(s))}</dd></div>)}
            </dl>
            <p class="soft">{status.current ? <>at version <code>{status.current}</code></> : "nothing is applied"} in <b>{status.database ?? "?"}</b>
                {status.tenants && <> · {plural(status.tenants.length, "tenant")}</>}</p>
            {status.run && <p><State of="running" word={`${status.run.command} by ${status.run.actor} since ${clock(status.run.since)}`} /></p>}
        </Card>
    );
}

function SessionsCard({ now }: { now: number }) {
    const seen = useSeen<{ sessions: Session[] }>(at("syncSessions", {}, { limit: 5 }), ["sync"]);
    return (
        <Card title="Rows" more={<a href={href("rows")}>All sessions</a>}>
            <Show seen={seen} what="Sessions">{({ sessions }) => sessions.length === 0
                ? <Empty title="No rows have been moved here"><p>A run is started with <code>godwit sync run</code>.</p></Empty>
                : <ul class="lines">{sessions.map((s) => (
                    <li key={s.session}>
                        <a href={href("rows", s.session)}><code>{short(s.session)}</code></a>
                        <State of={s.abandoned ? "abandoned" : s.status} />
                        <span class="soft">{ago(s.started_at ?? s.created_at, now)}</span>
                        <Bar done={s.processed} total={s.processed + s.remaining} label={`rows of session ${short(s.session)}`}
                            tone={s.status === "completed" ? "good" : "busy"} />
                        <span class="n">{count(s.processed)} of {count(s.processed + s.remaining)} rows</span>
                    </li>
                ))}</ul>}</Show>
        </Card>
    );
}

function StagesCard() {
    const seen = useSeen<Tracked>(paths.trackers, ["tracker", "sync", "migration"]);
    const line = (s: Stage) => (
        <li key={`${s.tracker}/${s.stage_name}`}>
            <State of={s.paused ? "paused" : s.status} />
            <span class="name">{s.stage_name}</span>
            <span class="soft">{s.tracker}</span>
        </li>
    );
    return (
        <Card title="Tracker" more={<a href={href("tracker")}>All stages</a>}>
            <Show seen={seen} what="Stages">{(tracked) => {
                const all = tracked.migration_stages;
                const ongoing = all.filter((s) => s.status === "ongoing" || s.status === "failed");
                const done = all.filter((s) => s.status === "completed").length;
                const items = tracked.pallet_migration_counters.reduce((sum, p) => sum + p.items_processed, 0);
                const failed = tracked.pallet_migration_counters.reduce((sum, p) => sum + p.failed_items, 0);
                if (all.length === 0)
                    return <Empty title="Nothing is counted here"><p>Events come in with <code>godwit track ingest</code>.</p></Empty>;
                return (
                    <>
                        <p><b>{count(done)}</b> of {plural(all.length, "stage")} completed, {percent(done, all.length)}</p>
                        <Bar done={done} total={all.length} label="stages completed" tone={done === all.length ? "good" : "busy"} />
                        <p class="soft">{count(items)} items moved, {failed ? <span class="state bad"><Sign tone="bad" />{count(failed)} failed</span> : "none failed"}</p>
                        {ongoing.length > 0 && <ul class="lines">{ongoing.slice(0, 5).map(line)}</ul>}
                    </>
                );
            }}</Show>
        </Card>
    );
}

/** What was the most, in words: for who does not see the line. */
function Most({ list, of, say }: { list: Trend["points"]; of: (p: Trend["points"][0]) => number | null; say: (v: number) => string }) {
    let top: Trend["points"][0] | null = null;
    for (const p of list) if ((of(p) ?? 0) > (top ? of(top) ?? 0 : 0)) top = p;
    return top ? <>{say(of(top) ?? 0)}, at {clock(top.at)}</> : <>none</>;
}

const whole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const few = "A moment: a line begins with the second point …";

function TrendCards() {
    const seen = useSeen<Trend>(paths.trend, ["sync"]);
    return (
        <Show seen={seen} what="Waits and lag">{({ points }) => {
            const times = points.map((p) => Date.parse(p.at) / 1000);
            const moves = points.some((p) => p.sync_lag_ms !== null || p.sync_rows_left !== null);
            const since = points.length ? `since ${clock(points[0].at)} UTC` : "";
            return (
                <>
                    <Card title="Waits for locks" wide={!moves} more={<span class="soft">{since}</span>}>
                        <p class="soft">Most at once: <Most list={points} of={(p) => p.lock_waiters} say={(v) => plural(v, "session")} />.
                            Longest: <Most list={points} of={(p) => p.lock_wait_ms} say={duration} />.</p>
                        <ChartOf few={few} samples={{ label: "Sessions that wait for a lock, and how long the longest has run, over time", at: times, lines: [
                            { name: "sessions waiting", values: points.map((p) => p.lock_waiters), tick: compact, say: count, steps: whole },
                            { name: "longest", values: points.map((p) => p.lock_wait_ms), tick: span, say: duration, steps: spans },
                        ] }} />
                    </Card>
                    {moves && <Card title="Behind the source" more={<span class="soft">{since}</span>}>
                        <p class="soft">Longest without an end of a session: <Most list={points} of={(p) => p.sync_lag_ms} say={duration} />.
                            Most rows left: <Most list={points} of={(p) => p.sync_rows_left} say={count} />.</p>
                        <ChartOf few={few} samples={{ label: "Time since a session was brought to its end, and rows left, over time", at: times, lines: [
                            { name: "since the last end", values: points.map((p) => p.sync_lag_ms), tick: span, say: duration, steps: spans },
                            { name: "rows left", values: points.map((p) => p.sync_rows_left), tick: compact, say: count },
                        ] }} />
                    </Card>}
                </>
            );
        }}</Show>
    );
}

function HistoryCard({ now }: { now: number }) {
    const seen = useSeen<{ events: HistoryEvent[] }>(at("history", {}, { limit: 12 }), ["migration", "job"]);
    return (
        <Card title="Lately" wide>
            <Show seen={seen} what="History">{({ events }) => events.length === 0
                ? <Empty title="Nothing has happened yet" />
                : <Events list={events} now={now} label="What has happened lately" />}</Show>
        </Card>
    );
}

function EnvironmentHealth({ e }: { e: Environment }) {
    if (e.state !== "up") return <span class="said">{e.error?.message ?? "–"}</span>;
    const bad = e.health?.checks.filter((c) => !c.ok) ?? [];
    if (!e.health) return <span class="soft">not known</span>;
    return e.health.healthy ? <State of="ok" word="healthy" />
        : <span class="state bad"><Sign tone="bad" /><span class="wrap">{bad.map((c) => c.reason).join("; ")}</span></span>;
}

function Drift({ e }: { e: Environment }) {
    if (!e.drift) return <span class="soft">not looked at</span>;
    return e.drift.ok ? <State of="ok" word="none" /> : <span class="state warn"><Sign tone="warn" /><span class="wrap">{e.drift.reason}</span></span>;
}

const environmentStates: Record<Environment["state"], [string, string]> = {
    asking: ["waiting", "asking"], up: ["ok", "up"], down: ["error", "down"], stopped: ["waiting", "stopped"],
};

/** None where the database was given by its URL. */
function EnvironmentsCard({ now }: { now: number }) {
    const seen = useSeen<{ environments: Environment[] }>(paths.environments, ["migration", "sync"]);
    if (seen.data?.environments.length === 0) return null;
    return (
        <Card title="Environments" wide>
            <Show seen={seen} what="Environments">{({ environments }) => (
                <Table label="Environments" class="list">
                    <thead><tr><th>Environment</th><th>State</th><th>Health</th><th class="n">Pending</th><th>Drift</th><th>Last backup</th><th>Running</th></tr></thead>
                    <tbody>{environments.map((e) => (
                        <tr key={e.name}>
                            <th scope="row" data-l="Environment"><span class="name">{e.name}</span>{e.served && <> <span class="badge">this one</span></>}{e.protected && <> <span class="badge">protected</span></>}</th>
                            <td data-l="State" title={e.took_ms === null ? "" : `asked ${ago(e.at, now)}, in ${e.took_ms} ms`}><State of={environmentStates[e.state][0]} word={environmentStates[e.state][1]} /></td>
                            <td data-l="Health"><EnvironmentHealth e={e} /></td>
                            <td class="n nowrap" data-l="Pending">{count(e.pending)}</td>
                            <td data-l="Drift"><Drift e={e} /></td>
                            <td data-l="Last backup">{e.backup ? <span title={`${time(e.backup.at)} UTC`}>{ago(e.backup.at, now)}{!e.backup.verified_at && ", not verified"}</span> : "–"}</td>
                            <td data-l="Running">{e.run && <State of="running" word={e.run} />}{e.sessions.map((s) => (
                                <span key={s.session}><State of={s.status} /> <code>{short(s.session)}</code> <span class="soft">{percent(s.processed, s.processed + s.remaining)}</span> </span>
                            ))}{!e.run && e.sessions.length === 0 && "–"}</td>
                        </tr>
                    ))}</tbody>
                </Table>
            )}</Show>
        </Card>
    );
}

export function Overview({ who, has }: Context) {
    const status = useSeen<Status>(paths.status, ["migration"]);
    const now = useNow();
    return (
        <>
            <h1>Overview <small>{who.environment}{who.protected ? ", protected" : ""}</small></h1>
            <div class="cards">
                <HealthCard />
                {status.data ? <MigrationsCard status={status.data} />
                    : <Card title="Migrations">{status.error ? <FailureBox failure={status.error.failure} /> : <div class="wait" role="status">Reading migrations …</div>}</Card>}
                {has("syncSessions") && <SessionsCard now={now} />}
                {has("trackers") && <StagesCard />}
                {has("environments") && <EnvironmentsCard now={now} />}
                {has("trend") && <TrendCards />}
                {has("history") && <HistoryCard now={now} />}
            </div>
            <p class="soft foot">godwit {who.version}, serving since {time(who.started_at)} UTC</p>
        </>
    );
}
