"use strict";
(() => {
    // ---- search: every word has to be somewhere in the name, kind or comment; names come first
    const input = document.getElementById("search");
    const found = document.getElementById("found");
    const prefix = document.body.dataset.prefix;
    const index = window.godwitIndex || [];

    const rank = (entry, words) => {
        const name = entry[0].toLowerCase();
        const all = `${name} ${entry[1]} ${entry[3].toLowerCase()}`;
        if (!words.every((word) => all.includes(word))) return -1;
        const last = name.slice(name.lastIndexOf(".") + 1);
        const first = words[0];
        const place = last === first ? 0 : last.startsWith(first) ? 1 : name.includes(first) ? 2 : 3;
        return place * 10 + (entry[1] === "table" ? 0 : entry[1] === "column" ? 2 : 1);
    };

    const show = () => {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        found.replaceChildren();
        found.hidden = words.length === 0;
        if (found.hidden) return;
        const hits = index.map((entry) => [rank(entry, words), entry]).filter(([r]) => r >= 0);
        hits.sort((a, b) => a[0] - b[0]);
        for (const [, entry] of hits.slice(0, 40)) {
            const link = document.createElement("a");
            link.href = prefix + entry[2].replace(/~/g, "%7E");
            link.textContent = `${entry[0]} `;
            const kind = document.createElement("small");
            kind.textContent = entry[1];
            link.append(kind);
            const item = document.createElement("li");
            item.append(link);
            found.append(item);
        }
        if (!hits.length) found.textContent = "nothing found";
    };

    const step = (event, by) => {
        const links = [...found.querySelectorAll("a")];
        const at = links.indexOf(document.activeElement) + by;
        event.preventDefault();
        (at < 0 ? input : links[Math.min(at, links.length - 1)] || input).focus();
    };

    input.addEventListener("input", show);
    document.addEventListener("keydown", (event) => {
        const inside = document.activeElement === input || found.contains(document.activeElement);
        if (event.key === "/" && !inside) {
            event.preventDefault();
            input.focus();
        } else if (event.key === "Escape" && inside) {
            input.value = "";
            show();
            input.blur();
        } else if (event.key === "ArrowDown" && inside) {
            step(event, 1);
        } else if (event.key === "ArrowUp" && inside) {
            step(event, -1);
        } else if (event.key === "Enter" && document.activeElement === input) {
            const first = found.querySelector("a");
            if (first) first.click();
        }
    });
    document.addEventListener("click", (event) => {
        if (!event.target.closest(".search")) found.hidden = true;
    });

    // ---- pictures: drag to pan; wheel, pinch or buttons to zoom
    for (const frame of document.querySelectorAll("[data-er]")) {
        const svg = frame.querySelector("svg");
        const home = svg.viewBox.baseVal;
        const start = { x: home.x, y: home.y, width: home.width, height: home.height };
        // No taller than the picture needs at this width: on a phone the rest would be empty.
        const needed = Math.ceil(frame.clientWidth * start.height / start.width);
        if (needed + 52 < frame.clientHeight) {
            frame.classList.add("low"); // the buttons stand below it
            frame.style.height = `${Math.max(needed, 130) + 52}px`;
        }
        let view = { ...start };
        const pointers = new Map();
        let moved = false;

        const draw = () => svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
        const scale = () => Math.max(view.width / svg.clientWidth, view.height / svg.clientHeight);
        const zoom = (factor, clientX, clientY) => {
            const limited = Math.min(Math.max(view.width * factor, start.width / 40), start.width * 4);
            const real = limited / view.width;
            const box = svg.getBoundingClientRect();
            const fx = (clientX - box.left) / box.width;
            const fy = (clientY - box.top) / box.height;
            view = {
                x: view.x + view.width * (1 - real) * fx, y: view.y + view.height * (1 - real) * fy,
                width: view.width * real, height: view.height * real,
            };
            draw();
        };
        const middle = () => {
            const box = svg.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];
        };

        svg.addEventListener("wheel", (event) => {
            if (!event.ctrlKey && !event.metaKey && !frame.classList.contains("tall")) return;
            event.preventDefault();
            zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, event.clientX, event.clientY);
        }, { passive: false });
        svg.addEventListener("pointerdown", (event) => {
            pointers.set(event.pointerId, event);
            moved = false;
        });
        svg.addEventListener("pointermove", (event) => {
            const last = pointers.get(event.pointerId);
            if (!last) return;
            const dx = event.clientX - last.clientX, dy = event.clientY - last.clientY;
            if (!moved && Math.hypot(dx, dy) < 4) return;
            if (!moved) svg.setPointerCapture(event.pointerId);
            moved = true;
            frame.classList.add("moving");
            if (pointers.size === 2) {
                const other = [...pointers.values()].find((p) => p.pointerId !== event.pointerId);
                const before = Math.hypot(last.clientX - other.clientX, last.clientY - other.clientY);
                const after = Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
                if (after > 0) zoom(before / after, other.clientX, other.clientY);
            } else {
                view.x -= dx * scale();
                view.y -= dy * scale();
                draw();
            }
            pointers.set(event.pointerId, event);
        });
        const up = (event) => {
            pointers.delete(event.pointerId);
            frame.classList.remove("moving");
        };
        svg.addEventListener("pointerup", up);
        svg.addEventListener("pointercancel", up);
        // A drag that ends on a table is no click on it.
        svg.addEventListener("click", (event) => { if (moved) event.preventDefault(); }, true);
        svg.addEventListener("dragstart", (event) => event.preventDefault());

        const tools = document.createElement("div");
        tools.className = "tools";
        const button = (text, label, action) => {
            const b = document.createElement("button");
            b.type = "button";
            b.textContent = text;
            b.setAttribute("aria-label", label);
            b.addEventListener("click", action);
            tools.append(b);
        };
        button("+", "zoom in", () => zoom(1 / 1.4, ...middle()));
        button("−", "zoom out", () => zoom(1.4, ...middle()));
        button("⤢", "show all", () => { view = { ...start }; draw(); });
        frame.append(tools);
    }
})();
