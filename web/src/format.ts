const spaced = new Intl.NumberFormat("en-US");

/** 12,345; of digits too, whatever their number. */
export function count(n: number | string | null | undefined): string {
    if (n === null || n === undefined) return "–";
    if (typeof n === "number") return spaced.format(n);
    return /^-?\d+$/.test(n) ? n.replace(/\B(?=(\d{3})+$)/g, ",") : n;
}

const packed = new Intl.NumberFormat("en-US", { notation: "compact" });

/** 12K: at an axis. */
export const compact = (n: number) => packed.format(n);

export function plural(n: number, one: string, many = `${one}s`): string {
    return `${count(n)} ${n === 1 ? one : many}`;
}

export function duration(ms: number | null | undefined): string {
    if (ms === null || ms === undefined) return "–";
    if (ms < 1000) return `${Math.round(ms)} ms`;
    const s = ms / 1000;
    if (s < 10) return `${s.toFixed(1)} s`;
    if (s < 60) return `${Math.round(s)} s`;
    const m = Math.floor(s / 60);
    if (m < 60) return `${m} min ${String(Math.round(s % 60) % 60).padStart(2, "0")} s`;
    const h = Math.floor(m / 60);
    return h < 48 ? `${h} h ${String(m % 60).padStart(2, "0")} min` : `${Math.floor(h / 24)} d ${h % 24} h`;
}

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/** How far ticks of time stand apart, in ms. */
export const spans = [1, 2, 5, 10, 20, 50, 100, 200, 500, ...[1, 2, 5, 10, 30].map((n) => n * SECOND), ...[1, 2, 5, 10, 30].map((n) => n * MINUTE),
    ...[1, 2, 6, 12].map((n) => n * HOUR), ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY)];

/** 30 s, 1.5 h: at an axis. */
export function span(ms: number): string {
    const [unit, name] = ms >= 2 * DAY ? [DAY, "d"] : ms >= HOUR ? [HOUR, "h"] : ms >= MINUTE ? [MINUTE, "min"] : ms >= SECOND ? [SECOND, "s"] : [1, "ms"];
    return ms === 0 ? "0" : `${Number((ms / unit).toFixed(1))} ${name}`;
}

export function bytes(n: number | null | undefined): string {
    if (n === null || n === undefined) return "–";
    const units = ["bytes", "kB", "MB", "GB", "TB"];
    let at = 0, value = n;
    for (; value >= 1000 && at < units.length - 1; at++) value /= 1000;
    return `${at && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** In UTC, as everywhere in Godwit. */
export function time(text: string | number | null | undefined): string {
    if (text === null || text === undefined) return "–";
    const d = new Date(text);
    return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${clock(text)}`;
}

export function clock(text: string | number | null | undefined): string {
    if (text === null || text === undefined) return "–";
    const d = new Date(text);
    return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

export function ago(text: string | number | null | undefined, now: number): string {
    if (text === null || text === undefined) return "–";
    const s = Math.max(0, Math.round((now - new Date(text).getTime()) / 1000));
    if (s < 5) return "just now";
    if (s < 90) return `${s} s ago`;
    if (s < 5400) return `${Math.round(s / 60)} min ago`;
    if (s < 172800) return `${Math.round(s / 3600)} h ago`;
    return `${Math.round(s / 86400)} days ago`;
}

/** Of a whole, never 100 before it is done and never 0 once it has begun. */
export function percent(done: number, total: number): string {
    if (total <= 0) return "–";
    const p = (done / total) * 100;
    if (p > 0 && p < 0.1) return "< 0.1 %";
    if (p < 100 && p > 99.9) return "99.9 %";
    return `${p.toFixed(p === 0 || p >= 100 ? 0 : 1)} %`;
}

export const short = (id: string) => id.slice(0, 13);
