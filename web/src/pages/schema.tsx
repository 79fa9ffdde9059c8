import { useEffect, useMemo, useState } from "preact/hooks";
import { paths } from "../api";
import type { Context } from "../app";
import { count, plural } from "../format";
import { useSeen } from "../live";
import { Picture } from "../picture";
import { href, usePlace } from "../router";
import type { Schema as Document, SchemaObject, Verification } from "../types";
import { Card, Empty, Show, Sign, Sql, State, Table, Tabs } from "../ui";

const PARTS = new Set(["column", "default", "constraint", "index", "domain constraint", "trigger", "policy", "comment", "grant", "rule"]);
const HIDDEN = new Set(["kind", "identity", "name", "schema", "parent"]);
const MOST = 400;

const DRAWN = ["table", "view", "materialized view"];
const truth = (v: string | undefined) => v === "t";

function TableView({ table, parts }: { table: SchemaObject; parts: SchemaObject[] }) {
    const of = (kind: string) => parts.filter((p) => p.kind === kind);
    const defaults = new Map(of("default").map((d) => [d.name, d.expression]));
    const columns = of("column"), constraints = of("constraint"), indexes = of("index");
    const rest = parts.filter((p) => !["column", "default", "constraint", "index"].includes(p.kind));
    return (
        <>
            {columns.length > 0 && <Card title="Columns" wide><Table label={`Columns of ${table.identity}`} class="list">
                <thead><tr><th>Name</th><th>Type</th><th>Null</th><th>Default</th></tr></thead>
                <tbody>{columns.map((c) => (
                    <tr key={c.name}><th scope="row"><code>{c.name}</code></th><td>{c.type}</td><td>{truth(c.not_null) ? "not null" : <span class="soft">null</span>}</td>
                        <td>{(defaults.get(c.name) ?? c.generated ?? c.identity_kind) ? <code class="break">{defaults.get(c.name) ?? c.generated ?? c.identity_kind}</code> : ""}</td></tr>
                ))}</tbody></Table></Card>}
            {constraints.length > 0 && <Card title="Constraints" wide><ul class="definitions">{constraints.map((c) => (
                <li key={c.name}><code>{c.name}</code><Sql text={c.definition ?? ""} />{c.validated === "f" && <span class="state warn"><Sign tone="warn" />not validated</span>}</li>
            ))}</ul></Card>}
            {indexes.length > 0 && <Card title="Indexes" wide><ul class="definitions">{indexes.map((i) => (
                <li key={i.name}><Sql text={i.definition ?? ""} />{i.valid === "f" && <span class="state bad"><Sign tone="bad" />not valid</span>}</li>
            ))}</ul></Card>}
            {rest.map((p) => <Card key={p.kind + p.identity} title={`${p.kind} ${p.name}`} wide><Attributes of={p} /></Card>)}
        </>
    );
}

function Attributes({ of }: { of: SchemaObject }) {
    const list = Object.entries(of).filter(([k, v]) => !HIDDEN.has(k) && v !== undefined && v !== null);
    return <dl class="facts">{list.map(([k, v]) => <div class="fact" key={k}><dt>{k.replace(/_/g, " ")}</dt>
        <dd>{String(v).includes("\n") || k === "definition" ? <Sql text={String(v)} /> : <code class="break">{v === "t" ? "yes" : v === "f" ? "no" : String(v)}</code>}</dd></div>)}</dl>;
}

/** Of everything that a picture may show, what it is. */
const kindsOf = (schema: Document) => new Map(schema.objects.filter((o) => DRAWN.includes(o.kind)).map((o) => [o.identity, o.kind]));

function Pictures({ schema }: { schema: Document }) {
    const kinds = useMemo(() => kindsOf(schema), [schema]);
    const schemas = useMemo(() => [...new Set(schema.objects.filter((o) => DRAWN.includes(o.kind)).map((o) => o.schema ?? ""))], [schema]);
    const [chosen, choose] = useState<string | null>(null);
    const now = chosen ?? (schemas.includes("public") ? "public" : schemas[0]);
    if (!schemas.length) return <Empty title="There are no tables to draw yet" />;
    return (
        <>
            {schemas.length > 1 && <label class="field">Schema <select value={now} onChange={(e) => choose(e.currentTarget.value)}>
                {schemas.map((s) => <option key={s} value={s}>{s}</option>)}</select></label>}
            <Picture key={now} schema={now} kinds={kinds} />
        </>
    );
}

function Objects({ schema, drawn }: { schema: Document; drawn: boolean }) {
    const { rest } = usePlace();
    const drawable = useMemo(() => kindsOf(schema), [schema]);
    const [text, search] = useState("");
    const parts = useMemo(() => {
        const found = new Map<string, SchemaObject[]>();
        for (const o of schema.objects) if (o.parent) found.set(o.parent, [...(found.get(o.parent) ?? []), o]);
        return found;
    }, [schema]);
    const top = useMemo(() => schema.objects.filter((o) => !(o.parent && PARTS.has(o.kind))), [schema]);
    const word = text.toLowerCase();
    const found = top.filter((o) => !word || o.identity.toLowerCase().includes(word) || o.kind.includes(word) ||
        (parts.get(o.identity) ?? []).some((p) => p.name.toLowerCase().includes(word)));
    const kinds = [...new Set(found.map((o) => o.kind))].sort((a, b) => Number(b === "table") - Number(a === "table"));
    const chosen = rest.length > 1 ? top.find((o) => o.kind === rest[0] && o.identity === rest[1]) : undefined;
    if (!schema.objects.length) return <Empty title="The database has no schema of its own yet" />;
    return (
        <div class={chosen ? "split chosen" : "split"}>
            <div class="side">
                <label class="field">Search tables, columns, anything <input type="search" value={text} onInput={(e) => search(e.currentTarget.value)} /></label>
                {found.length === 0 && <Empty title="Nothing is called like that" />}
                {kinds.map((kind) => {
                    const list = found.filter((o) => o.kind === kind);
                    return (
                        <details key={kind} open={kind === "table" || !!word || kinds.length < 4}>
                            <summary>{plural(list.length, kind, /[sxy]$/.test(kind) ? `${kind}` : `${kind}s`)}</summary>
                            <ul class="objects">{list.slice(0, MOST).map((o) => (
                                <li key={o.identity}><a href={href("schema", o.kind, o.identity)} aria-current={o === chosen ? "true" : undefined}>{o.identity}</a></li>
                            ))}{list.length > MOST && <li class="soft">and {count(list.length - MOST)} more: search</li>}</ul>
                        </details>
                    );
                })}
            </div>
            <div class="detail">
                {chosen ? <>
                    <p class="back"><a href={href("schema")}>All objects</a></p>
                    <h2>{chosen.kind} <code>{chosen.identity}</code></h2>
                    {parts.get(chosen.identity) ? <TableView table={chosen} parts={parts.get(chosen.identity) as SchemaObject[]} /> : <Card title="Attributes" wide><Attributes of={chosen} /></Card>}
                    {drawn && DRAWN.includes(chosen.kind) && <Card title="What it refers to, and what refers to it" wide>
                        <Picture key={chosen.identity} table={chosen.identity} kinds={drawable} /></Card>}
                </> : <Empty title="Choose an object"><p>{plural(top.length, "object")} in PostgreSQL {schema.server_version}.</p></Empty>}
            </div>
        </div>
    );
}

function Drift() {
    const seen = useSeen<Verification>(paths.drift, [], true);
    return (
        <>
            <div class="row"><p class="soft">The live schema against what the applied migrations make in a shadow.</p><span class="grow" />
                <button type="button" disabled={seen.asking} onClick={seen.refresh}>{seen.asking ? "Comparing …" : "Compare again"}</button></div>
            <Show seen={seen} what="Drift">{(v) => {
                const d = v.drift;
                return (
                    <>
                        {v.findings.map((f) => <p key={f.kind + f.version}><State of={f.kind} word={f.kind.replace(/[-_]/g, " ")} /> <code>{f.version}</code> {f.name}</p>)}
                        {!d ? null : !d.compared ? <Empty title="It could not be compared"><p>{d.reason}</p></Empty>
                            : d.equal ? <Empty title="No drift"><p>The database has what its {plural(v.checked, "migration")} make, and nothing else.</p></Empty>
                            : <>
                                <p class="state bad"><Sign tone="bad" />{plural(d.changes.length, "difference")}</p>
                                <ul class="changes">{d.changes.map((c, i) => <li key={i}><span class={`act ${c.action}`}>{c.action}</span> {c.kind} <code>{c.object}</code>{c.details?.length ? ` (${c.details.join(", ")})` : ""}</li>)}</ul>
                                <Card title="From the migrations to this database" wide><Diff sign="+" list={d.migrations_to_database} /></Card>
                                <Card title="From this database back to the migrations" wide><Diff sign="−" list={d.database_to_migrations} /></Card>
                            </>}
                    </>
                );
            }}</Show>
        </>
    );
}

function Diff({ sign, list }: { sign: string; list: string[] }) {
    if (!list.length) return <p class="soft">Nothing.</p>;
    return <div class={`diff ${sign === "+" ? "plus" : "minus"}`}>{list.map((s, i) => <div key={i}><span aria-hidden="true">{sign}</span><Sql text={s} /></div>)}</div>;
}

export function Schema({ has }: Context) {
    const seen = useSeen<Document>(paths.schema, [], true);
    const [tab, choose] = useState("objects");
    const { rest } = usePlace();
    // A table of the picture leads to the table.
    useEffect(() => { if (rest.length > 1) choose("objects"); }, [rest.join("/")]);
    const tabs: [string, string][] = [["objects", "Objects"]];
    if (has("picture")) tabs.push(["picture", "Picture"]);
    if (has("drift")) tabs.push(["drift", "Drift"]);
    return (
        <>
            <div class="row"><h1>Schema</h1><span class="grow" /><button type="button" disabled={seen.asking} onClick={seen.refresh}>{seen.asking ? "Reading …" : "Read again"}</button></div>
            <Tabs label="Views" items={tabs} now={tab} choose={choose} />
            <div role="tabpanel" class="panel">
                {tab === "objects" && <Show seen={seen} what="The schema">{(schema) => <Objects schema={schema} drawn={has("picture")} />}</Show>}
                {tab === "picture" && <Show seen={seen} what="The schema">{(schema) => <Pictures schema={schema} />}</Show>}
                {tab === "drift" && <Drift />}
            </div>
        </>
    );
}
