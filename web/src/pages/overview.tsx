import { at, paths } from "../api";
import type { Context } from "../app";
import { ago, clock, count, percent, plural, short, time } from "../format";
import { useNow, useSeen } from "../live";
import { href } from "../router";
import type { Environment, Health, HistoryEvent, Session, Stage, Status, Tracked } from "../types";
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

/** Only where there are several: of one alone the other cards say more. */
function EnvironmentsCard({ now }: { now: number }) {
    const seen = useSeen<{ environments: Environment[] }>(paths.environments, ["migration", "sync"]);
    if (seen.data && seen.data.environments.length < 2) return null;
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
                {has("history") && <HistoryCard now={now} />}
            </div>
            <p class="soft foot">godwit {who.version}, serving since {time(who.started_at)} UTC</p>
        </>
    );
}
