// What `godwit maintain` would do next, and what its runs have done: out of Godwit's events.
import { at, paths } from "../api";
import type { Context } from "../app";
import { ago, count, duration, plural, time } from "../format";
import { useNow, useSeen } from "../live";
import type { HistoryEvent, Upkeep as Next, UpkeepStep } from "../types";
import { Card, Empty, FailureBox, Show, Sql, State, Table } from "../ui";

const SHOWN = 300, PAUSE_MS = 60_000;

interface Round { key: number; begun: number; ended: number; events: HistoryEvent[] }

/** Steps of one process that follow each other closely; --every comes again after a pause. Newest first. */
function rounds(events: HistoryEvent[]): Round[] {
    const found: Round[] = [];
    for (const e of events) {
        const ended = Date.parse(e.at), begun = ended - (e.duration_ms ?? 0), last = found.at(-1);
        if (last && last.events[0].run === e.run && last.begun - ended < PAUSE_MS) {
            last.events.push(e);
            last.begun = Math.min(last.begun, begun);
        } else found.push({ key: e.id, begun, ended, events: [e] });
    }
    return found;
}

/** "partitions public.orders": the action, and what it was done to. */
const parts = (name: string | null) => {
    const space = (name ?? "").indexOf(" ");
    return space < 0 ? [name ?? "", ""] : [(name as string).slice(0, space), (name as string).slice(space + 1)];
};

function Steps({ list }: { list: UpkeepStep[] }) {
    return (
        <Table label="What the next run would do" class="list">
            <thead><tr><th>Action</th><th>Of</th><th>Does</th></tr></thead>
            <tbody>{list.map((s, i) => (
                <tr key={i}>
                    <th scope="row" data-l="Action">{s.action}</th>
                    <td data-l="Of"><span class="name">{s.object}</span></td>
                    <td data-l="Does" class="said"><div>{s.outcome !== "would" && <State of={s.outcome === "failed" ? "failed" : "waiting"} word={s.outcome} />} {s.what}
                        {s.detail && <p class="soft">{s.detail}</p>}{s.sql && <Sql text={s.sql} />}</div></td>
                </tr>
            ))}</tbody>
        </Table>
    );
}

function NextCard() {
    const seen = useSeen<Next>(paths.maintain, [], true);
    const now = useNow();
    // Steps that could not be looked at are named beside the others, in an answer that is an error.
    const partly = seen.error?.body as Next | null | undefined;
    return (
        <Card title="The next run" wide more={<span class="row">{seen.at !== null && <span class="soft">looked {ago(seen.at, now)}</span>}
            <button type="button" onClick={() => seen.refresh()} disabled={seen.asking}>{seen.asking ? "Looking …" : "Look again"}</button></span>}>
            {partly?.steps ? <><FailureBox failure={partly.error ?? { message: "not all could be looked at" }} /><Steps list={partly.steps} /></>
                : <Show seen={seen} what="The next run">{({ steps }) => steps.length === 0
                    ? <Empty title="Nothing is to be done now"><p>What <code>maintain:</code> of <code>godwit.yaml</code> declares is not due, and nothing needs vacuum or a new index.</p></Empty>
                    : <><p class="soft">{plural(steps.length, "step")} that <code>godwit maintain</code> would do now.</p><Steps list={steps} /></>}</Show>}
        </Card>
    );
}

function RoundCard({ round, now }: { round: Round; now: number }) {
    const [first] = round.events;
    const failed = round.events.filter((e) => e.outcome !== "ok").length;
    return (
        <Card title={`${time(round.begun)} UTC`} wide more={<State of={failed ? "failed" : "ok"}
            word={failed ? `${count(failed)} of ${plural(round.events.length, "step")} failed` : `${plural(round.events.length, "step")} done`} />}>
            <p class="soft">{ago(round.ended, now)}, in {duration(round.ended - round.begun)}, by {first.actor ?? "?"} on {first.host ?? "?"}</p>
            <Table label={`Run of ${time(round.begun)}`} class="list">
                <thead><tr><th>Action</th><th>Of</th><th>Outcome</th><th class="n">Took</th><th>What came of it</th></tr></thead>
                <tbody>{[...round.events].reverse().map((e) => (
                    <tr key={e.id}>
                        <th scope="row" data-l="Action">{parts(e.name)[0]}</th>
                        <td data-l="Of"><span class="name">{parts(e.name)[1]}</span></td>
                        <td data-l="Outcome"><State of={e.outcome === "ok" ? "ok" : "failed"} word={e.outcome} /></td>
                        <td class="n nowrap" data-l="Took">{duration(e.duration_ms)}</td>
                        <td data-l="Said" class="said">{[e.message, e.detail, e.where].filter(Boolean).join(": ")}</td>
                    </tr>
                ))}</tbody>
            </Table>
        </Card>
    );
}

export function Upkeep({ has }: Context) {
    const seen = useSeen<{ events: HistoryEvent[] }>(has("history") ? at("history", {}, { action: "maintain", limit: SHOWN }) : null, ["migration"]);
    const now = useNow();
    return (
        <>
            <h1>Upkeep <small>partitions, retention, vacuum, backups on a schedule</small></h1>
            <NextCard />
            <h2>What runs have done</h2>
            <Show seen={seen} what="What runs have done">{({ events }) => events.length === 0
                ? <Empty title="Upkeep has done nothing here yet"><p><code>godwit maintain</code> does what is due, <code>--every 1h</code> again and again.</p></Empty>
                : <>{rounds(events).map((r) => <RoundCard key={r.key} round={r} now={now} />)}
                    {events.length === SHOWN && <p class="soft">The last {count(SHOWN)} steps; <code>godwit history --action maintain</code> has those before.</p>}</>}</Show>
        </>
    );
}
