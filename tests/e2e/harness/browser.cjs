// Looks at a site in Chromium, as a reader would: node browser.cjs CHROMIUM SITE QUERY SIZES [PICTURES],
// SIZES being [[width, height, "light" or "dark"], …].
// Prints what it found as JSON; judging it is the caller's.
"use strict";
const { chromium } = require("playwright-core");
const path = require("path");
const fs = require("fs");
const { pathToFileURL } = require("url");

const [program, site, query, sizes, pictures] = process.argv.slice(2);

// Inside the page: what sticks out, and how well text stands out from what is behind it.
const measure = () => {
    const root = document.documentElement;
    const parse = (text) => text.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].reduce((sum, v, i) => {
        v /= 255;
        return sum + [0.2126, 0.7152, 0.0722][i] * (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    }, 0);
    const behind = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const color = parse(getComputedStyle(e).backgroundColor);
            if (color.length === 3 || color[3] > 0) return color;
        }
        return [255, 255, 255];
    };
    let contrast = 21, worst = "";
    for (const e of document.querySelectorAll("h1, h2, p, td, th, a, small, .facts, .badge, code, dd")) {
        if (!e.textContent.trim() || e.closest("svg") || !e.getClientRects().length) continue;
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < contrast) [contrast, worst] = [ratio, e.outerHTML.slice(0, 120)];
    }
    const outside = [];
    for (const e of document.querySelectorAll("body *")) {
        const box = e.getBoundingClientRect();
        if (box.width && box.right > innerWidth + 1 && !e.closest(".wide, pre, svg, .er, [hidden]"))
            outside.push(e.outerHTML.slice(0, 120));
    }
    const svg = document.querySelector("[data-er] svg");
    const box = svg && svg.getBoundingClientRect();
    return {
        scroll: root.scrollWidth, client: root.clientWidth, outside: outside.slice(0, 3), contrast, worst,
        back: getComputedStyle(document.body).backgroundColor,
        svg: box && { width: box.width, height: box.height, texts: svg.querySelectorAll("text").length },
        small: Math.min(...[...document.querySelectorAll("main td, main p, main dd")].map((e) => parseFloat(getComputedStyle(e).fontSize)), 99),
    };
};

const viewBox = (page) => page.$eval("[data-er] svg", (svg) => svg.getAttribute("viewBox").split(/[ ,]+/).map(Number));

async function useSearch(page, result) {
    await page.keyboard.press("/");
    result.focused = await page.evaluate(() => document.activeElement.id);
    await page.keyboard.type(query);
    result.hits = await page.$$eval("#found a", (links) => links.map((a) => a.textContent.trim()));
    result.listInside = await page.$eval("#found", (e) => {
        const box = e.getBoundingClientRect();
        return box.left >= 0 && box.right <= innerWidth + 1;
    });
    await page.keyboard.press("ArrowDown");
    result.arrow = await page.evaluate(() => document.activeElement.closest("#found") !== null);
    await page.keyboard.press("Escape");
    result.closed = await page.$eval("#found", (e) => e.hidden);
    await page.fill("#search", "there is no such thing");
    result.nothing = await page.$eval("#found", (e) => e.textContent);
    await page.fill("#search", query);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    result.landed = decodeURIComponent(page.url().replace(/.*\/tables\//, ""));
    await page.goBack();
}

async function usePicture(page, result) {
    const frame = page.locator("[data-er]").first();
    await frame.scrollIntoViewIfNeeded();
    const start = await viewBox(page);
    const box = await frame.locator("svg").boundingBox();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const here = page.url();
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 30, { steps: 5 });
    await page.mouse.up();
    const panned = await viewBox(page);
    result.panned = panned[0] < start[0] && panned[1] < start[1] && Math.abs(panned[2] - start[2]) < 0.01;
    result.stayed = page.url() === here;
    const press = (label) => frame.getByLabel(label).click();
    await press("zoom in");
    const near = await viewBox(page);
    await press("zoom out");
    await press("zoom out");
    const far = await viewBox(page);
    await press("show all");
    const again = await viewBox(page);
    result.zoomed = near[2] < panned[2] && far[2] > panned[2];
    result.reset = again.every((v, i) => Math.abs(v - start[i]) < 0.01);
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, -120);
    result.wheeled = await page.waitForFunction((before) =>
        Number(document.querySelector("[data-er] svg").getAttribute("viewBox").split(/[ ,]+/)[2]) < before, start[2])
        .then(() => true);
    await press("show all");
    // A click on a table of the picture opens its page.
    const link = page.locator("[data-er] svg a").first();
    await Promise.all([page.waitForNavigation(), link.click()]);
    result.opened = decodeURIComponent(page.url().replace(/.*\/tables\//, ""));
    await page.goBack();
}

async function look(browser, width, height, scheme) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, hasTouch: width < 600 });
    const page = await context.newPage();
    const result = { pages: {}, trouble: [] };
    const trouble = (text) => result.trouble.push(text);
    page.on("pageerror", (error) => trouble(`error: ${error.message}`));
    page.on("console", (message) => { if (message.type() === "error") trouble(`console: ${message.text()}`); });
    page.on("requestfailed", (request) => trouble(`failed: ${request.url()}`));
    page.on("request", (request) => { if (!/^(file|data):/.test(request.url())) trouble(`network: ${request.url()}`); });
    for (const name of fs.readdirSync(site, { recursive: true }).filter((file) => file.endsWith(".html")).sort()) {
        await page.goto(pathToFileURL(path.join(site, name)).href.replace(/~/g, "%7E"));
        result.pages[name] = await page.evaluate(measure);
        if (pictures) {
            const file = `${width}-${scheme}-${name.replace(/\//g, "-")}.png`;
            await page.screenshot({ path: path.join(pictures, file), fullPage: true });
        }
    }
    await page.goto(pathToFileURL(path.join(site, "index.html")).href);
    await useSearch(page, result);
    await usePicture(page, result);
    await context.close();
    return result;
}

async function main() {
    const browser = await chromium.launch({
        executablePath: program, headless: true,
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
               "--disable-component-update", "--disable-sync"],
    });
    const results = [];
    for (const [width, height, scheme] of JSON.parse(sizes))
        results.push(await look(browser, width, height, scheme));
    await browser.close();
    console.log(JSON.stringify(results));
}

main().catch((error) => {
    console.error(error.stack);
    process.exit(1);
});
