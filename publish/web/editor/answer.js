// What an answer looks like.

export const el = (name, text, attributes) => {
	const e = document.createElement(name);
	if (text !== undefined && text !== null) e.textContent = text;
	for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v);
	return e;
};

const pageRows = 50;

// shortener writes IRIs with prefixes.
const shortener = (prefixes, own) => (iri) => {
	if (iri.startsWith(own)) return iri.slice(own.length);
	let best = null;
	for (const [p, ns] of prefixes) {
		if (iri.startsWith(ns) && (!best || ns.length > best[1].length)) best = [p, ns];
	}
	return best && !/[/#?]/.test(iri.slice(best[1].length)) ? best[0] + ":" + iri.slice(best[1].length) : iri;
};

const cell = (term, short) => {
	const td = el("td");
	fill(td, term, short);
	return td;
};

function fill(into, term, short) {
	if (!term) return;
	switch (term.type) {
	case "uri":
		if (/^https?:/.test(term.value)) into.append(el("a", short(term.value), { href: term.value }));
		else into.append(term.value);
		return;
	case "bnode":
		into.append("_:" + term.value);
		return;
	case "triple":
		into.append("<<( ");
		for (const part of [term.value.subject, term.value.predicate, term.value.object]) {
			fill(into, part, short);
			into.append(" ");
		}
		into.append(")>>");
		return;
	}
	into.append(el("bdi", term.value, term["xml:lang"] ? { lang: term["xml:lang"] } : {}));
	if (term["xml:lang"]) into.append(" ", el("span", "@" + term["xml:lang"], { class: "tag" }));
	else if (term.datatype) into.append(" ", el("span", short(term.datatype), { class: "tag" }));
}

// table shows rows, a page at a time.
export function table(result, { prefixes, words, own }) {
	const short = shortener(prefixes, own);
	const rows = result.results.bindings, vars = result.head.vars;
	const pages = Math.max(1, Math.ceil(rows.length / pageRows));
	const whole = el("div");
	const t = el("table"), head = el("tr"), body = el("tbody"), thead = el("thead");
	for (const v of vars) head.append(el("th", "?" + v, { scope: "col" }));
	thead.append(head);
	t.append(thead, body);
	const scroll = el("div", null, { class: "scroll", tabindex: "0", role: "region", "aria-label": words.rows });
	scroll.append(t);
	whole.append(scroll);
	const where = el("span", "", { role: "status" });
	const back = el("button", words.previous, { type: "button", class: "plain" });
	const on = el("button", words.next, { type: "button", class: "plain" });
	let page = 0;
	const show = () => {
		body.replaceChildren(...rows.slice(page * pageRows, (page + 1) * pageRows).map((row) => {
			const tr = el("tr");
			for (const v of vars) tr.append(cell(row[v], short));
			return tr;
		}));
		where.textContent = `${words.page} ${page + 1} ${words.of} ${pages}`;
		back.disabled = page === 0;
		on.disabled = page === pages - 1;
	};
	const turn = (by) => () => {
		page += by;
		show();
		scroll.scrollTop = 0;
	};
	back.addEventListener("click", turn(-1));
	on.addEventListener("click", turn(1));
	show();
	if (pages > 1) {
		const bar = el("div", null, { class: "row pages" });
		bar.append(back, where, on);
		whole.append(bar);
	}
	return whole;
}

// problem shows an error of the server, and where in the query it is.
export function problem(p, query, lang) {
	const en = lang === "en";
	let s = (en && p.title_en) || p.title || String(p.status);
	const detail = (en && p.detail_en) || p.detail;
	if (detail) s += "\n" + detail;
	if (p.line) {
		const line = query.split("\n")[p.line - 1];
		if (line !== undefined) s += "\n\n" + line + "\n" + " ".repeat(Math.max(0, p.column - 1)) + "^";
	}
	return el("p", s, { class: "bad", role: "alert" });
}
