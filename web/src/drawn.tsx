// A chart, whose code comes with the first that is drawn.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Samples } from "./chart";

export function ChartOf({ samples, few }: { samples: Samples; few: string }) {
    const [Chart, got] = useState<ComponentType<{ samples: Samples }> | null>(null);
    useEffect(() => { void import("./chart").then((m) => got(() => m.default)); }, []);
    if (!Chart) return <div class="wait">Drawing …</div>;
    return samples.at.length < 2 ? <div class="wait" role="status">{few}</div> : <Chart samples={samples} />;
}
