// The frame around every page: where we are, whether what is seen is fresh, who is looking.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { at, paths, post, type Path } from "./api";
import { ago, time } from "./format";
import { useLink, useNow, useSeen } from "./live";
import { Backups } from "./pages/backups";
import { Doctor } from "./pages/doctor";
import { Migrations } from "./pages/migrations";
import { Overview } from "./pages/overview";
import { Rows } from "./pages/rows";
import { Schema } from "./pages/schema";
import { Tracker } from "./pages/tracker";
import { Upkeep } from "./pages/upkeep";
import { href, usePlace } from "./router";
import { FailureBox, Sign } from "./ui";
import type { Who } from "./types";

interface Document { paths: Record<string, unknown> }

export interface Context {
    who: Who;
    /** Does this server have it? */
    has: (path: Path) => boolean;
    operator: boolean;
}

const pages: { key: string; name: string; needs: Path; icon: ComponentChildren; show: (c: Context) => ComponentChildren }[] = [
    { key: "overview", name: "Overview", needs: "status", show: (c) => <Overview {...c} />,
      icon: <path d="M3 3h6v7H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 12h6v5H3z" /> },
    { key: "migrations", name: "Migrations", needs: "status", show: (c) => <Migrations {...c} />,
      icon: <path d="M4 4h12M4 8h12M4 12h7M14 11v6M11.5 14.5L14 17l2.5-2.5" /> },
    { key: "schema", name: "Schema", needs: "schema", show: (c) => <Schema {...c} />,
      icon: <path d="M3 3h6v5H3zM11 12h6v5h-6zM6 8v6.5h5" /> },
    { key: "rows", name: "Rows", needs: "syncSessions", show: (c) => <Rows {...c} />,
      icon: <path d="M3 5h7M3 10h10M3 15h7M12 5h5M15 10h2M12 15h5M13.5 7.5L16 10l-2.5 2.5" /> },
    { key: "tracker", name: "Tracker", needs: "trackers", show: (c) => <Tracker {...c} />,
      icon: <path d="M3 17V9M8 17V4M13 17v-6M18 17V7" /> },
    { key: "backups", name: "Backups", needs: "backups", show: (c) => <Backups {...c} />,
      icon: <path d="M3 4h14v4H3zM4.5 8v8h11V8M8 11h4" /> },
    { key: "doctor", name: "Doctor", needs: "doctor", show: (c) => <Doctor {...c} />,
      icon: <path d="M3 10h3.5l2-5 3 10 2-5H17" /> },
    { key: "upkeep", name: "Upkeep", needs: "maintain", show: (c) => <Upkeep {...c} />,
      icon: <path d="M16.5 8.5A7 7 0 1 0 17 11M17 4v4.5h-4.5M10 7v4l2.5 1.5" /> },
];

function Freshness() {
    const { link, since } = useLink();
    const now = useNow();
    const words: Record<typeof link, [Parameters<typeof Sign>[0]["tone"], string]> = {
        connecting: ["idle", "connecting"],
        live: ["good", "live"],
        polling: ["warn", "asking every 3 s"],
        lost: ["bad", `lost ${ago(since, now)}`],
    };
    const [tone, word] = words[link];
    return <span class={`state ${tone}`} role="status" data-link={link}><Sign tone={tone} />{word}</span>;
}

function Lost() {
    const { link, since } = useLink();
    if (link !== "lost") return null;
    return (
        <div class="lost" role="alert">
            <Sign tone="bad" />
            <span><strong>The server does not answer.</strong> What stands here is of {time(since)} UTC; it is asked again every 3 seconds.
                Nothing that runs is stopped by this.</span>
        </div>
    );
}

function SignIn() {
    return (
        <main class="door">
            <h1>Godwit</h1>
            <p>Nobody is signed in here, or the session has ended.</p>
            <p>Open the link that <code>godwit serve</code> has printed. It works once; started again, the server prints another.</p>
            <p><button type="button" class="primary" onClick={() => location.reload()}>Try again</button></p>
        </main>
    );
}

function UtcClock() {
    return <span class="clock" title="All times are in UTC">{time(useNow()).slice(11)} UTC</span>;
}

export function App() {
    const place = usePlace();
    const who = useSeen<Who>(paths.session);
    const document_ = useSeen<Document>(at("document"), [], true);
    const { signedOut } = useLink();
    const main = useRef<HTMLElement>(null);
    const last = useRef<string | null>(null);
    const page = pages.find((p) => p.key === place.page);
    useEffect(() => {
        document.title = `${page?.name ?? "Not found"} · ${who.data?.environment ?? "Godwit"}`;
        // A new page is read from its beginning, also by who does not see it.
        const here = [place.page, ...place.rest].join("/");
        if (last.current !== null && last.current !== here) {
            main.current?.focus({ preventScroll: true });
            scrollTo(0, 0);
        }
        last.current = here;
    }, [place.page, place.rest.join("/"), who.data?.environment]);
    if (signedOut || who.error?.status === 401) return <SignIn />;
    if (!who.data) {
        if (!who.error || who.error.status === 0) return <main class="door"><h1>Godwit</h1><p role="status">{who.error ? "The server does not answer; it is asked again …" : "Connecting …"}</p></main>;
        return <main class="door"><h1>Godwit</h1><FailureBox failure={who.error.failure} /></main>;
    }
    const known = document_.data?.paths;
    const has = (path: Path) => !!known && paths[path] in known;
    const context: Context = { who: who.data, has, operator: who.data.role === "operator" };
    const shown = pages.filter((p) => !known || has(p.needs));
    return (
        <>
            <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>To the content</a>
            <header class="top">
                <a class="home" href={href("overview")}><img src="/favicon.svg" alt="" width="24" height="24" />Godwit</a>
                <span class="env">{who.data.environment}{who.data.protected && <span class="badge">protected</span>}</span>
                <span class="grow" />
                <UtcClock />
                <Freshness />
                <span class="who" title={who.data.who ?? ""}>{who.data.role}</span>
                <button type="button" class="quiet" onClick={() => void post(paths.logout).finally(() => location.reload())}>Sign out</button>
            </header>
            <Lost />
            <nav class="pages" aria-label="Pages">
                {shown.map((p) => (
                    <a key={p.key} href={href(p.key)} aria-current={p.key === place.page ? "page" : undefined}>
                        <svg viewBox="0 0 20 20" aria-hidden="true">{p.icon}</svg><span>{p.name}</span>
                    </a>
                ))}
            </nav>
            <main id="main" ref={main} tabIndex={-1}>
                {page && (!known || has(page.needs)) ? page.show(context)
                    : <><h1>Not found</h1><p>There is no such page here. <a href={href("overview")}>Overview</a></p></>}
            </main>
        </>
    );
}
