// The picture of tables and what refers to what: drawn by the server, put into the page so that its colours are the
// page's and its tables lead somewhere. Dragged and zoomed by pointer, keys and buttons.
import { useEffect, useRef } from "preact/hooks";
import { at } from "./api";
import { useSeen } from "./live";
import { href } from "./router";
import { Show } from "./ui";

interface View { x: number; y: number; width: number; height: number }
const MOST_IN = 40, MOST_OUT = 4, STEP = 1.25;

/** The drawing as elements of this page: nothing in it acts by itself, a table leads to its own page. */
function elements(text: string, kinds: Map<string, string>): SVGSVGElement | null {
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    if (!(svg instanceof SVGSVGElement)) return null;
    for (const e of [...svg.querySelectorAll("script, style, foreignObject, title")]) e.remove();
    for (const e of [svg, ...svg.querySelectorAll("*")])
        for (const a of [...e.attributes]) if (a.name === "style" || a.name.startsWith("on")) e.removeAttribute(a.name);
    for (const a of [...svg.querySelectorAll("a")]) {
        const query = new URLSearchParams((a.getAttribute("xlink:href") ?? "").replace(/^[^?]*/, ""));
        const key = query.get("table");
        if (!key) {
            a.replaceWith(...a.childNodes); // an edge's, for its name alone
            continue;
        }
        for (const name of [...a.attributes]) a.removeAttribute(name.name);
        a.setAttribute("href", href("schema", kinds.get(key) ?? "table", key));
        a.setAttribute("data-key", key);
    }
    return document.importNode(svg, true);
}

function Drawing({ text, kinds, label }: { text: string; kinds: Map<string, string>; label: string }) {
    const frame = useRef<HTMLDivElement>(null);
    const act = useRef({ zoom: (_: number) => {}, move: (_x: number, _y: number) => {}, whole: () => {} });
    useEffect(() => {
        const box = frame.current as HTMLDivElement;
        const svg = elements(text, kinds);
        if (!svg) return;
        svg.setAttribute("role", "group"); // not an image: what is in it can be reached
        svg.setAttribute("aria-label", label);
        box.replaceChildren(svg);
        const home = svg.viewBox.baseVal;
        const start: View = { x: home.x, y: home.y, width: home.width, height: home.height };
        // Small things are not blown up: what fits is shown in its own size, in the middle.
        const fit = (): View => {
            const scale = Math.max(start.width / box.clientWidth, start.height / box.clientHeight, 0.75);
            const width = box.clientWidth * scale, height = box.clientHeight * scale;
            return { x: start.x - (width - start.width) / 2, y: start.y - (height - start.height) / 2, width, height };
        };
        let view = fit();
        const draw = () => svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
        const move = (dx: number, dy: number) => {
            const scale = view.width / box.clientWidth;
            view = { ...view, x: view.x - dx * scale, y: view.y - dy * scale };
            draw();
        };
        const zoom = (factor: number, clientX?: number, clientY?: number) => {
            const real = Math.min(Math.max(view.width / factor, start.width / MOST_IN), Math.max(start.width, box.clientWidth) * MOST_OUT) / view.width;
            const at = box.getBoundingClientRect();
            const fx = clientX === undefined ? 0.5 : (clientX - at.left) / at.width, fy = clientY === undefined ? 0.5 : (clientY - at.top) / at.height;
            view = { x: view.x + view.width * (1 - real) * fx, y: view.y + view.height * (1 - real) * fy, width: view.width * real, height: view.height * real };
            draw();
        };
        act.current = { zoom, move, whole: () => { view = fit(); draw(); } };
        draw();

        const pointers = new Map<number, PointerEvent>();
        let moved = false;
        const down = (e: PointerEvent) => { pointers.set(e.pointerId, e); moved = moved && pointers.size > 1; };
        const drag = (e: PointerEvent) => {
            const last = pointers.get(e.pointerId);
            if (!last) return;
            const dx = e.clientX - last.clientX, dy = e.clientY - last.clientY;
            if (!moved && Math.hypot(dx, dy) < 4) return;
            if (!moved) box.setPointerCapture(e.pointerId);
            moved = true;
            const other = [...pointers.values()].find((p) => p.pointerId !== e.pointerId);
            if (other) {
                const before = Math.hypot(last.clientX - other.clientX, last.clientY - other.clientY);
                const after = Math.hypot(e.clientX - other.clientX, e.clientY - other.clientY);
                if (before > 0 && after > 0) zoom(after / before, other.clientX, other.clientY);
            } else move(dx, dy);
            pointers.set(e.pointerId, e);
        };
        const up = (e: PointerEvent) => pointers.delete(e.pointerId);
        // A drag that ends on a table is no click on it.
        const click = (e: MouseEvent) => { if (moved) { e.preventDefault(); e.stopPropagation(); } moved = false; };
        // The wheel belongs to the page until somebody means the picture.
        const wheel = (e: WheelEvent) => {
            if (!e.ctrlKey && !e.metaKey) return;
            e.preventDefault();
            zoom(e.deltaY < 0 ? STEP : 1 / STEP, e.clientX, e.clientY);
        };
        const still = (e: Event) => e.preventDefault();
        box.addEventListener("pointerdown", down);
        box.addEventListener("pointermove", drag);
        box.addEventListener("pointerup", up);
        box.addEventListener("pointercancel", up);
        box.addEventListener("click", click, true);
        box.addEventListener("wheel", wheel, { passive: false });
        box.addEventListener("dragstart", still);
        return () => {
            box.removeEventListener("pointerdown", down);
            box.removeEventListener("pointermove", drag);
            box.removeEventListener("pointerup", up);
            box.removeEventListener("pointercancel", up);
            box.removeEventListener("click", click, true);
            box.removeEventListener("wheel", wheel);
            box.removeEventListener("dragstart", still);
        };
    }, [text, kinds, label]);
    const keys = (e: KeyboardEvent) => {
        const { zoom, move, whole } = act.current;
        const does: Record<string, () => void> = {
            "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP), "0": whole,
            ArrowLeft: () => move(60, 0), ArrowRight: () => move(-60, 0), ArrowUp: () => move(0, 60), ArrowDown: () => move(0, -60),
        };
        if (e.ctrlKey || e.metaKey || e.altKey || !does[e.key]) return;
        does[e.key]();
        e.preventDefault();
    };
    return (
        <div class="er">
            <div class="canvas" ref={frame} tabIndex={0} role="group" aria-label={`${label}: arrows move it, + and − zoom, 0 shows all`} onKeyDown={keys} />
            <div class="tools">
                <button type="button" aria-label="Zoom in" onClick={() => act.current.zoom(STEP)}>+</button>
                <button type="button" aria-label="Zoom out" onClick={() => act.current.zoom(1 / STEP)}>−</button>
                <button type="button" onClick={() => act.current.whole()}>All</button>
                <span class="soft">Drag it; Ctrl and the wheel zoom</span>
            </div>
        </div>
    );
}

/** kinds: what each table's key is the key of (table, view, …). */
export function Picture({ schema, table, kinds }: { schema?: string; table?: string; kinds: Map<string, string> }) {
    const query: Record<string, string> = {};
    if (table) query.table = table;
    else if (schema) query.schema = schema;
    const seen = useSeen<string>(at("picture", {}, query), [], true);
    return <Show seen={seen} what="The picture">{(text) =>
        <Drawing text={text} kinds={kinds} label={table ? `${table} and its neighbours` : `Tables of ${schema ?? "the database"}`} />}</Show>;
}
