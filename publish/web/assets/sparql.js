// The query page: run, show as a table, keep the query in the address. Without this script
// the form works as any form does.
(() => {
	"use strict";
	const form = document.getElementById("ask");
	const query = document.getElementById("query");
	const answer = document.getElementById("answer");
	const word = answer.dataset;
	const max = 1000; // rows drawn; all are in the download
	let running = null;

	const el = (name, text, attributes) => {
		const e = document.createElement(name);
		if (text !== undefined && text !== null) e.textContent = text;
		for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v);
		return e;
	};

	// prefixes maps namespaces to prefixes, for showing IRIs short.
	const prefixes = (query.dataset.prefixes || "").split(/\s+/).filter(Boolean).map((p) => {
		const i = p.indexOf("=");
		return [p.slice(i + 1), p.slice(0, i)];
	});
	const own = query.dataset.base + "id/";
	const short = (iri) => {
		if (iri.startsWith(own)) return iri.slice(own.length);
		let best = null;
		for (const [ns, p] of prefixes) {
			if (iri.startsWith(ns) && (!best || ns.length > best[0].length)) best = [ns, p];
		}
		return best && !/[\/#?]/.test(iri.slice(best[0].length)) ? best[1] + ":" + iri.slice(best[0].length) : iri;
	};

	const cell = (term) => {
		const td = el("td");
		if (!term) return td;
		if (term.type === "uri") {
			if (/^https?:/.test(term.value)) td.append(el("a", short(term.value), { href: term.value }));
			else td.textContent = term.value;
		} else if (term.type === "bnode") {
			td.textContent = "_:" + term.value;
		} else if (term.type === "triple") {
			td.textContent = JSON.stringify(term.value);
		} else {
			const b = el("bdi", term.value, term["xml:lang"] ? { lang: term["xml:lang"] } : {});
			td.append(b);
			if (term["xml:lang"]) td.append(" ", el("span", "@" + term["xml:lang"], { class: "tag" }));
			else if (term.datatype) td.append(" ", el("span", short(term.datatype), { class: "tag" }));
		}
		return td;
	};

	const table = (result) => {
		const t = el("table"), head = el("tr"), body = el("tbody");
		for (const v of result.head.vars) head.append(el("th", "?" + v, { scope: "col" }));
		for (const row of result.results.bindings.slice(0, max)) {
			const tr = el("tr");
			for (const v of result.head.vars) tr.append(cell(row[v]));
			body.append(tr);
		}
		const thead = el("thead");
		thead.append(head);
		t.append(thead, body);
		const scroll = el("div", null, { class: "scroll", tabindex: "0" });
		scroll.append(t);
		return scroll;
	};

	const address = (format) => {
		const p = new URLSearchParams({ query: query.value, timeout: form.elements.timeout.value });
		if (format) p.set("format", format);
		return word.root + "sparql?" + p;
	};

	const problem = (p) => {
		const en = word.lang === "en";
		let s = (en && p.title_en) || p.title || String(p.status);
		const detail = (en && p.detail_en) || p.detail;
		if (detail) s += "\n" + detail;
		if (p.line) {
			const lines = query.value.split("\n");
			if (lines[p.line - 1] !== undefined) s += "\n\n" + lines[p.line - 1] + "\n" + " ".repeat(Math.max(0, p.column - 1)) + "^";
		}
		return el("p", s, { class: "bad" });
	};

	const downloads = (formats) => {
		const p = el("p", word.download + ": ", { class: "forms" });
		for (const f of formats) p.append(el("a", f, { href: address(f), download: "" }), " ");
		return p;
	};

	const run = async () => {
		if (running) running.abort();
		running = new AbortController();
		answer.hidden = false;
		answer.replaceChildren(el("p", word.running, { class: "quiet" }));
		const start = performance.now();
		try {
			const response = await fetch(address(""), {
				signal: running.signal,
				headers: { Accept: "application/sparql-results+json, text/turtle;q=0.9, application/problem+json;q=0.8" },
			});
			const type = response.headers.get("Content-Type") || "";
			const text = await response.text();
			const ms = Math.round(performance.now() - start);
			if (!response.ok) {
				answer.replaceChildren(type.includes("json") ? problem(JSON.parse(text)) : el("p", text, { class: "bad" }));
				return;
			}
			history.replaceState(null, "", "?" + new URLSearchParams({ show: query.value }));
			if (!type.includes("json")) {
				answer.replaceChildren(el("p", ms + " ms", { class: "quiet" }), downloads(["ttl", "nt", "jsonld", "rdf"]), el("pre", text));
				return;
			}
			const result = JSON.parse(text);
			if ("boolean" in result) {
				answer.replaceChildren(el("p", result.boolean ? word.true : word.false, { class: "lead" }));
				return;
			}
			const n = result.results.bindings.length;
			let line = `${n} ${word.rows} · ${ms} ms`;
			if (n > max) line += ` · ${word.shown} ${max}`;
			answer.replaceChildren(el("p", line, { class: "quiet" }), downloads(["json", "csv", "csv-excel", "tsv", "xml"]), table(result));
		} catch (e) {
			if (e.name !== "AbortError") answer.replaceChildren(el("p", String(e), { class: "bad" }));
		}
	};

	form.addEventListener("submit", (e) => {
		e.preventDefault();
		run();
	});
	query.addEventListener("keydown", (e) => {
		if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
			e.preventDefault();
			run();
		}
	});
	if (new URLSearchParams(location.search).has("run")) run();
})();
