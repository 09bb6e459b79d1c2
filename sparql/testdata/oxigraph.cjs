// Answers queries by Oxigraph, for TestOxigraph: a line of JSON for each request and each answer.
//   {"load": N-Quads, "graphs": [IRI, ...]}   begins a new store   ->  {}
//   {"query": text}                           asks it              ->  {"text": answer} or {"error": why}
const { createRequire } = require('node:module');
const oxigraph = createRequire(process.cwd() + '/')('oxigraph');
let store = new oxigraph.Store();

function answer(r) {
  if (r.load !== undefined) {
    store = new oxigraph.Store();
    store.load(r.load, { format: 'application/n-quads' });
    for (const g of r.graphs) store.update(`CREATE SILENT GRAPH <${g}>`);
    return {};
  }
  const graph = /^\s*(PREFIX\s+\S+\s*<[^>]*>\s*)*(CONSTRUCT|DESCRIBE)/i.test(r.query);
  const text = store.query(r.query, {
    results_format: graph ? 'application/n-triples' : 'application/sparql-results+json',
  });
  return { text };
}

require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  let a;
  try {
    a = answer(JSON.parse(line));
  } catch (e) {
    a = { error: String(e) };
  }
  process.stdout.write(JSON.stringify(a) + '\n');
});
