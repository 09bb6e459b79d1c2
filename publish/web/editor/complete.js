// Completion: prefixes, classes and properties by name in Vietnamese or English, variables.

// fold drops the marks of a text, so that "tac gia" finds "tác giả".
export const fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

const keywords = ("SELECT DISTINCT REDUCED WHERE OPTIONAL FILTER UNION MINUS GRAPH SERVICE BIND VALUES EXISTS NOT LIMIT OFFSET " +
	"ORDER GROUP BY HAVING ASC DESC CONSTRUCT DESCRIBE ASK FROM NAMED PREFIX BASE COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT " +
	"STR LANG DATATYPE BOUND CONTAINS STRSTARTS STRENDS REGEX REPLACE LCASE UCASE STRLEN SUBSTR CONCAT COALESCE IF YEAR MONTH DAY").split(" ");

// before tells what stands before a position within its triple: how many terms, and which
// was the last.
function before(text) {
	const tokens = text.replace(/#[^\n]*/g, "").match(/<[^>\s]*>|"(?:[^"\\\n]|\\.)*"(?:@[\w-]+)?|'(?:[^'\\\n]|\\.)*'|[{}.;,()]|[^\s{};,()]+/g) || [];
	let terms = 0, last = "";
	for (const t of tokens) {
		if (t === "{" || t === "}" || t === ".") terms = 0;
		else if (t === ";") terms = 1;
		else if (t === ",") terms = 2;
		else terms++;
		last = t;
	}
	return { terms, last, inside: text.includes("{") };
}

// completer returns a source of completions. The names come from the server once.
export function completer({ prefixes, words, lang, url }) {
	let terms = null;
	const load = () => terms ??= fetch(url).then((r) => (r.ok ? r.json() : { classes: [], properties: [] })).catch(() => {
		terms = null;
		return { classes: [], properties: [] };
	});

	const option = (kind) => (t) => {
		const name = (lang === "en" ? t.en : t.vi) || t.vi || t.en || "";
		const curie = /^[\w-]+:[\w-]+$/.test(t.short);
		const label = curie ? t.short : "<" + t.iri + ">";
		return {
			label, kind, folded: fold(`${label} ${t.vi || ""} ${t.en || ""}`), count: t.count,
			displayLabel: name ? `${label} – ${name}` : label,
			detail: `${t.count.toLocaleString(lang)} ${words["times-used"]}`,
			apply: (view, completion, from, to) => {
				const doc = view.state.doc.toString();
				const prefix = curie ? label.slice(0, label.indexOf(":")) : "";
				const changes = [{ from, to, insert: label }];
				if (prefix && prefixes.has(prefix) && !new RegExp(`PREFIX\\s+${prefix}:`, "i").test(doc)) {
					changes.unshift({ from: 0, insert: `PREFIX ${prefix}: <${prefixes.get(prefix)}>\n` });
				}
				const shift = changes.length > 1 ? changes[0].insert.length : 0;
				view.dispatch({ changes, selection: { anchor: from + shift + label.length } });
			},
		};
	};

	return async (context) => {
		const line = context.state.doc.lineAt(context.pos);
		const declared = /^\s*PREFIX\s+([\w-]*)$/i.exec(line.text.slice(0, context.pos - line.from));
		if (declared) {
			return {
				from: context.pos - declared[1].length,
				options: [...prefixes].map(([p, ns]) => ({ label: `${p}: <${ns}>`, displayLabel: `${p}:`, detail: ns, type: "namespace" })),
			};
		}
		const variable = context.matchBefore(/[?$][\p{L}\p{N}_]*/u);
		if (variable) {
			const seen = new Set(context.state.doc.toString().match(/[?$][\p{L}_][\p{L}\p{N}_]*/gu));
			seen.delete(variable.text);
			return { from: variable.from, options: [...seen].map((label) => ({ label, detail: words.variable, type: "variable" })), validFor: /^[?$][\p{L}\p{N}_]*$/u };
		}
		const word = context.matchBefore(/[\p{L}\p{N}_:-]+/u);
		if (!word && !context.explicit) return null;
		if (word && word.text.length < 2 && !context.explicit) return null;
		const from = word ? word.from : context.pos;
		const at = before(context.state.sliceDoc(0, from));
		const all = await load();
		if (context.aborted) return null;
		const classes = all.classes.map(option("class")), properties = all.properties.map(option("property"));
		let list = [];
		if (at.inside) {
			if (at.terms === 1) list = properties;
			else if (at.terms === 2 && (at.last === "a" || /(^|:)type>?$/.test(at.last))) list = classes;
			else list = [...properties, ...classes];
		}
		const sought = fold(word ? word.text : "");
		const found = list.filter((o) => o.folded.includes(sought))
			.sort((x, y) => Number(y.folded.startsWith(sought)) - Number(x.folded.startsWith(sought)) || y.count - x.count)
			.slice(0, 60);
		const plain = word ? keywords.filter((k) => k.toLowerCase().startsWith(word.text.toLowerCase())).map((label) => ({ label, type: "keyword" })) : [];
		return { from, options: [...found, ...plain], filter: false };
	};
}
