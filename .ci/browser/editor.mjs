// Uses the SPARQL page as a person does: types, completes, runs, cancels, turns pages,
// downloads, links; maps a record; and asks axe about both, in both languages, light and dark,
// at 360 pixels.
//   node editor.mjs http://127.0.0.1:8206/ [folder for pictures]
import { chromium } from "playwright-core";
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const site = process.argv[2], pictures = process.argv[3];
if (pictures) mkdirSync(pictures, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
let checks = 0;
const wrong = [];

const open = async (path, options = {}) => {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, permissions: ["clipboard-read", "clipboard-write"], ...options });
	const page = await context.newPage();
	page.on("pageerror", (e) => wrong.push(`${path}: ${e}`));
	page.on("console", (m) => { if (m.type() === "error" && !/status of (4|5)\d\d/.test(m.text())) wrong.push(`${path}: ${m.text()}`); });
	page.on("request", (r) => { if (!r.url().startsWith(site) && !r.url().startsWith("data:")) wrong.push(`${path} asked ${r.url()}`); });
	await page.addInitScript(() => addEventListener("securitypolicyviolation", (e) => console.error(`${e.violatedDirective} ${e.sourceFile}:${e.lineNumber}:${e.columnNumber} ${e.sample}`)));
	await page.goto(site + path);
	return page;
};

const check = async (name, f) => {
	const start = performance.now();
	try {
		await f();
		checks++;
		console.log(`   ${name} (${Math.round(performance.now() - start)} ms)`);
	} catch (e) {
		wrong.push(`${name}: ${e.message}`);
		console.log(`   ${name}: ${e.message}`);
	}
};

const content = (page) => page.locator("#editor .cm-content");
const write = async (page, text) => {
	await content(page).click();
	await page.keyboard.press("Control+a");
	await page.keyboard.press("Delete");
	await page.keyboard.insertText(text);
};
const value = (page) => page.locator("#query").inputValue();
const rows = (page) => page.locator("#answer tbody tr");

const accessible = async (page, name) => {
	// axe is evaluated by the driver, which the policy of the page does not bind.
	await page.evaluate(axe);
	const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
	const found = violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join("; ")}`);
	assert.deepEqual(found, [], name);
};

const picture = async (page, name) => { if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true, caret: "initial" }); };

const page = await open("en/sparql");
await check("an example runs, with links", async () => {
	await page.locator("#ask button[type=submit]").click();
	await rows(page).first().waitFor();
	assert.ok(await page.locator("#answer tbody a").count() > 0);
	await picture(page, "editor-rows");
});
await check("a mistake is shown where it is, before it is run", async () => {
	await write(page, "SELECT ?x WHERE {\n  ?x a ; ?y\n}");
	await page.locator("#editor .cm-lintRange-error").waitFor();
	await page.locator("#editor .cm-lint-marker-error").hover();
	await picture(page, "editor-mistake");
	await page.keyboard.press("Control+Enter");
	await page.locator("#answer .bad").waitFor();
	assert.match(await page.locator("#answer .bad").textContent(), /line 2|\n\s+\^/);
});
await check("a missing prefix is offered", async () => {
	await write(page, "SELECT * { ?s skos:prefLabel ?o } LIMIT 1");
	const offer = page.locator("#editor .cm-diagnosticAction");
	await page.locator("#editor .cm-lintRange-error").first().hover();
	await offer.first().click();
	await page.waitForFunction(() => document.getElementById("query").value.startsWith("PREFIX skos: <"));
});
await check("a class is completed by its Vietnamese name, without marks", async () => {
	await write(page, "SELECT * {\n  ?work a ");
	await page.keyboard.type("tac", { delay: 30 });
	const option = page.locator("#editor .cm-tooltip-autocomplete li", { hasText: "bf:Work" });
	await option.first().waitFor();
	assert.match(await option.first().textContent(), /\d/);
	await picture(page, "editor-complete");
	await page.waitForTimeout(300); // what is pressed as the list opens is not meant for it
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => /PREFIX bf: <[^>]+>\n[^]*\?work a bf:\w+/.test(document.getElementById("query").value));
});
await check("a property and a variable are completed", async () => {
	await write(page, "PREFIX bf: <http://id.loc.gov/ontologies/bibframe/>\nSELECT * {\n  ?work ");
	await page.keyboard.type("contrib", { delay: 30 });
	await page.locator("#editor .cm-tooltip-autocomplete li", { hasText: "bf:contribution" }).first().waitFor();
	await page.keyboard.press("Escape");
	await write(page, "SELECT ?work {\n  ?");
	await page.keyboard.type("wo", { delay: 30 });
	await page.locator("#editor .cm-tooltip-autocomplete li", { hasText: "?work" }).first().waitFor();
	await page.keyboard.press("Escape");
});
await check("pages are turned", async () => {
	await write(page, "SELECT * { ?s ?p ?o } LIMIT 120");
	await page.keyboard.press("Control+Enter");
	await page.locator("#answer .pages").waitFor();
	assert.equal(await rows(page).count(), 50);
	await page.locator("#answer .pages button").nth(1).click();
	await page.locator("#answer .pages button").nth(1).click();
	assert.equal(await rows(page).count(), 20);
	assert.ok(await page.locator("#answer .pages button").nth(1).isDisabled());
});
await check("every format is downloaded, CSV for spreadsheets with its mark", async () => {
	for (const format of ["json", "csv", "csv-excel", "tsv", "xml"]) {
		const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#answer .forms a", { hasText: new RegExp(`^${format}$`) }).click()]);
		const text = readFileSync(await download.path());
		assert.ok(text.length > 100, format);
		assert.equal(text.subarray(0, 3).toString("hex") === "efbbbf", format === "csv-excel", format);
	}
});
await check("the plan is shown", async () => {
	await page.locator("#plan").click();
	await page.locator("#answer pre", { hasText: "Scan" }).waitFor();
	await page.locator("#plan-run").click();
	await page.locator("#answer pre", { hasText: /\d rows/ }).waitFor();
	await picture(page, "editor-plan");
});
await check("a slow query shows how far it is, and is cancelled", async () => {
	await write(page, "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h FILTER(?b < ?d && ?d < ?f && ?f < ?h) }");
	await page.keyboard.press("Control+Enter");
	await page.locator("#answer p", { hasText: /\d\.\d s/ }).waitFor({ timeout: 10000 });
	await picture(page, "editor-running");
	await page.locator("#cancel").click();
	await page.locator("#answer p", { hasText: "Stopped." }).waitFor({ timeout: 5000 });
	assert.ok(await page.locator("#cancel").isHidden());
});
await check("a short link to the query runs it again, and answers programs", async () => {
	await write(page, "SELECT (1 + 2 AS ?three) {}");
	await page.locator("#permalink").click();
	await page.waitForFunction(() => /\/sparql\/q\/[0-9a-z]{10}$/.test(location.href));
	const url = await page.evaluate(() => location.href);
	assert.equal(await page.evaluate(() => navigator.clipboard.readText()), url);
	assert.equal(await page.locator("#said a").getAttribute("href"), url);
	await picture(page, "editor-link");
	const other = await open(url.slice(site.length));
	await rows(other).first().waitFor();
	assert.match(await rows(other).first().textContent(), /^3/);
	assert.equal(other.url(), url, "a query that was run unchanged keeps its address");
	await write(other, "SELECT (2 + 2 AS ?four) {}");
	await other.keyboard.press("Control+Enter");
	await rows(other).first().getByText("4").waitFor();
	assert.match(other.url(), /\/sparql\?show=/, "a query that was changed is at another address");
	await other.context().close();
	const csv = await (await fetch(url, { headers: { Accept: "text/csv" } })).text();
	assert.match(csv, /^three\r\n3\r\n/);
});
await check("what is no error and gives nothing is told", async () => {
	await write(page, "SELECT (<urn:nofunction>(1) AS ?x) FROM <urn:nowhere> {}");
	await page.locator("#notes li", { hasText: "no function <urn:nofunction>" }).waitFor();
	assert.equal(await page.locator("#notes li").count(), 2);
	await write(page, "SELECT * {} LIMIT 1");
	await page.locator("#notes").waitFor({ state: "hidden" });
});
await check("a query that is too long for an address is run, downloaded, explained", async () => {
	await write(page, `SELECT (COUNT(*) AS ?n) { VALUES ?x { ${Array.from({ length: 3000 }, (_, i) => `"97860421${i}"`).join(" ")} } }`);
	await page.keyboard.press("Control+Enter");
	await rows(page).first().getByText("3000").waitFor();
	const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#answer .forms a", { hasText: /^csv$/ }).click()]);
	assert.match(readFileSync(await download.path(), "utf8"), /^n\r\n3000/);
	await page.locator("#plan").click();
	await page.locator("#answer pre").waitFor();
	await page.locator("#permalink").click();
	await page.locator("#said", { hasText: "too long" }).waitFor();
});
await check("where the clipboard is closed, the link is shown beside the answer", async () => {
	const p = await open("en/sparql?run=1", { permissions: [] });
	await rows(p).first().waitFor();
	await p.evaluate(() => { Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("closed")) } }); });
	await p.locator("#copy").selectOption("curl");
	await p.locator("#by-hand", { hasText: "curl --get" }).waitFor();
	assert.ok(await rows(p).count() > 0, "the answer is still there");
	await p.context().close();
});
await check("it is copied as programs", async () => {
	await write(page, "SELECT (1 + 2 AS ?three) {}");
	for (const [language, sign] of [["curl", "--data-urlencode"], ["Python", "import requests"], ["R", "library(httr2)"], ["JavaScript", "URLSearchParams"]]) {
		await page.locator("#copy").selectOption(language);
		await page.waitForFunction(async (sign) => (await navigator.clipboard.readText()).includes(sign), sign);
		assert.ok((await page.evaluate(() => navigator.clipboard.readText())).includes("1 + 2"), language);
	}
});
await check("queries that were run come back", async () => {
	await write(page, "ASK { ?s ?p ?o }");
	await page.keyboard.press("Control+Enter");
	await page.locator("#answer .lead").waitFor();
	await page.locator("#history summary").click();
	await page.locator("#history li button", { hasText: "LIMIT 120" }).click();
	assert.match(await value(page), /LIMIT 120/);
});
await check("a graph is shown as Turtle", async () => {
	await write(page, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 3");
	await page.keyboard.press("Control+Enter");
	await page.locator("#answer pre").waitFor();
	assert.equal(await page.locator("#answer .forms a").count(), 4);
	for (const [format, sign] of [["ttl", "@prefix"], ["nt", " .\n"], ["jsonld", '"@'], ["rdf", "<rdf:RDF"]]) {
		const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#answer .forms a", { hasText: new RegExp(`^${format}$`) }).click()]);
		assert.ok(readFileSync(await download.path(), "utf8").includes(sign), format);
	}
});
await check("the keyboard is enough", async () => {
	await write(page, "ASK {}");
	await page.waitForTimeout(500); // the first Escape would else close what is not yet open
	await page.keyboard.press("Escape");
	await page.keyboard.press("Tab");
	assert.equal(await page.evaluate(() => document.activeElement.type), "submit");
	await page.keyboard.press("Enter");
	await page.locator("#answer .lead", { hasText: "true" }).waitFor();
	assert.equal(await page.locator("#answer .forms a").count(), 2);
});
await page.context().close();

for (const lang of ["vi", "en"]) {
	for (const scheme of ["light", "dark"]) {
		for (const width of [1280, 360]) {
			const p = await open(`${lang}/sparql?run=1`, { viewport: { width, height: 800 }, colorScheme: scheme });
			await rows(p).first().waitFor();
			await check(`axe finds nothing: ${lang}, ${scheme}, ${width}`, () => accessible(p, lang));
			await check(`nothing is wider than the window: ${lang}, ${scheme}, ${width}`, async () => {
				assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
			});
			await picture(p, `editor-${lang}-${scheme}-${width}`);
			await p.context().close();
		}
	}
}
// The pages of mapping need no script: a record is pasted, and its subfields lead to triples and back.
const record = "=LDR  00000nam a2200000 i 4500\n=001  demo1\n=008  260101s2020\\\\\\\\vm\\\\\\\\\\\\\\\\\\\\\\\\000\\1\\vie\\d\n=100  1\\$aNguyễn, Du,$d1765-1820\n=245  10$aTruyện Kiều\n=590  \\\\$aCó chữ ký\n";
for (const lang of ["vi", "en"]) {
	for (const scheme of ["light", "dark"]) {
		for (const width of [1280, 360]) {
			const p = await open(`${lang}/mapping`, { viewport: { width, height: 800 }, colorScheme: scheme });
			const name = `${lang}, ${scheme}, ${width}`;
			const narrow = async (of) => assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${of} scrolls sideways`);
			await check(`axe finds nothing where a record is brought: ${name}`, () => accessible(p, lang));
			await check(`a record is mapped with the keyboard: ${name}`, async () => {
				await p.locator("#text").focus();
				await p.keyboard.insertText(record);
				for (let i = 0; i < 3; i++) await p.keyboard.press("Tab");
				await p.keyboard.press("Enter");
				await p.locator("section.mapped").waitFor();
				assert.equal(await p.locator(".fields .state.unmapped", { hasText: lang === "vi" ? "chưa có quy tắc" : "no rule" }).count() > 0, true);
			});
			await check(`axe finds nothing in what it became: ${name}`, () => accessible(p, lang));
			await check(`what it became fits the window: ${name}`, () => narrow("the page"));
			await picture(p, `mapping-${lang}-${scheme}-${width}`);
			await check(`a subfield leads to its triple and back: ${name}`, async () => {
				await p.locator(".fields .to a").first().click();
				const triple = p.locator(".node li:target");
				await triple.waitFor();
				await triple.locator(".to a").first().click();
				await p.locator(".fields li:target").waitFor();
			});
			await p.goto(`${site}${lang}/mapping/rules?q=245`);
			await check(`axe finds nothing in the rules: ${name}`, () => accessible(p, lang));
			await check(`the rules fit the window: ${name}`, () => narrow("the page of rules"));
			await picture(p, `rules-${lang}-${scheme}-${width}`);
			await p.goto(`${site}${lang}/mapping/coverage`);
			await check(`axe finds nothing in the coverage: ${name}`, () => accessible(p, lang));
			await p.context().close();
		}
	}
}
const bare = await open("vi/sparql", { javaScriptEnabled: false });
await check("without script the form is there", async () => {
	assert.ok(await bare.locator("#query").isVisible());
	await bare.locator("#ask button[type=submit]").click();
	await bare.waitForLoadState();
	assert.ok(bare.url().includes("/sparql?query="));
});
await browser.close();
if (wrong.length) {
	console.error(`${wrong.length} wrong:\n${wrong.join("\n")}`);
	process.exit(1);
}
console.log(`   ${checks} checks of the pages in a browser passed`);
