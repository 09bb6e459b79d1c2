// The SPARQL page: an editor that knows the data, and a table of what they answer. Without
// this script the form works as any form does.
import { EditorView, keymap, lineNumbers, highlightActiveLine, drawSelection } from "@codemirror/view";
import { EditorState } from "@codemirror/state";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { StreamLanguage, HighlightStyle, syntaxHighlighting, bracketMatching, indentUnit } from "@codemirror/language";
import { autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { setDiagnostics, lintGutter, lintKeymap } from "@codemirror/lint";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { tags } from "@lezer/highlight";
import { completer } from "./complete.js";
import { table, problem, el } from "./answer.js";
import { snippet } from "./snippets.js";

const form = document.getElementById("ask");
const query = document.getElementById("query");
const answer = document.getElementById("answer");
const said = document.getElementById("said");
const words = JSON.parse(answer.dataset.words);
const { lang, root } = answer.dataset;
const mostShown = 24 << 20; // bytes of an answer that are read to be shown
const endpoint = new URL(root + "sparql", location.href).href;
const longest = 6000; // characters of an address that servers and browsers take for sure

// Opened by a short address, the page keeps it while the query is the one it stands for.
const short = { text: location.pathname.includes("/sparql/q/") ? query.value : null, path: location.pathname };

// prefixes maps prefixes to namespaces.
const prefixes = new Map((query.dataset.prefixes || "").split(/\s+/).filter(Boolean).map((p) => {
	const i = p.indexOf("=");
	return [p.slice(0, i), p.slice(i + 1)];
}));

// What is no error, and gives nothing, is told below the editor.
const notes = el("ul", null, { id: "notes", class: "quiet", role: "status", hidden: "" });
document.getElementById("editor").after(notes);

const say = (text) => { said.textContent = text; };

const colours = HighlightStyle.define([
	{ tag: tags.keyword, color: "var(--link)", fontWeight: "600" },
	{ tag: [tags.string, tags.special(tags.string)], color: "var(--code-text)" },
	{ tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
	{ tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--code-variable)" },
	{ tag: [tags.atom, tags.number, tags.bool], color: "var(--code-name)" },
]);

const look = EditorView.theme({
	"&": { fontSize: ".9rem", backgroundColor: "var(--paper)", color: "var(--ink)" },
	"&.cm-focused": { outline: "3px solid var(--seal)", outlineOffset: "2px" },
	".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", minHeight: "14rem", maxHeight: "32rem" },
	".cm-content": { caretColor: "var(--ink)" },
	".cm-cursor": { borderLeftColor: "var(--ink)" },
	".cm-gutters": { backgroundColor: "var(--soft)", color: "var(--quiet)", borderRight: "1px solid var(--rule)" },
	".cm-activeLine": { backgroundColor: "var(--soft)" },
	"&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--code-select)" },
	"&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--code-select)", outline: "1px solid var(--quiet)" },
	".cm-tooltip": { backgroundColor: "var(--leaf)", color: "var(--ink)", border: "1px solid var(--strong-rule)" },
	".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--sans)", maxHeight: "16rem" },
	".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".25rem .5rem" },
	".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--seal)", color: "#fff" },
	".cm-completionDetail": { marginLeft: "1rem", fontStyle: "normal", opacity: "1", float: "right" },
	".cm-diagnostic": { whiteSpace: "pre-wrap", fontFamily: "var(--sans)" },
});

// ask runs the query; it is set below.
let ask = () => {};

const view = new EditorView({
	parent: mount(),
	root: mount().getRootNode(),
	state: EditorState.create({
		doc: query.value,
		extensions: [
			lineNumbers(), lintGutter(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), closeBrackets(),
			...(matchMedia("(max-width: 40rem)").matches ? [EditorView.lineWrapping] : []), StreamLanguage.define(sparql), syntaxHighlighting(colours), indentUnit.of("  "), look,
			autocompletion({ override: [completer({ prefixes, words, lang, url: root + "sparql/terms" })], icons: false }),
			keymap.of([
				{ key: "Mod-Enter", run: () => { ask(); return true; } },
				...lintKeymap, ...completionKeymap, ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab,
			]),
			EditorView.contentAttributes.of({ "aria-label": document.getElementById("query-label").textContent, "aria-description": document.getElementById("editor-help").textContent, spellcheck: "false", autocapitalize: "off", tabindex: "0" }),
			EditorView.updateListener.of((u) => { if (u.docChanged) changed(); }),
		],
	}),
});

// mount returns where the editor lives: below a shadow root, so that its styles need no
// exception from the content security policy.
function mount() {
	const host = document.getElementById("editor");
	if (!host.shadowRoot) {
		host.attachShadow({ mode: "open" }).append(document.createElement("div"));
		host.hidden = false;
		query.hidden = true;
		document.getElementById("query-label").hidden = true;
		document.getElementById("format").hidden = true; // every answer has links to all of them
		document.getElementById("tools").hidden = false;
	}
	return host.shadowRoot.firstElementChild;
}

const text = () => view.state.doc.toString();

const replace = (value) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });

// changed keeps the form in step and has the text read by the server's own parser.
let checking = 0;
function changed() {
	query.value = text();
	clearTimeout(checking);
	checking = setTimeout(check, 350);
}

async function check() {
	const asked = text();
	if (!asked.trim()) return;
	let result;
	try {
		const r = await fetch(root + "sparql/check", { method: "POST", body: asked, headers: { "Content-Type": "application/sparql-query" } });
		if (!r.ok) return;
		result = await r.json();
	} catch {
		return; // the next change asks again
	}
	if (asked !== text()) return;
	notes.replaceChildren(...(result.notes || []).map((n) => el("li", (lang === "en" && n.detail_en) || n.detail)));
	notes.hidden = !result.notes;
	view.dispatch(setDiagnostics(view.state, result.ok ? [] : [diagnostic(result)]));
}

// place returns the position of a line and a column in characters, which UTF-16 counts
// otherwise beyond the basic plane.
function place(line, column) {
	const l = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
	let at = 0;
	for (const c of l.text) {
		if (--column < 1) break;
		at += c.length;
	}
	return l.from + at;
}

function diagnostic(p) {
	const from = place(p.line, p.column);
	const to = Math.min(view.state.doc.length, Math.max(from + 1, place(p.line, p.column + (p.length || 1))));
	const d = { from: Math.min(from, to), to, severity: "error", message: (lang === "en" && p.detail_en) || p.detail };
	if (p.missing) {
		d.actions = [{ name: p.missing, apply: (v) => v.dispatch({ changes: { from: 0, insert: p.missing + "\n" } }) }];
	}
	return d;
}

// request returns the address and options of fetch for the query: one that is too long for an
// address is sent as a form.
const request = (format) => {
	const p = new URLSearchParams({ query: text(), timeout: form.elements.timeout.value });
	if (format) p.set("format", format);
	const url = root + "sparql?" + p;
	return url.length <= longest ? { url } : { url: root + "sparql", method: "POST", body: p };
};

// shownAt is the address of this page with the query, or null if that would be too long.
const shownAt = (run) => {
	if (text() === short.text) return short.path;
	const url = root + lang + "/sparql?" + new URLSearchParams({ show: text(), ...(run ? { run: "1" } : {}) });
	return url.length <= longest ? url : null;
};

const note = (url) => { if (url) globalThis.history.replaceState(null, "", url); };

const downloads = (formats) => {
	const p = el("p", words.download + ": ", { class: "forms" });
	for (const f of formats) {
		const { url, ...how } = request(f);
		const a = el("a", f, { href: url, download: "" });
		if (how.body) a.addEventListener("click", (e) => { e.preventDefault(); save(url, how, f); });
		p.append(a, " ");
	}
	return p;
};

// save downloads what only a form can ask for.
async function save(url, how, format) {
	try {
		const r = await fetch(url, how);
		if (!r.ok) throw new Error(r.status);
		const here = URL.createObjectURL(await r.blob());
		el("a", "", { href: here, download: "sparql." + (format === "csv-excel" ? "csv" : format) }).click();
		setTimeout(() => URL.revokeObjectURL(here), 60000);
	} catch {
		say(words["broken-off"]);
	}
}

// A run is one query on its way.
let running = null;
const cancel = document.getElementById("cancel");
const newID = () => "page-" + Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

// watch shows how far a query is, from the events of the server.
function watch(id) {
	const line = el("p", words.running, { class: "quiet", role: "status" });
	answer.replaceChildren(line);
	let events = null;
	const later = setTimeout(() => {
		events = new EventSource(root + "sparql/jobs/" + id + "/events");
		events.addEventListener("state", (e) => {
			const s = JSON.parse(e.data);
			if (s.state !== "queued" && s.state !== "running") { events.close(); return; }
			line.textContent = `${s.state === "queued" ? words.queued : words.running} ${s.elapsed.toFixed(1)} ${words.seconds}` + (s.rows ? ` · ${s.rows.toLocaleString(lang)} ${words.rows}` : "") + (s.examined ? ` · ${s.examined.toLocaleString(lang)} ${words.examined}` : "") + (words["lane-" + s.lane] ? ` · ${words["lane-" + s.lane]}` : "");
		});
		events.onerror = () => events.close();
	}, 700);
	return () => { clearTimeout(later); if (events) events.close(); };
}

// read returns the text of an answer, or null if it is longer than can be shown.
async function read(response) {
	const reader = response.body.getReader();
	const decoder = new TextDecoder();
	const parts = [];
	let size = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return parts.join("") + decoder.decode();
		size += value.length;
		if (size > mostShown) {
			reader.cancel();
			return null;
		}
		parts.push(decoder.decode(value, { stream: true }));
	}
}

ask = async () => {
	if (running) stop();
	const mine = { id: newID(), abort: new AbortController() };
	running = mine;
	remember(text());
	answer.hidden = false;
	cancel.hidden = false;
	const watched = watch(mine.id);
	const start = performance.now();
	try {
		const { url, ...how } = request("");
		const response = await fetch(url, {
			...how,
			signal: mine.abort.signal,
			headers: { Accept: "application/sparql-results+json, text/turtle;q=0.9, application/problem+json;q=0.8", "Query-Id": mine.id },
		});
		const type = response.headers.get("Content-Type") || "";
		const body = await read(response);
		const ms = Math.round(performance.now() - start);
		if (running !== mine) return;
		if (!response.ok) {
			const p = type.includes("json") ? JSON.parse(body) : { status: response.status, detail: body };
			answer.replaceChildren(problem(p, text(), lang));
			if (p.line) view.dispatch(setDiagnostics(view.state, [diagnostic({ ...p, length: (p.found || "").length })]));
			return;
		}
		note(shownAt(false));
		const rows = ["json", "csv", "csv-excel", "tsv", "xml"], triples = ["ttl", "nt", "jsonld", "rdf"];
		if (body === null) {
			answer.replaceChildren(el("p", words["too-long-to-show"]), downloads(type.includes("json") ? rows : triples));
			return;
		}
		if (!type.includes("json")) {
			answer.replaceChildren(el("p", ms + " ms", { class: "quiet" }), downloads(triples), el("pre", body, { tabindex: "0" }));
			return;
		}
		const result = JSON.parse(body);
		if ("boolean" in result) {
			answer.replaceChildren(el("p", result.boolean ? words.true : words.false, { class: "lead" }), downloads(["json", "xml"]));
			return;
		}
		const line = `${result.results.bindings.length.toLocaleString(lang)} ${words.rows} · ${ms.toLocaleString(lang)} ms`;
		answer.replaceChildren(el("p", line, { class: "quiet", role: "status" }), downloads(rows), table(result, { prefixes, words, own: query.dataset.base + "id/" }));
	} catch (e) {
		if (running !== mine) return;
		answer.replaceChildren(el("p", e.name === "AbortError" ? words.cancelled : words["broken-off"], { class: e.name === "AbortError" ? "quiet" : "bad" }));
	} finally {
		watched();
		if (running === mine) {
			running = null;
			cancel.hidden = true;
		}
	}
};

function stop() {
	const was = running;
	if (!was) return;
	fetch(root + "sparql/jobs/" + was.id, { method: "DELETE" }).catch(() => {});
	was.abort.abort();
}

form.addEventListener("submit", (e) => {
	e.preventDefault();
	ask();
});
cancel.addEventListener("click", stop);

// The plan is shown at once, and what its steps did when it is run.
const explain = async (run) => {
	answer.hidden = false;
	if (run) answer.replaceChildren(el("p", words.running, { class: "quiet", role: "status" }));
	try {
		const r = await fetch(root + "sparql/explain?" + new URLSearchParams({ lang, ...(run ? { run: "1" } : {}) }), { method: "POST", body: new URLSearchParams({ query: text(), timeout: form.elements.timeout.value }), headers: { Accept: "text/plain, application/problem+json;q=0.9" } });
		const body = await r.text();
		if (!r.ok) {
			answer.replaceChildren(problem(JSON.parse(body), text(), lang));
			return;
		}
		answer.replaceChildren(el("pre", body, { tabindex: "0" }));
		if (run) return;
		const b = el("button", words["plan-run"], { type: "button", class: "plain", id: "plan-run" });
		b.addEventListener("click", () => explain(true));
		const line = el("p");
		line.append(b);
		answer.append(line);
	} catch (e) {
		answer.replaceChildren(el("p", String(e), { class: "bad" }));
	}
};
document.getElementById("plan").addEventListener("click", () => explain(false));

// copy puts a text into the clipboard. Where that is closed to us, the text is shown to be
// copied by hand, above the answer that is there.
async function copy(value, what) {
	document.getElementById("by-hand")?.remove();
	try {
		await navigator.clipboard.writeText(value);
		said.replaceChildren(words.copied, ...(what ? [" ", what] : []));
	} catch {
		said.replaceChildren();
		answer.hidden = false;
		const box = el("pre", value, { tabindex: "0", id: "by-hand" });
		answer.prepend(box);
		getSelection().selectAllChildren(box);
	}
}

// The link is a short one where the site keeps these; else the query stands in it.
document.getElementById("permalink").addEventListener("click", async () => {
	const asked = text();
	let url = shownAt(true);
	if (answer.dataset.links && asked !== short.text) {
		try {
			const r = await fetch(answer.dataset.links, { method: "POST", body: asked, headers: { "Content-Type": "application/sparql-query" } });
			if (r.ok) {
				const { name, url: whole } = await r.json();
				Object.assign(short, { text: asked, path: root + "sparql/q/" + name });
				if (asked === text()) note(short.path);
				copy(whole, el("a", whole, { href: whole }));
				return;
			}
			if (r.status === 400) { // it is no query: say where
				const p = await r.json();
				answer.hidden = false;
				answer.replaceChildren(problem(p, asked, lang));
				return;
			}
		} catch { /* then the long one */ }
	}
	if (!url) {
		say(words["too-long-to-link"]);
		return;
	}
	note(url);
	copy(location.href);
});

document.getElementById("copy").addEventListener("change", (e) => {
	const language = e.target.value;
	e.target.value = "";
	if (language) copy(snippet(language, endpoint, text()));
});

// The queries that were run stay in this browser.
const shelf = "mocban-queries";
const remembered = () => {
	try { return JSON.parse(localStorage.getItem(shelf)) || []; } catch { return []; }
};
function remember(value) {
	try {
		localStorage.setItem(shelf, JSON.stringify([{ text: value, time: Date.now() }, ...remembered().filter((q) => q.text !== value)].slice(0, 40)));
	} catch { /* the browser keeps nothing: then there is no history */ }
}

const past = document.getElementById("history");
past.addEventListener("toggle", () => {
	if (!past.open) return;
	const box = past.querySelector("div");
	const list = remembered();
	if (list.length === 0) {
		box.replaceChildren(el("p", words["history-empty"], { class: "quiet" }));
		return;
	}
	const ul = el("ul");
	for (const q of list) {
		const b = el("button", q.text.replace(/PREFIX[^\n]*\n/gi, "").trim().replace(/\s+/g, " ").slice(0, 90), { type: "button", class: "plain" });
		b.addEventListener("click", () => { replace(q.text); past.open = false; view.focus(); });
		const li = el("li");
		li.append(b, " ", el("span", new Date(q.time).toLocaleString(lang), { class: "quiet" }));
		ul.append(li);
	}
	const clear = el("button", words["history-clear"], { type: "button", class: "plain" });
	clear.addEventListener("click", () => { localStorage.removeItem(shelf); past.open = false; });
	box.replaceChildren(ul, clear);
});

if ("run" in answer.dataset) ask();
check();
