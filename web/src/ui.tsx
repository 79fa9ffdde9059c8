// Pieces that all pages are made of. A state is a sign, a word and a colour, never a colour alone.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError } from "./api";
import { time } from "./format";
import type { Seen } from "./live";
import type { Failure } from "./types";

export type Tone = "good" | "bad" | "warn" | "busy" | "idle";

const signs: Record<Tone, ComponentChildren> = {
    good: <path d="M3 8.5l3.2 3.2L13 5" />,
    bad: <path d="M4 4l8 8M12 4l-8 8" />,
    warn: <path d="M8 2.5L14.5 13.5H1.5zM8 6.5v3.2M8 11.6v.2" />,
    busy: <path d="M8 2a6 6 0 1 1-6 6M8 5v3l2.2 1.6" />,
    idle: <circle cx="8" cy="8" r="4.6" />,
};
const pauseSign = <path d="M5.5 3.5v9M10.5 3.5v9" />;

const states: Record<string, [Tone, string]> = {
    applied: ["good", "applied"],
    pending: ["idle", "pending"],
    modified: ["warn", "modified"],
    missing: ["warn", "missing"],
    failed: ["bad", "failed"],
    out_of_order: ["warn", "out of order"],
    skipped: ["idle", "skipped"],
    running: ["busy", "running"],
    ongoing: ["busy", "ongoing"],
    completed: ["good", "completed"],
    paused: ["warn", "paused"],
    pausing: ["warn", "pausing"],
    cancelling: ["warn", "cancelling"],
    abandoned: ["bad", "abandoned"],
    waiting: ["idle", "waiting"],
    ok: ["good", "ok"],
    error: ["bad", "error"],
    warning: ["warn", "warning"],
    info: ["idle", "info"],
    note: ["idle", "note"],
    warn: ["warn", "warning"],
    debug: ["idle", "debug"],
};

export function Sign({ tone, paused }: { tone: Tone; paused?: boolean }) {
    return <svg class={`sign ${tone}`} viewBox="0 0 16 16" aria-hidden="true">{paused ? pauseSign : signs[tone]}</svg>;
}

export function State({ of, word }: { of: string; word?: string }) {
    const [tone, said] = states[of] ?? ["idle", of];
    return <span class={`state ${tone}`}><Sign tone={tone} paused={of === "paused"} />{word ?? said}</span>;
}

export function Bar({ done, total, bad = 0, label, tone = "busy" }: { done: number; total: number; bad?: number; label: string; tone?: Tone }) {
    const whole = Math.max(total, done, 1);
    return (
        <div class={`bar ${tone}`} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={whole} aria-valuenow={done}>
            <i class="done" style={{ width: `${((done - bad) / whole) * 100}%` }} />
            <i class="off" style={{ width: `${(bad / whole) * 100}%` }} />
        </div>
    );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
    return <div class="empty"><strong>{title}</strong>{children && <div>{children}</div>}</div>;
}

export function FailureBox({ failure, title }: { failure: Partial<Failure> & { message?: string }; title?: string }) {
    return (
        <div class="failure" role="alert">
            <Sign tone="bad" />
            <div>
                <strong>{title ? `${title}: ` : ""}{failure.message}</strong>
                {failure.detail && <p>{failure.detail}</p>}
                {failure.hint && <p>Hint: {failure.hint}</p>}
                {failure.where && <p><code>{failure.where}</code></p>}
                {failure.sqlstate && <p class="soft">SQLSTATE {failure.sqlstate}</p>}
            </div>
        </div>
    );
}

/** The document, or what stands in its place: it is on its way, it did not come. Old data stays, with its age. */
export function Show<T>({ seen, what, children }: { seen: Seen<T>; what: string; children: (data: T) => ComponentChildren }) {
    if (seen.data === null) {
        if (seen.error) return <FailureBox failure={seen.error.failure} title={`${what} cannot be shown`} />;
        return <div class="wait" role="status">Reading {what.toLowerCase()} …</div>;
    }
    return (
        <>
            {seen.error && seen.error.status !== 0 && seen.at !== null && (
                <FailureBox failure={seen.error.failure} title={`As of ${time(seen.at)} UTC`} />
            )}
            {children(seen.data)}
        </>
    );
}

export function Card({ title, more, children, wide }: { title: string; more?: ComponentChildren; children: ComponentChildren; wide?: boolean }) {
    const id = useId();
    return (
        <section class={wide ? "card wide" : "card"} aria-labelledby={id}>
            <header><h2 id={id}>{title}</h2>{more}</header>
            {children}
        </section>
    );
}

/** A table that scrolls by itself where it does not fit, also by keys. */
export function Table({ label, children, class: name = "" }: { label: string; children: ComponentChildren; class?: string }) {
    return (
        <div class="scroll" tabIndex={0} role="region" aria-label={`${label}, table`}>
            <table class={name}>{children}</table>
        </div>
    );
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
    return <div class="fact"><dt>{name}</dt><dd>{children}</dd></div>;
}

const WORDS = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|\b(ADD|ALTER|AND|AS|BEGIN|BY|CASCADE|CHECK|COLUMN|COMMENT|COMMIT|CONCURRENTLY|CONSTRAINT|CREATE|DEFAULT|DELETE|DO|DROP|ELSE|END|EXISTS|FOREIGN|FROM|FUNCTION|GRANT|IF|IN|INDEX|INSERT|INTO|IS|KEY|LANGUAGE|NOT|NULL|ON|OR|PRIMARY|REFERENCES|REPLACE|RETURNS|REVOKE|SCHEMA|SELECT|SET|TABLE|THEN|TO|TRIGGER|TYPE|UNIQUE|UPDATE|USING|VALID|VALIDATE|VALUES|VIEW|WHEN|WHERE|WITH)\b/gi;

export function Sql({ text }: { text: string }) {
    const parts: ComponentChildren[] = [];
    let last = 0;
    for (const m of text.matchAll(WORDS)) {
        parts.push(text.slice(last, m.index));
        parts.push(<span class={m[1] ? "c" : m[2] ? "s" : "k"}>{m[0]}</span>);
        last = m.index + m[0].length;
    }
    parts.push(text.slice(last));
    return <pre class="sql" tabIndex={0} aria-label="SQL"><code>{parts}</code></pre>;
}

/** Something asked before it is done; on a protected environment its name has to be typed. */
export function Ask({ title, verb, danger, protectedName, children, act, close }: {
    title: string; verb: string; danger?: boolean; protectedName?: string | null; children: ComponentChildren;
    act: (typed: string) => Promise<void>; close: () => void;
}) {
    const dialog = useRef<HTMLDialogElement>(null);
    const [typed, type] = useState("");
    const [busy, setBusy] = useState(false);
    const [failure, fail] = useState<Failure | null>(null);
    const id = useId();
    useEffect(() => { dialog.current?.showModal(); }, []);
    const may = !busy && (!protectedName || typed === protectedName);
    const submit = async (event: Event) => {
        event.preventDefault();
        if (!may) return;
        setBusy(true);
        fail(null);
        try {
            await act(typed);
            close();
        } catch (error) {
            fail(error instanceof ApiError ? error.failure
                : { kind: "internal", message: String(error), detail: null, hint: null, sqlstate: null, where: null });
            setBusy(false);
        }
    };
    return (
        <dialog ref={dialog} aria-labelledby={id} onClose={close}>
            <form onSubmit={submit}>
                <h2 id={id}>{title}</h2>
                {children}
                {protectedName && (
                    <label class="field">This environment is protected. Type its name, <b>{protectedName}</b>:
                        <input value={typed} onInput={(e) => type(e.currentTarget.value)} autocomplete="off" spellcheck={false} />
                    </label>
                )}
                {failure && <FailureBox failure={failure} />}
                <div class="buttons">
                    <button type="button" onClick={close}>Leave it</button>
                    <button type="submit" class={danger ? "danger" : "primary"} disabled={!may}>{busy ? "Working …" : verb}</button>
                </div>
            </form>
        </dialog>
    );
}

export function Tabs({ label, items, now, choose }: { label: string; items: [string, string][]; now: string; choose: (key: string) => void }) {
    const keys = (event: KeyboardEvent) => {
        const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
        if (!step) return;
        const at = items.findIndex(([key]) => key === now);
        const next = items[(at + step + items.length) % items.length];
        choose(next[0]);
        ((event.currentTarget as HTMLElement).querySelector(`[data-key="${next[0]}"]`) as HTMLElement | null)?.focus();
        event.preventDefault();
    };
    return (
        <div class="tabs" role="tablist" aria-label={label} onKeyDown={keys}>
            {items.map(([key, word]) => (
                <button key={key} type="button" role="tab" data-key={key} aria-selected={key === now} tabIndex={key === now ? 0 : -1}
                    onClick={() => choose(key)}>{word}</button>
            ))}
        </div>
    );
}
