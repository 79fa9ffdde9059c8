import { useEffect, useRef, useState } from "preact/hooks";
import { at, post } from "../api";
import { ChartOf } from "../drawn";
import type { Context } from "../app";
import { ago, clock, compact, count, duration, percent, plural, short, time } from "../format";
import { touch, useNow, useSeen } from "../live";
import { go, href, usePlace } from "../router";
import type { Entity, LogLine, MappingCheck, Reject, Session } from "../types";
import { Ask, Bar, Card, Empty, Fact, FailureBox, Show, Sign, State, Table, Tabs } from "../ui";

const RUNNING = new Set(["running", "pausing", "cancelling", "pending"]);
const stateOf = (s: Session) => (s.abandoned ? "abandoned" : s.wanted === "pause" && s.status === "running" ? "pausing"
    : s.wanted === "cancel" && s.status === "running" ? "cancelling" : s.status);

// ---- the chart ----------------------------------------------------------------------------------------

const MOST = 1200;
interface Kept { at: number[]; rate: (number | null)[]; left: (number | null)[]; processed: number; when: number }
const kept = new Map<string, Kept>();

/** What the session's numbers were each time that they came. */
function sample(s: Session): Kept {
    const when = Date.now() / 1000;
    let k = kept.get(s.session);
    if (!k) {
        k = { at: [], rate: [], left: [], processed: s.processed, when };
        kept.set(s.session, k);
    }
    if (k.at.length && when - k.when < 0.9) return k;
    const rate = k.at.length ? Math.max(0, (s.processed - k.processed) / (when - k.when)) : null;
    k.at.push(when);
    k.rate.push(rate);
    k.left.push(s.remaining);
    if (k.at.length > MOST) for (const list of [k.at, k.rate, k.left]) list.shift();
    k.processed = s.processed;
    k.when = when;
    return k;
}

function LiveChart({ session }: { session: Session }) {
    const { at: times, rate, left } = sample(session);
    return <ChartOf few="A moment: two looks make a rate …" samples={{ label: "Rows a second, and rows left, over time", at: times, lines: [
        { name: "rows a second", values: rate, tick: compact, say: (v) => count(Math.round(v)) },
        { name: "rows left", values: left, tick: compact, say: count },
    ] }} />;
}

// ---- parts of a session -------------------------------------------------------------------------------

function Entities({ list }: { list: Entity[] }) {
    return (
        <Table label="Entities" class="list">
            <thead><tr><th>Entity</th><th>State</th><th class="wide">Progress</th><th class="n">New</th><th class="n">Changed</th><th class="n">Deleted</th>
                <th class="n">Rejected</th><th class="n">Left</th><th class="n">Rows/s</th><th class="n">Time</th></tr></thead>
            <tbody>{list.map((e) => (
                <tr key={e.entity}>
                    <th scope="row">{e.entity}<br /><span class="soft">{[e.method, e.workers ? plural(e.workers, "worker") : ""].filter(Boolean).join(", ")}</span></th>
                    <td data-l="State"><State of={e.status} /></td>
                    <td class="wide" data-l="Progress"><Bar done={e.processed} bad={e.rejected} total={e.processed + e.remaining} label={`rows of ${e.entity}`}
                        tone={e.status === "completed" ? "good" : "busy"} /><span class="soft">{e.processed + e.remaining === 0 ? "no rows" : percent(e.processed, e.processed + e.remaining)}</span></td>
                    <td class="n" data-l="New">{count(e.new)}</td><td class="n" data-l="Changed">{count(e.modified)}</td><td class="n" data-l="Deleted">{count(e.deleted)}</td>
                    <td class="n" data-l="Rejected">{e.rejected ? <span class="state bad"><Sign tone="bad" />{count(e.rejected)}</span> : "0"}</td>
                    <td class="n" data-l="Left">{count(e.remaining)}</td><td class="n" data-l="Rows/s">{count(e.rows_per_second)}</td>
                    <td class="n nowrap" data-l="Time"><span>{e.status === "completed" ? `took ${duration(e.elapsed_ms)}` : e.left_ms === null ? "–" : `${duration(e.left_ms)} left`}</span></td>
                </tr>
            ))}</tbody>
        </Table>
    );
}

function Logs({ session }: { session: string }) {
    const [level, choose] = useState("");
    const seen = useSeen<{ lines: LogLine[] }>(at("logs", {}, { session, limit: 300, ...(level ? { level } : {}) }), ["log", "sync"]);
    const [follow, setFollow] = useState(true);
    const box = useRef<HTMLDivElement>(null);
    useEffect(() => { if (follow && box.current) box.current.scrollTop = box.current.scrollHeight; }, [seen.data, follow]);
    return (
        <>
            <div class="row filters">
                <label>From level <select value={level} onChange={(e) => choose(e.currentTarget.value)}>
                    <option value="">all</option><option value="info">info</option><option value="warn">warning</option><option value="error">error</option></select></label>
                <label class="check"><input type="checkbox" checked={follow} onChange={(e) => setFollow(e.currentTarget.checked)} />Follow</label>
            </div>
            <Show seen={seen} what="The log">{({ lines }) => lines.length === 0 ? <Empty title="Nothing was written down" /> : (
                <div class="output" ref={box} tabIndex={0} role="log" aria-label="Log">{lines.map((l, i) => (
                    <p key={i}><span class="soft">{clock(l.at)}</span> <State of={l.level} /> {l.entity && <b>{l.entity} </b>}{l.message}
                        {l.performance?.duration_ms !== undefined && <span class="soft"> {duration(l.performance.duration_ms)}</span>}
                        {l.error?.message && <span class="bad"> {l.error.message}</span>}</p>
                ))}</div>)}</Show>
        </>
    );
}

function Rejects({ entities, operator, protectedName }: { entities: string[]; operator: boolean; protectedName: string | null }) {
    const [entity, choose] = useState("");
    const [asking, ask] = useState(false);
    const seen = useSeen<{ total: number; rejects: Reject[] }>(at("rejects", {}, { limit: 100, ...(entity ? { entity } : {}) }), ["sync"]);
    return (
        <>
            <div class="row filters">
                <label>Entity <select value={entity} onChange={(e) => choose(e.currentTarget.value)}><option value="">all</option>
                    {entities.map((e) => <option key={e} value={e}>{e}</option>)}</select></label>
                <span class="grow" />
                {operator && <button type="button" onClick={() => ask(true)}>Try them again …</button>}
            </div>
            {asking && <Ask title="Try rejected rows again" verb="Try again" protectedName={protectedName} close={() => ask(false)}
                act={async (typed) => { await post(at("retry"), { ...(entity ? { entity } : {}), ...(protectedName ? { protected: typed } : {}) }); touch("sync"); }}>
                <p>The rejected rows{entity && <> of <b>{entity}</b></>} are read from the source and tried once more; those that pass arrive.</p></Ask>}
            <Show seen={seen} what="The quarantine">{({ total, rejects }) => rejects.length === 0 ? <Empty title="No row is in the quarantine" /> : (
                <>
                    <p class="soft">{count(rejects.length)} of {plural(total, "row")} in the quarantine{rejects.length < total && "; godwit sync rejects has them all"}.</p>
                    <ul class="rejects">{rejects.map((r) => (
                        <li key={r.entity + r.key}>
                            <details>
                                <summary><Sign tone="bad" /><b>{r.entity}</b> <code>{r.key}</code> <span class="badge">{r.kind}</span>{r.field && <code>{r.field}</code>} <span class="said">{r.message}</span></summary>
                                <dl class="facts">
                                    {r.rule && <Fact name="rule">{r.rule}</Fact>}
                                    <Fact name="seen">first {time(r.first_seen)}, last {time(r.last_seen)} UTC</Fact>
                                    <Fact name="tried">{plural(r.attempts, "time")}</Fact>
                                    {r.source_row && Object.entries(r.source_row).map(([k, v]) => <Fact key={k} name={k}>{v === null ? <i class="soft">null</i> : <code class="break">{String(v)}</code>}</Fact>)}
                                </dl>
                            </details>
                        </li>
                    ))}</ul>
                </>
            )}</Show>
        </>
    );
}

/** From where in the old row to where in the new one. */
function Mapping() {
    const seen = useSeen<MappingCheck>(at("mappings"), [], true);
    return (
        <Show seen={seen} what="The mappings">{({ findings, entities }) => {
            if (!entities.length) return <Empty title="No mapping is registered"><p><code>godwit sync mapping register</code> does.</p></Empty>;
            return <>{findings.map((f, i) => <p key={i}><State of={f.severity} /> <b>{f.entity}</b> {f.message} <code class="soft">{f.file}:{f.line}</code></p>)}{entities.map((m) => (
                <details key={m.entity} class="mapping" open={entities.length < 3}>
                    <summary><b>{m.entity}</b> <span class="soft">{m.version}, {plural(m.fields.length, "field")}, {m.identity}{m.needs.length > 0 && `, after ${m.needs.join(", ")}`}</span></summary>
                    <Table label={`Fields of ${m.entity}`} class="list">
                        <thead><tr><th>From</th><th>How</th><th>To</th></tr></thead>
                        <tbody>{m.fields.map((f) => (
                            <tr key={f.to}>
                                <td data-l="From"><span>{f.from.length ? f.from.map((x) => <code key={x}>{x} </code>) : <span class="soft">the row</span>} <span class="soft">{f.source_type}</span></span></td>
                                <td data-l="How"><span><span class="arrow" aria-hidden="true">→</span> <span class="badge">{f.kind}</span> <span class="soft">{f.conversion !== "same" && f.conversion}{f.second_pass && " in a second pass"}</span></span></td>
                                <td data-l="To"><span><code>{f.to}</code> <span class="soft">{f.type}</span></span></td>
                            </tr>
                        ))}</tbody>
                    </Table>
                </details>
            ))}</>;
        }}</Show>
    );
}

// ---- one session --------------------------------------------------------------------------------------

type Step = "pause" | "resume" | "cancel";
const steps: Record<Step, { title: string; verb: string; says: string }> = {
    pause: { title: "Pause the session", verb: "Pause", says: "It stops behind the batch at hand, in a state that is consistent, and goes on from there when it is resumed." },
    resume: { title: "Go on with the session", verb: "Resume", says: "It goes on where it was; nothing is moved twice. It runs in this server." },
    cancel: { title: "Cancel the session", verb: "Cancel it", says: "It ends behind the batch at hand. What has arrived stays; another run finds the rest." },
};

function One({ id, context, now }: { id: string; context: Context; now: number }) {
    const seen = useSeen<Session>(at("syncSession", { session: id }), ["sync"]);
    const [tab, choose] = useState("entities");
    const [step, want] = useState<Step | null>(null);
    const protectedName = context.who.protected;
    const act = async (typed: string) => {
        await post(at(step as Step), { session: id, ...(protectedName ? { protected: typed } : {}) });
        touch("sync");
        seen.refresh();
    };
    return (
        <Show seen={seen} what="The session">{(s) => {
            const state = stateOf(s), running = RUNNING.has(state), total = s.processed + s.remaining;
            const entities = s.entities ?? [];
            const rejected = entities.reduce((sum, e) => sum + e.rejected, 0);
            const rate = entities.filter((e) => e.status === "running").reduce((sum, e) => sum + (e.rows_per_second ?? 0), 0);
            const tabs: [string, string][] = [["entities", "Entities"], ["logs", "Log"], ["rejects", "Quarantine"]];
            if (context.has("mappings")) tabs.push(["mapping", "Mapping"]);
            return (
                <>
                    <p><a href={href("rows")}>All sessions</a></p>
                    <div class="row"><h1>Session <code>{short(s.session)}</code> <State of={state} /></h1><span class="grow" />
                        {context.operator && <div class="buttons">
                            {running && state !== "pausing" && <button type="button" onClick={() => want("pause")}>Pause …</button>}
                            {(state === "paused" || state === "abandoned") && <button type="button" class="primary" onClick={() => want("resume")}>Resume …</button>}
                            {(running || state === "paused" || state === "abandoned") && <button type="button" class="danger" onClick={() => want("cancel")}>Cancel …</button>}
                        </div>}</div>
                    {step && <Ask {...steps[step]} danger={step === "cancel"} protectedName={protectedName} act={act} close={() => want(null)}><p>{steps[step].says}</p></Ask>}
                    {state === "abandoned" && <FailureBox failure={{ message: "Nobody goes on with this session", detail: "Its coordinator died, or cannot reach the database. Nothing is lost.", hint: "resume it here, or run godwit sync run" }} />}
                    {s.error?.message && <FailureBox failure={{ ...s.error, message: s.error.message }} />}
                    {s.reason && <p class="state warn"><Sign tone="warn" />{s.reason}</p>}
                    <Card title="Progress" wide more={<span>{percent(s.processed, total)}</span>}>
                        <Bar done={s.processed} total={total} bad={rejected} label="rows of the session" tone={s.status === "completed" ? "good" : "busy"} />
                        <dl class="figures">
                            <div><dt>rows done</dt><dd>{count(s.processed)}</dd></div>
                            <div><dt>left</dt><dd>{count(s.remaining)}</dd></div>
                            <div><dt>rejected</dt><dd class={rejected ? "bad" : ""}>{count(rejected)}</dd></div>
                            {running && <div><dt>rows/s</dt><dd>{count(rate)}</dd></div>}
                            {running ? <div><dt>ready</dt><dd>{s.estimated_completion ? `in ${duration(Math.max(0, Date.parse(s.estimated_completion) - now))}` : "–"}</dd></div>
                                : <div><dt>took</dt><dd>{s.started_at && s.completed_at ? duration(Date.parse(s.completed_at) - Date.parse(s.started_at)) : "–"}</dd></div>}
                        </dl>
                        <p class="soft">Begun {time(s.started_at ?? s.created_at)} UTC on {s.host ?? "?"}{s.attempt > 1 && `, attempt ${s.attempt}`}{s.completed_at && `, ended ${ago(s.completed_at, now)}`}.</p>
                    </Card>
                    {running && <Card title="Rows a second, rows left" wide><LiveChart session={s} /></Card>}
                    <Tabs label="Parts of the session" items={tabs} now={tab} choose={choose} />
                    <div role="tabpanel" class="panel">
                        {tab === "entities" && (entities.length ? <Entities list={entities} /> : <Empty title="No entity has begun" />)}
                        {tab === "logs" && <Logs session={s.session} />}
                        {tab === "rejects" && <Rejects entities={entities.map((e) => e.entity)} operator={context.operator && context.has("retry")} protectedName={protectedName} />}
                        {tab === "mapping" && <Mapping />}
                    </div>
                </>
            );
        }}</Show>
    );
}

// ---- all of them --------------------------------------------------------------------------------------

export function Rows(context: Context) {
    const { rest } = usePlace();
    const now = useNow();
    const seen = useSeen<{ sessions: Session[] }>(rest[0] ? null : at("syncSessions", {}, { limit: 100 }), ["sync"]);
    const [asking, ask] = useState(false);
    if (rest[0]) return <One key={rest[0]} id={rest[0]} context={context} now={now} />;
    return (
        <>
            <div class="row"><h1>Rows <small>sessions that move them</small></h1><span class="grow" />
                {context.operator && context.has("run") && <button type="button" class="primary" onClick={() => ask(true)}>Move rows …</button>}</div>
            {asking && <Ask title="Move rows" verb="Begin" protectedName={context.who.protected} close={() => ask(false)}
                act={async (typed) => { await post(at("run"), context.who.protected ? { protected: typed } : {}); touch("sync"); }}>
                <p>What has changed in the source since the last run is found and brought over, by the mappings that are active. A session that was interrupted goes on.</p></Ask>}
            <Show seen={seen} what="Sessions">{({ sessions }) => sessions.length === 0
                ? <Empty title="No rows have been moved here"><p>Mappings say how rows of another database come into this one; <code>godwit sync mapping scaffold</code> drafts them, <code>godwit sync run</code> moves.</p></Empty>
                : <Card title="Sessions" wide><Table label="Sessions" class="list">
                    <thead><tr><th>Session</th><th>State</th><th class="wide">Progress</th><th class="n">Rows</th><th class="n">Left</th><th>Begun</th><th class="n">Took</th><th>Host</th></tr></thead>
                    <tbody>{sessions.map((s) => (
                        <tr key={s.session} onClick={() => go("rows", s.session)} class="go">
                            <td data-l="Session"><a href={href("rows", s.session)}><code>{short(s.session)}</code></a></td>
                            <td data-l="State"><State of={stateOf(s)} /></td>
                            <td class="wide" data-l="Progress"><Bar done={s.processed} total={s.processed + s.remaining} label={`rows of session ${short(s.session)}`} tone={s.status === "completed" ? "good" : "busy"} />
                                <span class="soft">{percent(s.processed, s.processed + s.remaining)}</span></td>
                            <td class="n" data-l="Rows">{count(s.processed)}</td><td class="n" data-l="Left">{count(s.remaining)}</td>
                            <td class="nowrap" data-l="Begun" title={`${time(s.started_at)} UTC`}>{ago(s.started_at ?? s.created_at, now)}</td>
                            <td class="n nowrap" data-l="Took">{s.started_at ? duration((s.completed_at ? Date.parse(s.completed_at) : now) - Date.parse(s.started_at)) : "–"}</td>
                            <td data-l="Host">{s.host}</td>
                        </tr>
                    ))}</tbody></Table></Card>}</Show>
        </>
    );
}
