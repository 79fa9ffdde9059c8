import { useState } from "preact/hooks";
import { paths } from "../api";
import type { Context } from "../app";
import { ago, clock, count, duration, percent, plural, time } from "../format";
import { useNow, useSeen } from "../live";
import type { Stage, Tracked } from "../types";
import { Bar, Card, Empty, Show, Sign, State, Table } from "../ui";

const toneOf = (s: Stage) => (s.status === "completed" ? "good" : s.status === "failed" ? "bad" : s.paused ? "warn" : s.status === "ongoing" ? "busy" : "idle");

/** Every stage on one line of time: from when it began to when it ended, or now. */
function TimeLine({ stages, now }: { stages: Stage[]; now: number }) {
    const begun = stages.filter((s) => s.started_at);
    const from = Math.min(...begun.map((s) => Date.parse(s.started_at as string)));
    const ends = begun.map((s) => (s.completed_at ? Date.parse(s.completed_at) : now));
    const to = Math.max(...ends, from + 1);
    const width = to - from;
    const ticks = [0, 0.25, 0.5, 0.75, 1];
    const clockOf = (ms: number) => (width < 5000 ? `+${duration(ms - from)}` : clock(ms));
    return (
        <div class="timeline">
            <div class="axis" aria-hidden="true">{ticks.map((t) => <span key={t} style={{ left: `${t * 100}%` }}>{clockOf(from + t * width)}</span>)}</div>
            <ol tabIndex={0} aria-label="Stages">{stages.map((s) => {
                const start = s.started_at ? Date.parse(s.started_at) : null;
                const end = s.completed_at ? Date.parse(s.completed_at) : now;
                return (
                    <li key={s.stage_name}>
                        <span class="label"><State of={s.paused ? "paused" : s.status} /><span class="name">{s.stage_name}</span>
                            {s.error_count > 0 && <span class="state bad"><Sign tone="bad" />{plural(s.error_count, "error")}</span>}</span>
                        <span class="lane">{start !== null && <i class={toneOf(s)}
                            style={{ left: `${((start - from) / width) * 100}%`, width: `${((end - start) / width) * 100}%` }} />}</span>
                        <span class="took" title={start === null ? "" : `${time(s.started_at)} – ${s.completed_at ? time(s.completed_at) : "now"} UTC`}>
                            {start === null ? "not begun" : duration(end - start)}</span>
                        {s.note && <span class="note soft">{s.note}</span>}
                    </li>
                );
            })}</ol>
        </div>
    );
}

function Pallets({ of }: { of: Tracked["pallet_migration_counters"] }) {
    return (
        <Table label="Pallets" class="list">
            <thead><tr><th>Pallet</th><th>Stage</th><th class="wide">Progress</th><th class="n">Processed</th><th class="n">Total</th><th class="n">Failed</th></tr></thead>
            <tbody>{of.map((p) => (
                <tr key={p.pallet_name + p.stage_name}>
                    <td class="name" data-l="Pallet">{p.pallet_name}</td>
                    <td class="soft" data-l="Stage">{p.stage_name}</td>
                    <td class="wide" data-l="Progress"><Bar done={p.items_processed + p.failed_items} bad={p.failed_items} total={p.total_items}
                        tone={p.items_processed + p.failed_items >= p.total_items ? "good" : "busy"} label={`${p.pallet_name}: items`} />
                        <span class="soft">{percent(p.items_processed + p.failed_items, p.total_items)}</span></td>
                    <td class="n" data-l="Processed">{count(p.items_processed)}</td>
                    <td class="n" data-l="Total">{count(p.total_items)}</td>
                    <td class="n" data-l="Failed">{p.failed_items ? <span class="state bad"><Sign tone="bad" />{count(p.failed_items)}</span> : "0"}</td>
                </tr>
            ))}</tbody>
        </Table>
    );
}

/** Who sends to whom: a row a source, a column a destination. */
function Matrix({ of }: { of: Tracked["xcm_message_counters"] }) {
    const sources = [...new Set(of.map((x) => x.source_chain))];
    const destinations = [...new Set(of.map((x) => x.destination_chain))];
    return (
        <Table label="Messages between chains, sources by destinations" class="matrix">
            <thead><tr><th scope="col">from \ to</th>{destinations.map((d) => <th key={d} scope="col">{d}</th>)}</tr></thead>
            <tbody>{sources.map((s) => (
                <tr key={s}>
                    <th scope="row">{s}</th>
                    {destinations.map((d) => {
                        const x = of.find((c) => c.source_chain === s && c.destination_chain === d);
                        return <td key={d}>{!x ? <span class="soft">–</span> : (
                            <dl>
                                <div><dt>sent</dt><dd>{count(x.messages_sent)}</dd></div>
                                <div><dt>processed</dt><dd>{count(x.messages_processed)}</dd></div>
                                <div><dt>failed</dt><dd>{x.messages_failed ? <span class="state bad"><Sign tone="bad" />{count(x.messages_failed)}</span> : "0"}</dd></div>
                            </dl>)}</td>;
                    })}
                </tr>
            ))}</tbody>
        </Table>
    );
}

function Amount({ name, digits }: { name: string; digits: string }) {
    return <div class="amount"><dt>{name}</dt><dd>{count(digits)}</dd></div>;
}

function Money({ tracked }: { tracked: Tracked }) {
    const [b] = tracked.balance_migration_counters;
    const [t] = tracked.teleportation_counters;
    return (
        <>
            {b && <Card title="Balances" more={<span class="soft">{plural(b.accounts_migrated, "account")}, {b.failed_migrations ? <span class="state bad"><Sign tone="bad" />{count(b.failed_migrations)} failed</span> : "none failed"}</span>}>
                <dl class="amounts">
                    <Amount name="migrated" digits={b.total_balance_migrated} />
                    <Amount name="kept" digits={b.total_balance_kept} />
                    <Amount name="together" digits={(BigInt(b.total_balance_migrated) + BigInt(b.total_balance_kept)).toString()} />
                </dl>
                <p class="soft">In the smallest unit; every digit is exact.</p>
            </Card>}
            {t && <Card title="Teleports" more={<span class="soft">{t.failed_operations ? <span class="state bad"><Sign tone="bad" />{count(t.failed_operations)} failed</span> : "none failed"}</span>}>
                <dl class="amounts">
                    <Amount name={`minted, ${plural(t.total_mints, "time")}`} digits={t.total_mint_amount} />
                    <Amount name={`burned, ${plural(t.total_burns, "time")}`} digits={t.total_burn_amount} />
                </dl>
            </Card>}
        </>
    );
}

function Errors({ tracked, stages }: { tracked: Tracked; stages: Stage[] }) {
    const sum = (of: number[]) => of.reduce((a, b) => a + b, 0);
    const pallets = tracked.pallet_migration_counters;
    const failed = sum(pallets.map((p) => p.failed_items)), items = sum(pallets.map((p) => p.items_processed)) + failed;
    const lost = sum(tracked.xcm_message_counters.map((x) => x.messages_failed));
    const messages = sum(tracked.xcm_message_counters.map((x) => x.messages_processed)) + lost;
    const figure = (name: string, bad: number, all: number) => (
        <div><dt>{name}</dt><dd class={bad ? "bad" : "good"}><Sign tone={bad ? "bad" : "good"} />{all ? percent(bad, all) : "–"}</dd>
            <dd class="soft">{count(bad)} of {count(all)}</dd></div>
    );
    return (
        <Card title="So far" wide>
            <dl class="figures">
                <div><dt>stages completed</dt><dd>{count(stages.filter((s) => s.status === "completed").length)} <span class="soft">of {count(stages.length)}</span></dd>
                    <dd class="soft">{stages.filter((s) => s.status === "ongoing").map((s) => s.stage_name).join(", ")}</dd></div>
                <div><dt>items processed</dt><dd>{count(items - failed)}</dd></div>
                {figure("items that failed", failed, items)}{figure("messages that failed", lost, messages)}
                <div><dt>errors of stages</dt><dd>{count(sum(tracked.migration_stages.map((s) => s.error_count)))}</dd></div>
                <div><dt>lines rejected</dt><dd>{count(sum(tracked.rejects.map((r) => r.lines)))}</dd></div></dl>
            {tracked.rejects.length > 0 && <ul class="lines">{tracked.rejects.map((r, i) => (
                <li key={i}><Sign tone="warn" /><span>{plural(r.lines, "line")}, the last: {r.source}:{r.line}: {r.reason}</span></li>
            ))}</ul>}
        </Card>
    );
}

const only = (tracked: Tracked, name: string): Tracked => {
    const mine = <T extends { tracker: string }>(list: T[]) => list.filter((x) => x.tracker === name);
    return {
        migration_stages: mine(tracked.migration_stages), xcm_message_counters: mine(tracked.xcm_message_counters),
        balance_migration_counters: mine(tracked.balance_migration_counters), teleportation_counters: mine(tracked.teleportation_counters),
        pallet_migration_counters: mine(tracked.pallet_migration_counters), rejects: mine(tracked.rejects), runs: mine(tracked.runs),
    };
};

export function Tracker(_: Context) {
    const seen = useSeen<Tracked>(paths.trackers, ["tracker", "sync", "migration"]);
    const now = useNow();
    const [chosen, choose] = useState("");
    return (
        <Show seen={seen} what="Trackers">{(all) => {
            const names = [...new Set([...all.migration_stages, ...all.pallet_migration_counters, ...all.xcm_message_counters,
                ...all.balance_migration_counters, ...all.teleportation_counters].map((x) => x.tracker))];
            const runs = [...new Set(all.runs.map((r) => r.tracker))];
            const name = chosen || names[0] || runs[0] || "";
            const tracked = only(all, name);
            const own = tracked.runs.length > 0 && !names.includes(name);
            const stages = own ? tracked.runs : tracked.migration_stages;
            const done = stages.filter((s) => s.status === "completed").length;
            const last = stages.map((s) => s.last_updated).filter(Boolean).sort().pop();
            if (!name) return <><h1>Tracker</h1><Empty title="Nothing is counted here">
                <p>Events of any migration come in with <code>godwit track ingest FILE</code>; Godwit’s own runs are shown by themselves.</p></Empty></>;
            return (
                <>
                    <div class="row"><h1>Tracker <small>{own ? "a run of Godwit's own" : last ? `counted last ${ago(last, now)}` : ""}</small></h1><span class="grow" />
                        <label>Tracker <select value={name} onChange={(e) => choose(e.currentTarget.value)}>
                            {[...names, ...runs.filter((r) => !names.includes(r))].map((n) => <option key={n} value={n}>{n}</option>)}
                        </select></label></div>
                    {!own && <Errors tracked={tracked} stages={stages} />}
                    <Card title="Stages" wide more={<span class="soft">{count(done)} of {count(stages.length)} completed</span>}>
                        {stages.length ? <TimeLine stages={stages} now={now} /> : <Empty title="No stage is known" />}
                    </Card>
                    {own && <Card title="Progress" wide><Table label="Progress" class="list">
                        <thead><tr><th>Stage</th><th class="wide">Progress</th><th class="n">Done</th><th class="n">Total</th></tr></thead>
                        <tbody>{stages.map((s) => <tr key={s.stage_name}><td class="name" data-l="Stage">{s.stage_name}</td>
                            <td class="wide" data-l="Progress"><Bar done={s.done ?? 0} total={s.total ?? 0} label={s.stage_name} tone={s.status === "completed" ? "good" : "busy"} /></td>
                            <td class="n" data-l="Done">{count(s.done)}</td><td class="n" data-l="Total">{count(s.total)}</td></tr>)}</tbody></Table></Card>}
                    <div class="cards">
                        {tracked.pallet_migration_counters.length > 0 && <Card title="Pallets" wide><Pallets of={tracked.pallet_migration_counters} /></Card>}
                        <Money tracked={tracked} />
                        {tracked.xcm_message_counters.length > 0 && <Card title="Messages"><Matrix of={tracked.xcm_message_counters} /></Card>}
                    </div>
                </>
            );
        }}</Show>
    );
}
