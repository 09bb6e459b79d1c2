// A query as a program that runs it.

const json = "application/sparql-results+json";

export function snippet(language, endpoint, query) {
	switch (language) {
	case "curl":
		return `curl --get '${endpoint}' \\\n  --header 'Accept: ${json}' \\\n  --data-urlencode query='${query.replace(/'/g, "'\\''")}'\n`;
	case "Python":
		return `import requests\n\nquery = ${JSON.stringify(query)}\nanswer = requests.post(${JSON.stringify(endpoint)}, data={"query": query},\n                       headers={"Accept": "${json}"}, timeout=60)\nanswer.raise_for_status()\nfor row in answer.json()["results"]["bindings"]:\n    print({name: term["value"] for name, term in row.items()})\n`;
	case "R":
		return `library(httr2)\n\nquery <- ${JSON.stringify(query)}\nanswer <- request(${JSON.stringify(endpoint)}) |>\n  req_body_form(query = query) |>\n  req_headers(Accept = "text/csv") |>\n  req_perform()\nrows <- read.csv(text = resp_body_string(answer, "UTF-8"))\n`;
	case "JavaScript":
		return `const query = ${JSON.stringify(query)};\nconst answer = await fetch(${JSON.stringify(endpoint)}, {\n  method: "POST",\n  headers: { Accept: "${json}" },\n  body: new URLSearchParams({ query }),\n});\nif (!answer.ok) throw new Error(await answer.text());\nconst { results } = await answer.json();\nfor (const row of results.bindings) console.log(row);\n`;
	}
	return query;
}
