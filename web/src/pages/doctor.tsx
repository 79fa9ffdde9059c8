import { useState } from "preact/hooks";
import { ApiError, at, get, paths, post } from "../api";
import type { Context } from "../app";
import { ago, count, duration, plural, time } from "../format";
import { useJob } from "../job";
import { useNow, useSeen } from "../live";
import type { Diagnosis, Failure, Finding, Job } from "../types";
import { Ask, Card, Empty, FailureBox, Show, Sign, Sql, State, Table } from "../ui";

const words: Record<Finding["severity"], [string, string]> = { error: ["error", "errors"], warning: ["warning", "warnings"], note: ["note", "notes"] };

/** Findings of one check and one severity stand together, as in the terminal. */
function together(findings: Finding[]): Finding[][] {
    const groups: Finding[][] = [];
    for (const f of findings) {
        const last = groups.at(-1)?.[0];
        if (last && last.id === f.id && last.severity === f.severity) groups.at(-1)?.push(f);
        else groups.push([f]);
    }
    return groups;
}

function Group({ list, fix }: { list: Finding[]; fix: ((id: string) => void) | null }) {
    const [first] = list;
    return (
        <Card title={first.title} wide more={<span class="row"><State of={first.severity} word={words[first.severity][0]} /><code class="badge">{first.id}</code>
            {fix && list.some((f) => f.safe) && <button type="button" aria-label={`Put right: ${first.id}`} onClick={() => fix(first.id)}>Put right …</button>}</span>}>
            <p>{first.advice}</p>
            <ul class="findings">{list.map((f) => (
                <li key={f.object + f.evidence}>
                    <p><b class="break">{f.object}</b> <span class="said">{f.evidence}</span></p>
                    {f.sql && <Sql text={`${f.sql};`} />}
                </li>
            ))}</ul>
        </Card>
    );
}

function Fixing({ job, setJob, done, close }: { job: Job; setJob: (job: Job) => void; done: () => void; close: () => void }) {
    useJob(job, (now) => { setJob(now); if (job.state === "running" && now.state !== "running") done(); });
    const state = { running: "running", done: "completed", failed: "failed", stopped: "paused" } as const;
    const fixed = (job.result as Diagnosis | null)?.fixed ?? [];
    return (
        <Card title="Putting right" wide more={<span class="row"><State of={state[job.state]} word={job.state === "stopped" ? "stopped" : undefined} />
            {job.state !== "running" && <button type="button" class="quiet" onClick={close}>Close</button>}</span>}>
            {job.state === "running" && <p class="soft">Its statements run one after the other, beside no migration. Readers and writers are not blocked.</p>}
            {job.state === "done" && (fixed.length === 0 ? <p>There was nothing left to put right.</p>
                : <ul class="findings">{fixed.map((f) => <li key={f.sql}><p class="state good"><Sign tone="good" /><span class="wrap">{f.object}, in {duration(f.duration_ms)}</span></p><Sql text={`${f.sql};`} /></li>)}</ul>)}
            {job.error && <FailureBox failure={job.error} />}
        </Card>
    );
}

function Unseen({ seen }: { seen: Diagnosis["unseen"] }) {
    return (
        <Card title="What could not be seen" wide>
            <p class="soft">Where a role may not look, nothing is found: these checks do not say that all is well.</p>
            <Table label="What could not be seen" class="list">
                <thead><tr><th>Check</th><th>Seen</th><th>Why</th></tr></thead>
                <tbody>{seen.map((u) => (
                    <tr key={u.id + u.why}><th scope="row" data-l="Check"><code>{u.id}</code></th><td data-l="Seen"><State of={u.partly ? "warning" : "waiting"} word={u.partly ? "some" : "nothing"} /></td><td data-l="Why">{u.why}</td></tr>
                ))}</tbody>
            </Table>
        </Card>
    );
}

export function Doctor({ who, operator, has }: Context) {
    const seen = useSeen<Diagnosis>(paths.doctor, [], true);
    const now = useNow();
    const [looking, look] = useState(false);
    const [trouble, fail] = useState<Failure | null>(null);
    const [wish, want] = useState<string | null>(null);
    const [job, setJob] = useState<Job | null>(null);
    const again = async () => {
        look(true);
        fail(null);
        try {
            await get(at("doctor", {}, { refresh: "true" }));
        } catch (error) {
            if (error instanceof ApiError) fail(error.failure);
        }
        seen.refresh();
        look(false);
    };
    const act = async (typed: string) => setJob(await post<Job>(paths.doctorFix, { fix: wish, ...(who.protected ? { protected: typed } : {}) }));
    const may = operator && has("doctorFix") && job?.state !== "running" ? want : null;
    return (
        <>
            <div class="row"><h1>Doctor <small>database and server, as an expert would look at them</small></h1><span class="grow" />
                {seen.data && <span class="soft" title={`${time(seen.data.at)} UTC`}>looked {ago(seen.data.at, now)}</span>}
                <button type="button" onClick={() => void again()} disabled={looking || seen.asking}>{looking ? "Looking …" : "Look again"}</button></div>
            {trouble && <FailureBox failure={trouble} title="It could not look again" />}
            {job && <Fixing key={job.job} job={job} setJob={setJob} done={() => seen.refresh()} close={() => setJob(null)} />}
            {wish && <Ask title={`Put right what ${wish} has found?`} verb="Put right" protectedName={who.protected} act={act} close={() => want(null)}>
                <p>The statements that are shown run now, under the run lock. They lose nothing, block neither readers nor writers, and make nothing that a migration would have to know of.</p></Ask>}
            <Show seen={seen} what="What the doctor finds">{(d) => {
                const of = (severity: Finding["severity"]) => d.findings.filter((f) => f.severity === severity).length;
                return (
                    <>
                        <Card title={`${plural(d.checks, "check")} made`} wide>
                            <dl class="figures">{(["error", "warning", "note"] as const).map((s) => (
                                <div key={s}><dt>{words[s][1]}</dt><dd class={of(s) === 0 ? "" : s === "error" ? "bad" : s === "warning" ? "warn" : ""}>{count(of(s))}</dd></div>
                            ))}<div><dt>not, or not all, seen</dt><dd>{count(d.unseen.length)}</dd></div></dl>
                        </Card>
                        {d.findings.length === 0 ? <Empty title="Nothing is wrong"><p>{d.unseen.length ? "As far as could be seen." : "All checks were made."}</p></Empty>
                            : together(d.findings).map((list) => <Group key={list[0].id + list[0].severity} list={list} fix={may} />)}
                        {d.unseen.length > 0 && <Unseen seen={d.unseen} />}
                    </>
                );
            }}</Show>
        </>
    );
}
