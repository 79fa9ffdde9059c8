// Something that the server does for somebody, followed to its end: by its events, and by asking where none come.
import { useEffect } from "preact/hooks";
import { at, get } from "./api";
import { useEvents } from "./live";
import type { Job, Progress } from "./types";

const ASK_MS = 1500;

export function useJob(job: Job | null, setJob: (job: Job) => void, hear: (progress: Progress) => void = () => undefined): void {
    const ask = () => { if (job) void get<Job>(at("job", { job: String(job.job) })).then(setJob, () => undefined); };
    useEvents((topic, data) => {
        if (!job) return;
        if (topic === "progress" && (data as Progress).job === job.job) hear(data as Progress);
        if (topic === "job" && (data as Job).job === job.job) ask();
    });
    useEffect(() => {
        if (!job) return;
        ask();
        const timer = setInterval(() => { if (job.state === "running") ask(); }, ASK_MS);
        return () => clearInterval(timer);
    }, [job?.job, job?.state]);
}
