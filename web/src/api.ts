// How the server is asked: nothing else in this folder knows a path. Which of them there are is read from the
// server's own OpenAPI document, so that a page whose data nobody serves is left out.
import type { Failure, Who } from "./types";

export const paths = {
    document: "/api/v1/openapi.json",
    session: "/api/v1/session",
    events: "/api/v1/events",
    health: "/health/ready",
    status: "/api/v1/status",
    migration: "/api/v1/migration",
    plan: "/api/v1/plan",
    history: "/api/v1/history",
    drift: "/api/v1/drift",
    schema: "/api/v1/schema",
    picture: "/api/v1/schema.svg",
    up: "/api/v1/up",
    down: "/api/v1/down",
    job: "/api/v1/jobs/{job}",
    jobStop: "/api/v1/jobs/{job}/stop",
    syncSessions: "/api/v1/sync/sessions",
    syncSession: "/api/v1/sync/sessions/{session}",
    logs: "/api/v1/sync/logs",
    rejects: "/api/v1/sync/rejects",
    retry: "/api/v1/sync/rejects/retry",
    run: "/api/v1/sync/run",
    pause: "/api/v1/sync/pause",
    resume: "/api/v1/sync/resume",
    cancel: "/api/v1/sync/cancel",
    mappings: "/api/v1/sync/mappings",
    backups: "/api/v1/backups",
    verify: "/api/v1/backups/verify",
    trackers: "/api/v1/trackers",
    environments: "/api/v1/environments",
    doctor: "/api/v1/doctor",
    doctorFix: "/api/v1/doctor/fix",
    maintain: "/api/v1/maintain",
    trend: "/api/v1/trend",
    logout: "/api/v1/logout",
} as const;

export type Path = keyof typeof paths;

export function at(path: Path, parts: Record<string, string> = {}, query: Record<string, string | number> = {}): string {
    const text = paths[path].replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? ""));
    const words = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)])).toString();
    return words ? `${text}?${words}` : text;
}

/** status 0: nobody answered. */
export class ApiError extends Error {
    constructor(readonly status: number, readonly failure: Failure, readonly body: unknown = null) {
        super(failure.message);
    }
}

const nobody = (message: string): Failure =>
    ({ kind: "connection", message, detail: null, hint: null, sqlstate: null, where: null });

async function answer(response: Response): Promise<unknown> {
    const text = await response.text();
    if (!(response.headers.get("content-type") ?? "").includes("json")) {
        if (response.ok) return text;
        throw new ApiError(response.status, { ...nobody(text.slice(0, 300) || response.statusText), kind: "http" });
    }
    const body = JSON.parse(text) as { error?: Failure };
    // An unhealthy server answers 503 with the document all the same.
    if (!response.ok && body.error) throw new ApiError(response.status, body.error, body);
    return body;
}

async function send(url: string, init: RequestInit): Promise<unknown> {
    let response: Response;
    try {
        response = await fetch(url, { credentials: "same-origin", cache: "no-store", ...init });
    } catch {
        throw new ApiError(0, nobody("the server does not answer"));
    }
    return answer(response);
}

export const get = <T>(url: string, signal?: AbortSignal) => send(url, { signal }) as Promise<T>;

/** An action: with it goes what only our own page can know. */
export async function post<T>(url: string, body: object = {}): Promise<T> {
    const { csrf } = await get<Who>(paths.session);
    return send(url, {
        method: "POST",
        headers: { "content-type": "application/json", "x-godwit-csrf": csrf },
        body: JSON.stringify(body),
    }) as Promise<T>;
}
