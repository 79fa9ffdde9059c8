// Walks the dashboard in Chromium, as a person would: node dashboard.cjs CHROMIUM LINK WIDTH HEIGHT SCHEME [PICTURES].
// A line "need WHAT" on stdout is for the caller, who does it and answers with a line. The last line is what was
// found, as JSON; judging it is the caller's.
"use strict";
const { chromium } = require("playwright-core");
const fs = require("fs");
const path = require("path");
const readline = require("readline");

const [program, link, width, height, scheme, pictures] = process.argv.slice(2);
const axe = fs.readFileSync(path.join(process.env.WEB_MODULES, "axe-core/axe.min.js"), "utf8");
const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const found = { trouble: [], elsewhere: [], pages: {}, steps: {} };
let shown = null; // the page, for when it goes wrong

async function need(what) {
    console.log(`need ${what}`);
    await answers.next();
}

// What is wrong with a page as it stands.
async function look(page, name) {
    if (!await page.evaluate(() => Boolean(window.axe))) await page.evaluate(axe);
    const judged = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
    const measured = await page.evaluate(() => ({
        scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth,
        outside: [...document.querySelectorAll("body *")].filter((e) => {
            const box = e.getBoundingClientRect();
            return box.width && box.right > innerWidth + 1 && !e.closest(".scroll, pre, .output, .skip");
        }).slice(0, 3).map((e) => e.outerHTML.slice(0, 120)),
        // On a phone a cell is a grid of its label and one thing: what comes behind that stands under the label.
        split: [...document.querySelectorAll(".list td[data-l]:not(.wide)")].filter((cell) => {
            let things = 0, text = false;
            for (const one of cell.childNodes) {
                if (one.nodeType === 1) things++;
                else if (one.nodeType === 3 && one.data.trim() && !text) things++;
                text = one.nodeType === 3;
            }
            return things > 1;
        }).slice(0, 3).map((e) => e.outerHTML.slice(0, 160)),
        title: document.querySelector("h1").textContent,
    }));
    found.pages[name] = {
        ...measured,
        serious: judged.violations.filter((v) => ["serious", "critical"].includes(v.impact))
            .map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`),
    };
    if (pictures) await page.screenshot({ path: path.join(pictures, `${width}-${scheme}-${name}.png`), fullPage: true });
}

const open = async (page, name) => {
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name: new RegExp(name) }).waitFor();
};
const job = (page, word) => page.locator(`section:has(.output) .state:has-text("${word}")`).first().waitFor();

async function apply(page, button, verb) {
    await page.getByRole("button", { name: button }).click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    const name = dialog.getByRole("textbox");
    const closed = dialog.getByRole("button", { name: verb, exact: true });
    if (await name.count()) {
        found.steps.closedUntilNamed = await closed.isDisabled();
        await name.fill("dev");
    }
    await closed.click();
    await dialog.waitFor({ state: "detached" });
}

async function migrations(page) {
    await open(page, "Migrations");
    await page.getByRole("link", { name: "2", exact: true }).click();
    await page.locator(".statement").first().waitFor();
    found.steps.sql = await page.locator(".statement pre").first().textContent();
    found.steps.locks = await page.locator(".effects").first().textContent();
    await look(page, "migration");
    await page.getByRole("link", { name: "All migrations" }).click();
    await apply(page, /^Apply 2/, "Apply");
    await page.locator(".card > .failure").waitFor();
    found.steps.failure = await page.locator(".card > .failure").textContent();
    found.steps.output = await page.locator(".output").textContent();
    await page.waitForFunction(() => [...document.querySelectorAll(".list tbody tr")].map((r) => r.innerText).join()
        .match(/applied[\s\S]*applied[\s\S]*failed/));
    await look(page, "migrations");
    await need("mend");
    await apply(page, /^Apply/, "Apply");
    await job(page, "completed");
    await page.waitForFunction(() => !/pending|failed/.test(document.querySelector(".list tbody").innerText));
    await apply(page, /^Roll back/, "Roll back");
    await page.locator('.output p:has-text("1 migration rolled back")').waitFor();
    await page.waitForFunction(() => /pending/.test(document.querySelector(".list tbody").innerText));
    await page.getByRole("link", { name: "1", exact: true }).click();
    await page.locator("section h3 + pre").first().waitFor();
    found.steps.ran = await page.locator("section h3 + pre").allTextContents();
    await page.getByRole("region", { name: "What became of it, table" }).waitFor();
    found.steps.became = await page.getByRole("region", { name: "What became of it, table" }).innerText();
    await look(page, "applied");
}

async function backups(page) {
    await open(page, "Backups");
    await page.getByText("There are no backups yet").waitFor();
    await look(page, "backups-empty");
    await need("backup");
    const rows = page.locator(".list tbody tr");
    if (process.env.NO_BACKUP) return; // pg_dump here is older than the server
    await rows.first().waitFor();
    found.steps.backup = await rows.first().innerText();
    await apply(page, /^Verify/, "Verify");
    await page.locator(".card p.state.good").waitFor();
    found.steps.verified = await page.locator(".card p.state.good").innerText();
    await page.waitForFunction(() => /restored in/.test(document.querySelector(".list tbody").innerText));
    await look(page, "backups");
}

// What the doctor finds, put right, and looked at again.
async function doctor(page) {
    await need("sick");
    await open(page, "Doctor");
    await page.getByText(/checks made/).waitFor();
    await page.getByRole("button", { name: "Look again" }).click();
    const card = page.locator('section:has(code:text-is("invalid_index"))');
    await card.waitFor();
    found.steps.finding = await card.innerText();
    found.steps.findingSql = await card.locator("pre").first().innerText();
    found.steps.unseenChecks = await page.getByRole("region", { name: "What could not be seen, table" }).count();
    await look(page, "doctor");
    await apply(page, "Put right: invalid_index", "Put right");
    await page.locator('section:has(h2:text-is("Putting right")) .state:has-text("completed")').waitFor();
    found.steps.fixed = await page.locator('section:has(h2:text-is("Putting right"))').innerText();
    await card.waitFor({ state: "detached" });
    await look(page, "doctor-fixed");
}

async function gone(page) {
    await need("remove");
    await open(page, "Migrations");
    await page.getByRole("link", { name: "1", exact: true }).click();
    await page.getByText("Its file is gone").waitFor();
    await look(page, "gone");
}

async function rows(page) {
    await open(page, "Rows");
    await look(page, "rows-empty");
    found.steps.noRows = await page.locator(".empty strong").textContent();
    await apply(page, /^Move rows/, "Begin");
    await page.locator(".list tbody a").first().click();
    const bar = page.getByRole("progressbar", { name: "rows of the session" });
    const now = async () => Number(await bar.getAttribute("aria-valuenow"));
    await page.waitForFunction(() => Number(document.querySelector('[role=progressbar][aria-label="rows of the session"]')?.ariaValueNow) > 0);
    const first = await now();
    await page.waitForFunction((before) => Number(document.querySelector('[role=progressbar][aria-label="rows of the session"]')?.ariaValueNow) > before, first);
    await page.locator(".chart canvas").waitFor();
    await look(page, "session");
    await apply(page, /^Pause/, "Pause");
    await page.locator('h1 .state:has-text("paused")').waitFor();
    found.steps.paused = await now();
    await need("fast");
    await apply(page, /^Resume/, "Resume");
    await page.locator('h1 .state:has-text("completed")').waitFor();
    found.steps.moved = await now();
    await page.getByRole("tab", { name: "Quarantine" }).click();
    await page.locator(".rejects summary").first().click();
    found.steps.reject = await page.locator(".rejects li").first().innerText();
    await look(page, "quarantine");
    await page.getByRole("tab", { name: "Log" }).click();
    await page.locator(".output p").first().waitFor();
    await look(page, "log");
}

async function tracker(page) {
    await open(page, "Tracker");
    await page.locator(".amount dd").first().waitFor();
    found.steps.amounts = await page.locator(".amount dd").allTextContents();
    await look(page, "tracker");
    const before = await page.locator('tr:has-text("Balances") td[data-l=Processed]').textContent();
    await need("count");
    await page.waitForFunction((text) => [...document.querySelectorAll("td[data-l=Processed]")].some((e) => e.textContent !== text), before);
    found.steps.counted = [before, await page.locator('tr:has-text("Balances") td[data-l=Processed]').textContent()];
}

async function keys(page) {
    await page.goto(new URL("/", link).href);
    await page.getByRole("heading", { name: /Overview/ }).waitFor();
    await page.keyboard.press("Tab");
    found.steps.skip = await page.evaluate(() => document.activeElement.textContent);
    const seen = [];
    for (let i = 0; i < 12; i++) {
        await page.keyboard.press("Tab");
        seen.push(await page.evaluate(() => document.activeElement.textContent.trim()));
        if (seen.at(-1) === "Schema") break;
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Schema" }).waitFor();
    await page.locator(".objects a").first().waitFor();
    await look(page, "schema");
    found.steps.keys = seen;
}

// The picture of the tables: moved, zoomed, and a table of it leads to that table, with its neighbours.
async function picture(page) {
    await page.getByRole("tab", { name: "Picture" }).click();
    const box = page.locator(".er svg");
    await box.waitFor();
    const view = () => box.getAttribute("viewBox");
    const views = [await view()];
    await page.locator(".er .canvas").focus();
    for (const key of ["+", "ArrowRight", "0"]) {
        await page.keyboard.press(key);
        views.push(await view());
    }
    const place = await page.locator(".er .canvas").boundingBox();
    await page.mouse.move(place.x + 5, place.y + 5);
    await page.mouse.down();
    await page.mouse.move(place.x + 60, place.y + 40, { steps: 4 });
    await page.mouse.up();
    views.push(await view());
    await page.getByRole("button", { name: "All", exact: true }).click();
    found.steps.views = views;
    found.steps.drawn = await page.locator(".er svg a").evaluateAll((all) => all.map((a) => a.dataset.key));
    await look(page, "picture");
    await page.locator('.er svg a[data-key="public.e"]').click();
    await page.getByRole("heading", { level: 2, name: "table public.e" }).waitFor();
    await page.locator(".er .table.focus").waitFor();
    found.steps.neighbours = await page.locator(".er svg a").evaluateAll((all) => all.map((a) => a.dataset.key).sort());
    await look(page, "table");
}

async function lose(context, page) {
    await page.locator('[data-link="live"]').waitFor();
    await context.setOffline(true);
    await page.locator(".lost").waitFor();
    await look(page, "lost");
    await context.setOffline(false);
    await page.locator('[data-link="live"]').waitFor();
    found.steps.back = await page.locator(".lost").count() === 0;
}

// Behind a proxy that lets no event stream through: what changes is seen all the same. Then events come, and it is live.
async function withoutEvents(context) {
    const page = shown = await context.newPage();
    await page.route("**/api/v1/events", (route) => route.abort());
    await page.goto(new URL("/#/tracker", link).href);
    await page.locator('[data-link="polling"]').waitFor();
    const cell = page.locator('tr:has-text("Balances") td[data-l=Processed]');
    const before = await cell.textContent();
    await need("count");
    await page.waitForFunction((text) => [...document.querySelectorAll("td[data-l=Processed]")].some((e) => e.textContent !== text), before);
    found.steps.polled = [before, await cell.textContent(), await page.locator("[data-link]").getAttribute("data-link")];
    await page.unroute("**/api/v1/events");
    await page.locator('[data-link="live"]').waitFor();
    await page.close();
}

// At 3840 pixels a page stays readable: nothing is as wide as the screen but what lists many things.
async function wide(context) {
    const page = shown = await context.newPage();
    await page.setViewportSize({ width: 3840, height: 2160 });
    for (const [hash, name] of [["", "overview"], ["migrations", "migrations"], ["schema/table/public.d", "table"], ["tracker", "tracker"]]) {
        await page.goto(new URL(`/#/${hash}`, link).href);
        await page.locator("main .card").first().waitFor();
        await look(page, `wide-${name}`);
    }
    found.steps.widest = await page.evaluate(() => document.querySelector("main").getBoundingClientRect().width);
    await page.close();
}

// What upkeep would do, and did; waits as they were: on a phone and on a desk, light and dark.
async function upkeep(page) {
    await open(page, "Upkeep");
    await page.getByText("Upkeep has done nothing here yet").waitFor();
    const next = page.getByRole("region", { name: "What the next run would do, table" });
    await next.waitFor();
    found.steps.next = await next.innerText();
    await look(page, "upkeep-empty");
    await need("maintain");
    const did = page.getByRole("region", { name: /^Run of/ });
    await did.waitFor();
    await page.waitForFunction(() => document.querySelectorAll('[aria-label^="Run of"] tbody tr').length === 2);
    found.steps.did = await did.innerText();
    await page.getByRole("button", { name: "Look again" }).click();
    await page.waitForFunction(() => document.querySelectorAll('[aria-label="What the next run would do, table"] tbody tr').length === 1);
    for (const [wide, high, colors] of [[360, 740, "dark"], [360, 740, "light"], [1280, 800, "dark"], [1280, 800, "light"], [3840, 2160, "light"]]) {
        await page.setViewportSize({ width: wide, height: high });
        await page.emulateMedia({ colorScheme: colors });
        await open(page, "Upkeep");
        await did.waitFor();
        await look(page, `upkeep-${wide}-${colors}`);
        await open(page, "Overview");
        await page.locator(".chart canvas").first().waitFor();
        await look(page, `waits-${wide}-${colors}`);
    }
    found.steps.waits = await page.locator('section:has(h2:text-is("Waits for locks"))').innerText();
    found.steps.charts = await page.locator(".chart").evaluateAll((all) => all.map((e) => e.getAttribute("aria-label")));
}

async function main() {
    const browser = await chromium.launch({
        executablePath: program, headless: true,
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
               "--disable-component-update", "--disable-sync"],
    });
    const context = await browser.newContext({ viewport: { width: Number(width), height: Number(height) }, colorScheme: scheme });
    context.setDefaultTimeout(60000);
    const page = shown = await context.newPage();
    page.on("pageerror", (error) => found.trouble.push(`error: ${error.message}`));
    // What a health check answers is not a fault of the page; what its policy forbids is.
    page.on("console", (message) => { if (message.type() === "error" && !/Failed to load resource/.test(message.text())) found.trouble.push(message.text()); });
    page.on("request", (request) => { if (new URL(request.url()).host !== new URL(link).host) found.elsewhere.push(request.url()); });
    await page.goto(new URL("/", link).href);
    await page.getByText("Nobody is signed in here").waitFor();
    await page.goto(link);
    await page.getByRole("heading", { name: /Overview/ }).waitFor();
    await page.locator(".figures").first().waitFor();
    const environments = page.getByRole("region", { name: "Environments, table" }).locator("tbody tr");
    await environments.filter({ hasText: "down" }).waitFor();
    found.steps.environments = await environments.allInnerTexts();
    await look(page, "overview");
    if (process.env.WALK === "short") {
        await withoutEvents(context);
        await wide(context);
        await browser.close();
        console.log(JSON.stringify(found));
        return;
    }
    if (process.env.WALK === "upkeep") {
        await upkeep(page);
        await browser.close();
        console.log(JSON.stringify(found));
        return;
    }
    await migrations(page);
    await rows(page);
    await tracker(page);
    await keys(page);
    await picture(page);
    await backups(page);
    await doctor(page);
    await gone(page);
    await open(page, "Overview");
    await page.getByRole("img", { name: /^Time since a session/ }).waitFor();
    await look(page, "waits");
    await lose(context, page);
    const viewer = await browser.newContext({ extraHTTPHeaders: { "X-Who": "eva" } });
    const other = await viewer.newPage();
    await other.goto(new URL("/#/migrations", link).href);
    await other.getByText("Applying needs the role operator").waitFor();
    found.steps.viewerButtons = await other.getByRole("button", { name: /Apply|Roll back/ }).count();
    await browser.close();
    console.log(JSON.stringify(found));
}

main().catch(async (error) => {
    const seen = shown && await shown.locator("main").innerText().catch(() => null);
    console.log(JSON.stringify({ ...found, fatal: error.stack, seen }));
    process.exit(1);
});
