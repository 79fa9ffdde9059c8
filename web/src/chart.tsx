// Rows a second, and how many are left, as they were while this page was looking.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Samples {
    at: number[];   // seconds
    rate: (number | null)[];
    lag: (number | null)[];
}

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const spaced = new Intl.NumberFormat("en-US", { notation: "compact" });

function options(width: number): uPlot.Options {
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    return {
        width, height: 220, legend: { live: true },
        tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "UTC"),
        cursor: { drag: { x: false, y: false } },
        scales: { rate: { range: (_u, _min, max) => [0, Math.max(max ?? 0, 1) * 1.1] }, lag: { range: (_u, _min, max) => [0, Math.max(max ?? 0, 1) * 1.1] } },
        axes: [
            { ...axis, values: (_u, ticks) => ticks.map((t) => new Date(t * 1000).toISOString().slice(11, 19)), space: 90 },
            { ...axis, scale: "rate", values: (_u, ticks) => ticks.map((v) => spaced.format(v)), size: 56 },
            { ...axis, scale: "lag", side: 1, grid: { show: false }, values: (_u, ticks) => ticks.map((v) => spaced.format(v)), size: 56 },
        ],
        series: [
            { label: "at", value: (_u, t) => (t === null ? "–" : new Date(t * 1000).toISOString().slice(11, 19)) },
            { label: "rows a second", scale: "rate", stroke: css("--busy"), width: 2, fill: css("--busy-wash"), points: { show: false },
              value: (_u, v) => (v === null ? "–" : Math.round(v).toLocaleString("en-US")) },
            { label: "rows left", scale: "lag", stroke: css("--warn"), width: 2, dash: [6, 4], points: { show: false },
              value: (_u, v) => (v === null ? "–" : v.toLocaleString("en-US")) },
        ],
    };
}

export default function Chart({ samples }: { samples: Samples }) {
    const box = useRef<HTMLDivElement>(null);
    const plot = useRef<uPlot | null>(null);
    useEffect(() => {
        const element = box.current as HTMLDivElement;
        const draw = () => {
            plot.current?.destroy();
            plot.current = new uPlot(options(element.clientWidth), [samples.at, samples.rate, samples.lag] as uPlot.AlignedData, element);
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
    useEffect(() => { plot.current?.setData([samples.at, samples.rate, samples.lag] as uPlot.AlignedData); }, [samples.at.length]);
    return <div class="chart" ref={box} role="img" aria-label="Rows a second, and rows left, over time" />;
}
