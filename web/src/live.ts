// What is shown, kept fresh: by the event stream, and by asking again where there is none.
import { useEffect, useState } from "preact/hooks";
import { ApiError, at, get } from "./api";

const TOPICS = ["migration", "sync", "tracker", "log", "job", "progress", "database"] as const;
export type Topic = (typeof TOPICS)[number];
export type Link = "connecting" | "live" | "polling" | "lost";

export interface Seen<T> {
    data: T | null;
    error: ApiError | null;
    at: number | null; // when data came
}

interface Resource {
    url: string;
    seen: Seen<unknown>;
    topics: Topic[];
    slow: boolean; // costs the server seconds: asked once, and when somebody says so
    users: Set<() => void>;
    asking: boolean;
    again: boolean;
    asked: number;
}

const POLL_MS = 3000, LIVE_POLL_MS = 15000, LEAST_MS = 400;
const resources = new Map<string, Resource>();
const listeners = new Set<() => void>();
const hearers = new Set<(topic: Topic, data: unknown) => void>();
let stream: EventSource | null = null;
let streaming = false, failing = 0, signedOut = false;
let link: Link = "connecting";
let lostAt: number | null = null;

function say(): void {
    const now: Link = failing > 0 ? "lost" : streaming ? "live" : link === "connecting" && !lastAnswer ? "connecting" : "polling";
    if (now === "lost" && link !== "lost") lostAt = Date.now();
    if (now !== "lost") lostAt = null;
    link = now;
    for (const listener of listeners) listener();
}

let lastAnswer = 0;

async function ask(r: Resource): Promise<void> {
    if (r.asking) {
        r.again = true;
        return;
    }
    r.asking = true;
    r.asked = Date.now();
    try {
        r.seen = { data: await get(r.url), error: null, at: Date.now() };
        lastAnswer = Date.now();
        failing = 0;
        signedOut = false;
    } catch (error) {
        const e = error instanceof ApiError ? error : new ApiError(0, {
            kind: "internal", message: String(error), detail: null, hint: null, sqlstate: null, where: null });
        // What was seen stays on the page, with the time that it is of.
        r.seen = { data: r.seen.data, error: e, at: r.seen.at };
        if (e.status === 0) failing++;
        else failing = 0;
        if (e.status === 401) signedOut = true;
    }
    r.asking = false;
    say();
    for (const user of r.users) user();
    if (r.again) {
        r.again = false;
        setTimeout(() => { if (r.users.size) void ask(r); }, LEAST_MS);
    }
}

/** An event says that something has changed; what, the document says. */
function hear(topic: Topic, text: string): void {
    let data: unknown = null;
    try {
        data = JSON.parse(text);
    } catch {
        data = text;
    }
    for (const hearer of hearers) hearer(topic, data);
    if (topic === "database") askAll();
    else touch(topic);
}

export function touch(topic: Topic): void {
    for (const r of resources.values()) {
        if (!r.users.size || r.slow || !r.topics.includes(topic)) continue;
        if (Date.now() - r.asked < LEAST_MS) {
            if (r.asking) r.again = true;
            else if (!r.again) {
                r.again = true;
                setTimeout(() => { r.again = false; void ask(r); }, LEAST_MS);
            }
        } else void ask(r);
    }
}

function askAll(): void {
    for (const r of resources.values()) if (r.users.size && !r.slow) void ask(r);
}

function open(): void {
    stream?.close();
    stream = new EventSource(at("events"));
    stream.onopen = () => {
        streaming = true;
        failing = 0;
        say();
        // What happened while nobody listened.
        askAll();
    };
    stream.onerror = () => {
        streaming = false;
        say();
        if (stream?.readyState === EventSource.CLOSED && !signedOut) setTimeout(open, 5000);
    };
    for (const topic of TOPICS)
        stream.addEventListener(topic, (event) => hear(topic, (event as MessageEvent<string>).data));
    // More than the server keeps has been missed: everything is asked for again.
    for (const gap of ["lost", "reset"]) stream.addEventListener(gap, askAll);
}

export function start(): void {
    open();
    setInterval(() => {
        if (document.hidden || signedOut) return;
        const every = streaming ? LIVE_POLL_MS : POLL_MS;
        for (const r of resources.values())
            if (r.users.size && !r.slow && !r.asking && Date.now() - r.asked >= every) void ask(r);
    }, 1000);
    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) askAll();
    });
}

/** A document, and a way to ask for it anew. url null: nothing is asked. */
export function useSeen<T>(url: string | null, topics: Topic[] = [], slow = false): Seen<T> & { refresh: () => void; asking: boolean } {
    const [, draw] = useState(0);
    useEffect(() => {
        if (!url) return;
        let r = resources.get(url);
        if (!r) {
            r = { url, seen: { data: null, error: null, at: null }, topics, slow, users: new Set(), asking: false, again: false, asked: 0 };
            resources.set(url, r);
        }
        const user = () => draw((n) => n + 1);
        r.users.add(user);
        if (!slow || r.seen.at === null) void ask(r);
        return () => { r.users.delete(user); };
    }, [url]);
    const r = url ? resources.get(url) : undefined;
    return {
        ...((r?.seen ?? { data: null, error: null, at: null }) as Seen<T>),
        asking: r?.asking ?? false,
        refresh: () => { if (r) { void ask(r); draw((n) => n + 1); } },
    };
}

export function useLink(): { link: Link; since: number | null; signedOut: boolean } {
    const [, draw] = useState(0);
    useEffect(() => {
        const listener = () => draw((n) => n + 1);
        listeners.add(listener);
        return () => { listeners.delete(listener); };
    }, []);
    return { link, since: lostAt, signedOut };
}

export function useEvents(hearer: (topic: Topic, data: unknown) => void): void {
    useEffect(() => {
        hearers.add(hearer);
        return () => { hearers.delete(hearer); };
    }, []);
}

/** The time, once a second, for ages and what is left. */
export function useNow(): number {
    const [now, set] = useState(Date.now());
    useEffect(() => {
        const timer = setInterval(() => set(Date.now()), 1000);
        return () => clearInterval(timer);
    }, []);
    return now;
}
