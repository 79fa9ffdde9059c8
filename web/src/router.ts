// Where we are stands behind the #: the server needs to know one page only.
import { useEffect, useState } from "preact/hooks";

export interface Place {
    page: string;
    rest: string[];
    query: URLSearchParams;
}

function read(): Place {
    const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const [page = "", ...rest] = path.split("/").map((part) => {
        try {
            return decodeURIComponent(part);
        } catch {
            return part;
        }
    });
    return { page: page || "overview", rest, query: new URLSearchParams(query) };
}

export const href = (...parts: string[]) => `#/${parts.map(encodeURIComponent).join("/")}`;

export function go(...parts: string[]): void {
    location.hash = href(...parts);
}

export function usePlace(): Place {
    const [place, set] = useState(read());
    useEffect(() => {
        const changed = () => set(read());
        addEventListener("hashchange", changed);
        return () => removeEventListener("hashchange", changed);
    }, []);
    return place;
}
