// Two lines over time, each with a scale of its own.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Line {
    name: string;
    values: (number | null)[];
    tick: (value: number) => string;
    say: (value: number) => string;
    steps?: number[]; // between ticks, where tens are not how it is counted
}
export interface Samples {
    label: string;
    at: number[];       // seconds
    lines: [Line, Line]; // the second on the right
}

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const range: uPlot.Scale.Range = (_u, _min, max) => [0, Math.max(max ?? 0, 1) * 1.1];
const data = (s: Samples) => [s.at, s.lines[0].values, s.lines[1].values] as uPlot.AlignedData;

function options(width: number, [left, right]: Samples["lines"]): uPlot.Options {
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    return {
        width, height: 220, legend: { live: true },
        tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "UTC"),
        cursor: { drag: { x: false, y: false } },
        scales: { left: { range }, right: { range } },
        axes: [
            { ...axis, values: (_u, ticks) => ticks.map((t) => new Date(t * 1000).toISOString().slice(11, 19)), space: 90 },
            { ...axis, scale: "left", values: (_u, ticks) => ticks.map(left.tick), size: 56, ...(left.steps && { incrs: left.steps }) },
            { ...axis, scale: "right", side: 1, grid: { show: false }, values: (_u, ticks) => ticks.map(right.tick), size: 56, ...(right.steps && { incrs: right.steps }) },
        ],
        series: [
            { label: "at", value: (_u, t) => (t === null ? "–" : new Date(t * 1000).toISOString().slice(11, 19)) },
            { label: left.name, scale: "left", stroke: css("--busy"), width: 2, fill: css("--busy-wash"), points: { show: false },
              value: (_u, v) => (v === null ? "–" : left.say(v)) },
            { label: right.name, scale: "right", stroke: css("--warn"), width: 2, dash: [6, 4], points: { show: false },
              value: (_u, v) => (v === null ? "–" : right.say(v)) },
        ],
    };
}

export default function Chart({ samples }: { samples: Samples }) {
    const box = useRef<HTMLDivElement>(null);
    const plot = useRef<uPlot | null>(null);
    const shown = useRef(samples);
    shown.current = samples;
    useEffect(() => {
        const element = box.current as HTMLDivElement;
        const draw = () => {
            plot.current?.destroy();
            plot.current = new uPlot(options(element.clientWidth, shown.current.lines), data(shown.current), element);
        };
        draw();
        const size = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: 220 }));
        size.observe(element);
        const scheme = matchMedia("(prefers-color-scheme: dark)");
        scheme.addEventListener("change", draw);
        return () => {
            size.disconnect();
            scheme.removeEventListener("change", draw);
            plot.current?.destroy();
            plot.current = null;
        };
    }, []);
    // The last point may have changed, too.
    useEffect(() => { plot.current?.setData(data(samples)); }, [samples]);
    return <div class="chart" ref={box} role="img" aria-label={samples.label} />;
}
