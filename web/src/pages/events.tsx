// Rows of the audit, as the overview and a migration show them.
import { ago, duration, time } from "../format";
import { State, Table } from "../ui";
import type { HistoryEvent } from "../types";

export function Events({ list, now, label }: { list: HistoryEvent[]; now: number; label: string }) {
    return (
        <Table label={label} class="list">
            <thead><tr><th>When</th><th>What</th><th>Outcome</th><th class="n">Took</th><th>Who</th><th>Said</th></tr></thead>
            <tbody>{list.map((e) => (
                <tr key={e.id}>
                    <td class="nowrap" data-l="When" title={`${time(e.at)} UTC`}>{ago(e.at, now)}</td>
                    <td data-l="What"><span>{e.action}{e.version && <> <code>{e.version}</code> {e.name}</>}{e.action === "maintain" && <span class="said">: {e.name}</span>}</span></td>
                    <td data-l="Outcome"><State of={e.outcome === "ok" ? "ok" : e.outcome === "failed" ? "failed" : "warning"} word={e.outcome} /></td>
                    <td class="n nowrap" data-l="Took">{duration(e.duration_ms)}</td>
                    <td data-l="Who">{e.actor}</td>
                    <td class="said" data-l="Said">{e.message}</td>
                </tr>
            ))}</tbody>
        </Table>
    );
}
