import { useState } from "preact/hooks";
import { paths, post } from "../api";
import type { Context } from "../app";
import { ago, bytes, count, duration, plural, time } from "../format";
import { useJob } from "../job";
import { touch, useNow, useSeen } from "../live";
import type { Backup, Job, Progress, Verified } from "../types";
import { Ask, Bar, Card, Empty, FailureBox, Show, Sign, State, Table } from "../ui";

/** A backup counts once it has been restored. */
function Proof({ b, now }: { b: Backup; now: number }) {
    if (b.trouble) return <span class="state bad"><Sign tone="bad" /><span class="wrap">{b.trouble}</span></span>;
    if (!b.verified_at) return <span class="state warn"><Sign tone="warn" />never</span>;
    return <span title={`${time(b.verified_at)} UTC`}><State of="ok" word={ago(b.verified_at, now)} />
        <span class="soft"> restored in {duration(b.restore_ms)}</span></span>;
}

function Verifying({ job, setJob, close }: { job: Job; setJob: (job: Job) => void; close: () => void }) {
    const [at, see] = useState<Progress | null>(null);
    useJob(job, (now) => { setJob(now); if (now.state !== "running") touch("job"); }, see);
    const words = { running: "running", done: "completed", failed: "failed", stopped: "paused" } as const;
    const result = job.result as Verified | null;
    return (
        <Card title="Verifying" wide more={<><State of={words[job.state]} word={job.state === "stopped" ? "stopped" : undefined} />
            {job.state !== "running" && <button type="button" class="quiet" onClick={close}>Close</button>}</>}>
            {job.state === "running" && <>
                <p class="soft">It is restored into a temporary database of the environment's server and compared with what it was.</p>
                {at && at.total > 0 && <Bar done={at.done} total={at.total} label="bytes restored" />}</>}
            {job.state === "done" && result && (result.equal
                ? <p class="state good"><Sign tone="good" /><span class="wrap">{result.id} restores: {plural(result.tables, "table")}, {plural(result.rows, "row")},
                    schema and counts as in its manifest; a restore takes {duration(result.restore_ms)}</span></p>
                : <FailureBox failure={{ message: `${result.id} does not restore to what it was`, detail: result.different }} />)}
            {job.error && <FailureBox failure={job.error} />}
        </Card>
    );
}

function List({ list, now, verify }: { list: Backup[]; now: number; verify: ((b: Backup) => void) | null }) {
    const readable = list.filter((b) => !b.trouble), newest = readable[0];
    const proven = readable.find((b) => b.verified_at);
    return (
        <>
            <Card title="The newest">
                {!newest ? <Empty title="None of them can be read" /> : <dl class="figures">
                    <div><dt>taken</dt><dd title={`${time(newest.created_at)} UTC`}>{ago(newest.created_at, now)}</dd></div>
                    <div><dt>size</dt><dd>{bytes(newest.bytes)}</dd></div>
                    <div><dt>all together</dt><dd>{bytes(list.reduce((sum, b) => sum + b.bytes, 0))}</dd></div>
                    <div><dt>newest that was verified</dt><dd class={proven ? "" : "bad"}>{proven ? ago(proven.created_at, now) : "none"}</dd></div>
                </dl>}
            </Card>
            <Card title={plural(list.length, "backup")} wide>
                <Table label="Backups" class="list">
                    <thead><tr><th>Backup</th><th>Age</th><th class="n">Size</th><th>Of</th><th>At version</th><th>Encrypted</th><th>Verified</th>{verify && <th><span class="unseen">Actions</span></th>}</tr></thead>
                    <tbody>{list.map((b) => (
                        <tr key={b.path}>
                            <th scope="row" data-l="Backup"><code class="break">{b.id}</code></th>
                            <td class="nowrap" data-l="Age" title={b.created_at ? `${time(b.created_at)} UTC` : ""}>{ago(b.created_at, now)}</td>
                            <td class="n nowrap" data-l="Size" title={`${count(b.bytes)} bytes`}>{bytes(b.bytes)}</td>
                            <td data-l="Of">{b.environment ? `${b.environment}${b.database ? `, ${b.database}` : ""}${b.contents && b.contents !== "all" ? ` (${b.contents})` : ""}` : "–"}</td>
                            <td data-l="At version">{b.migration_version ? <code>{b.migration_version}</code> : "–"}</td>
                            <td data-l="Encrypted">{b.encryption ? b.encryption === "none" ? "no" : b.encryption : "–"}</td>
                            <td data-l="Verified"><Proof b={b} now={now} /></td>
                            {verify && <td class="nowrap">{!b.trouble && <button type="button" aria-label={`Verify ${b.id}`} onClick={() => verify(b)}>Verify …</button>}</td>}
                        </tr>
                    ))}</tbody>
                </Table>
            </Card>
        </>
    );
}

export function Backups({ who, operator, has }: Context) {
    const seen = useSeen<{ backups: Backup[] }>(paths.backups, ["migration", "job"]);
    const now = useNow();
    const [wish, want] = useState<Backup | null>(null);
    const [job, setJob] = useState<Job | null>(null);
    const act = async (typed: string) => {
        const body: Record<string, unknown> = { id: wish?.id };
        if (who.protected) body.protected = typed;
        setJob(await post<Job>(paths.verify, body));
    };
    return (
        <>
            <h1>Backups</h1>
            {job && <Verifying key={job.job} job={job} setJob={setJob} close={() => setJob(null)} />}
            {wish && <Ask title={`Verify ${wish.id}?`} verb="Verify" protectedName={who.protected} act={act} close={() => want(null)}>
                <p>It is restored into a temporary database on the environment's server, compared, and that database is dropped. The server has the work of a restore.</p></Ask>}
            <Show seen={seen} what="Backups">{({ backups }) => backups.length === 0
                ? <Empty title="There are no backups yet"><p><code>godwit backup</code> makes one; <code>backup: {"{ before: up }"}</code> makes one before each run.</p></Empty>
                : <List list={backups} now={now} verify={operator && has("verify") && job?.state !== "running" ? want : null} />}</Show>
        </>
    );
}
