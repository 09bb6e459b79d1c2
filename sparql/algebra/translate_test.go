package algebra

import (
	"strings"
	"testing"

	"mocban/sparql/syntax"
)

const prologue = "PREFIX : <http://e/>\n"

// algebra translates a query and returns the text of it in one line, with short names.
func algebra(t testing.TB, query string) string {
	t.Helper()
	q, err := syntax.Parse(prologue + query)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Translate(q)
	if err != nil {
		t.Fatal(err)
	}
	return short(a.String())
}

// short writes algebra in one line, with short names.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for from, to := range map[string]string{"<http://e/": ":", "^^<http://www.w3.org/2001/XMLSchema#integer>": ""} {
		s = strings.ReplaceAll(s, from, to)
	}
	return strings.ReplaceAll(s, ">", "")
}

// The examples of SPARQL 1.1, 18.2.3, and what else 18.2 says.
func TestTranslate(t *testing.T) {
	for _, c := range []struct{ group, want string }{
		{`?s ?p ?o`, `(bgp (triple ?s ?p ?o))`},
		{``, `(table unit)`},
		{`?s :p1 ?v1 ; :p2 ?v2`, `(bgp (triple ?s :p1 ?v1) (triple ?s :p2 ?v2))`},
		{`{ ?s :p1 ?v1 } UNION { ?s :p2 ?v2 }`, `(union (bgp (triple ?s :p1 ?v1)) (bgp (triple ?s :p2 ?v2)))`},
		{`{ ?s :p1 ?v1 } UNION { ?s :p2 ?v2 } UNION { ?s :p3 ?v3 }`, `(union (union (bgp (triple ?s :p1 ?v1)) (bgp (triple ?s :p2 ?v2))) (bgp (triple ?s :p3 ?v3)))`},
		{`?s :p1 ?v1 OPTIONAL { ?s :p2 ?v2 }`, `(leftjoin (bgp (triple ?s :p1 ?v1)) (bgp (triple ?s :p2 ?v2)))`},
		{`?s :p1 ?v1 OPTIONAL { ?s :p2 ?v2 } OPTIONAL { ?s :p3 ?v3 }`, `(leftjoin (leftjoin (bgp (triple ?s :p1 ?v1)) (bgp (triple ?s :p2 ?v2))) (bgp (triple ?s :p3 ?v3)))`},
		{`?s :p1 ?v1 OPTIONAL { ?s :p2 ?v2 FILTER(?v1 = 3) }`, `(leftjoin (bgp (triple ?s :p1 ?v1)) (bgp (triple ?s :p2 ?v2)) (= ?v1 "3"))`},
		{`{ ?s :p1 ?v1 } UNION { ?s :p2 ?v2 } OPTIONAL { ?s :p3 ?v3 }`, `(leftjoin (union (bgp (triple ?s :p1 ?v1)) (bgp (triple ?s :p2 ?v2))) (bgp (triple ?s :p3 ?v3)))`},
		{`?s :p1 ?v1 FILTER(?v1 = 3) OPTIONAL { ?s :p2 ?v2 }`, `(filter (= ?v1 "3") (leftjoin (bgp (triple ?s :p1 ?v1)) (bgp (triple ?s :p2 ?v2))))`},
		{`?s :p ?v . BIND (2*?v AS ?v2) ?s :p1 ?v2`, `(join (extend ((?v2 (* "2" ?v))) (bgp (triple ?s :p ?v))) (bgp (triple ?s :p1 ?v2)))`},
		{`?s :p ?v . {} BIND (2*?v AS ?v2)`, `(extend ((?v2 (* "2" ?v))) (bgp (triple ?s :p ?v)))`},
		{`?s :p ?v . MINUS {?s :p1 ?v2 }`, `(minus (bgp (triple ?s :p ?v)) (bgp (triple ?s :p1 ?v2)))`},
		{`?s :p ?o . {SELECT DISTINCT ?o {?o ?p ?z} }`, `(join (bgp (triple ?s :p ?o)) (distinct (project (?o) (bgp (triple ?o ?p ?z)))))`},

		{`?s :p ?n OPTIONAL {{ ?s :q ?x FILTER(?n=1) }}`, `(leftjoin (bgp (triple ?s :p ?n)) (filter (= ?n "1") (bgp (triple ?s :q ?x))))`}, // trap 5
		{`OPTIONAL { ?s :q ?x }`, `(leftjoin (table unit) (bgp (triple ?s :q ?x)))`},
		{`MINUS { ?s :q ?x }`, `(minus (table unit) (bgp (triple ?s :q ?x)))`},
		{`:b :p ?n { FILTER(?n > 1) }`, `(join (bgp (triple :b :p ?n)) (filter ( ?n "1") (table unit)))`}, // trap 6
		{`FILTER(?a) ?a :p ?b FILTER(?b) ?b :p ?c`, `(filter (&& ?a ?b) (bgp (triple ?a :p ?b) (triple ?b :p ?c)))`},
		{`BIND(?n+1 AS ?m) :a :p ?n`, `(join (extend ((?m (+ ?n "1"))) (table unit)) (bgp (triple :a :p ?n)))`}, // trap 7
		{`GRAPH ?g { FILTER(BOUND(?g)) }`, `(graph ?g (filter (bound ?g) (table unit)))`},                       // trap 15
		{`GRAPH ?g { }`, `(graph ?g (table unit))`},
		{`SERVICE SILENT <http://x> { ?s ?p ?o }`, `(service silent <http://x (bgp (triple ?s ?p ?o)))`},
		{`_:a :p [ :q (1) ]`, `(bgp (triple ?.a :p ?.b1) (triple ?.b1 :q ?.b2) (triple ?.b2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first "1") (triple ?.b2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil))`},
		{`?s :p ?o FILTER NOT EXISTS { ?s :q ?z FILTER(?z) }`, `(filter (notexists (filter ?z (bgp (triple ?s :q ?z)))) (bgp (triple ?s :p ?o)))`},
		{`VALUES (?a ?b) { (1 UNDEF) (:x "y") }`, `(table (vars ?a ?b) (row (?a "1")) (row (?a :x) (?b "y")))`},
		{`FILTER(?a IN (1, 2) && ?a NOT IN () || !?b - -1 = +?c)`, `(filter (|| (&& (in ?a "1" "2") (notin ?a)) (= (- (! ?b) "-1") (+ ?c))) (table unit))`},
		{`FILTER(?a -1 *2 +3.0 / 4 = :f(?a,REGEX(?b,"c")))`, "(filter (= (+ (- ?a (* \"1\" \"2\")) (/ \"3.0\"^^<http://www.w3.org/2001/XMLSchema#decimal \"4\")) (:f ?a (regex ?b \"c\"))) (table unit))"},

		// 18.2.2.4
		{`?s :p/:q ?o`, `(bgp (triple ?s :p ?..p1) (triple ?..p1 :q ?o))`},
		{`?s ^:p ?o`, `(bgp (triple ?o :p ?s))`},
		{`?s ^(:p/^:q) ?o`, `(bgp (triple ?o :p ?..p1) (triple ?s :q ?..p1))`},
		{`?s :p/:q*/:r ?o . ?o :t 1`, `(join (join (bgp (triple ?s :p ?..p1)) (path ?..p1 (path* :q) ?..p2)) (bgp (triple ?..p2 :r ?o) (triple ?o :t "1")))`},
		{`?s (:p|^:q/:r)+ ?o`, `(path ?s (path+ (alt :p (seq (reverse :q) :r))) ?o)`},
		{`?s !(:p|^:q|a)? ?o`, `(path ?s (path? (notoneof :p <http://www.w3.org/1999/02/22-rdf-syntax-ns#type (reverse :q))) ?o)`},
		{`?s !() ?o`, `(path ?s (notoneof) ?o)`},
		{`?s (:p)/(:q/:r) ?o`, `(bgp (triple ?s :p ?..p1) (triple ?..p1 :q ?..p2) (triple ?..p2 :r ?o))`},
	} {
		if got := algebra(t, "ASK {"+c.group+"}"); got != "(ask "+c.want+")" {
			t.Errorf("{ %s }\nis   %s\nwant (ask %s)", c.group, got, c.want)
		}
	}
}

// 18.2.4 and 18.2.5
func TestTranslateModifiers(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{`SELECT * { ?b :p ?a }`, `(project (?b ?a) (bgp (triple ?b :p ?a)))`},
		{`SELECT * { _:x :p ?a MINUS { ?c :p ?d } }`, `(project (?a) (minus (bgp (triple ?.x :p ?a)) (bgp (triple ?c :p ?d))))`},
		{`SELECT DISTINCT ?b { ?b :p ?a } ORDER BY ?a DESC(?b) LIMIT 5 OFFSET 2`, `(slice 2 5 (distinct (project (?b) (order (?a (desc ?b)) (bgp (triple ?b :p ?a))))))`},
		{`SELECT REDUCED ?b { ?b :p ?a } LIMIT 0`, `(slice _ 0 (reduced (project (?b) (bgp (triple ?b :p ?a)))))`},
		{`SELECT (1 AS ?x) (?x+1 AS ?y) {} VALUES ?z { :u }`, `(project (?x ?y) (extend ((?y (+ ?x "1"))) (extend ((?x "1")) (table (vars ?z) (row (?z :u))))))`},
		{`SELECT (COUNT(*) AS ?n) { ?s ?p ?o }`, `(project (?n) (extend ((?n ?..a1)) (group () ((?..a1 (count))) (bgp (triple ?s ?p ?o)))))`},
		{`SELECT ?p (SUM(?o) + 1 AS ?n) { ?s ?p ?o } GROUP BY ?p HAVING (SUM(?o) > 2) ORDER BY COUNT(DISTINCT ?s)`, `(project (?p ?n) (order (?..a2) (extend ((?n (+ ?..a1 "1"))) (filter ( ?..a1 "2") (group (?p) ((?..a1 (sum ?o)) (?..a2 (count distinct ?s))) (bgp (triple ?s ?p ?o)))))))`},
		{`SELECT ?l (GROUP_CONCAT(?o ; SEPARATOR=", ") AS ?n) { ?s ?p ?o } GROUP BY (LANG(?o) AS ?l) STR(?s) VALUES ?l { "vi" }`, `(project (?l ?n) (extend ((?n ?..a2)) (join (group ((?l (lang ?o)) (?..k1 (str ?s))) ((?..a2 (group_concat (separator ", ") ?o))) (bgp (triple ?s ?p ?o))) (table (vars ?l) (row (?l "vi"))))))`},
		{`SELECT ?s { ?s ?p ?o } GROUP BY ?s ?p ?s`, `(project (?s) (group (?s ?p) (bgp (triple ?s ?p ?o))))`},
		{`SELECT ?s { ?s ?p ?o } HAVING (?s = 1)`, `(project (?s) (filter (= ?s "1") (bgp (triple ?s ?p ?o))))`},
		{`SELECT (SUM(RAND()) AS ?a) (SUM(RAND()) AS ?b) {}`, `(project (?a ?b) (extend ((?b ?..a2)) (extend ((?a ?..a1)) (group () ((?..a1 (sum (rand))) (?..a2 (sum (rand)))) (table unit)))))`},
		{`SELECT (MAX(?n) AS ?m) { { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s } }`, `(project (?m) (extend ((?m ?..a2)) (group () ((?..a2 (max ?n))) (project (?n) (extend ((?n ?..a1)) (group (?s) ((?..a1 (count))) (bgp (triple ?s ?p ?o))))))))`},
		{`SELECT (:f(DISTINCT ?s) AS ?x) { ?s ?p ?o }`, `(project (?x) (extend ((?x ?..a1)) (group () ((?..a1 (:f distinct ?s))) (bgp (triple ?s ?p ?o)))))`},
		{`CONSTRUCT { ?s :p _:b . _:b :q [] } { ?s :r _:b }`, `(construct (triple ?s :p ?..tb) (triple ?..tb :q ?..tb1) (bgp (triple ?s :r ?.b)))`},
		{`CONSTRUCT WHERE { ?s :p _:b } LIMIT 1`, `(construct (triple ?s :p ?..tb) (slice _ 1 (bgp (triple ?s :p ?.b))))`},
		{`DESCRIBE :x ?y { ?y :p 1 }`, `(describe :x ?y (bgp (triple ?y :p "1")))`},
		{`DESCRIBE <http://x>`, `(describe <http://x (table unit))`},
	} {
		if got := algebra(t, c.query); got != c.want {
			t.Errorf("%s\nis   %s\nwant %s", c.query, got, c.want)
		}
	}
}

// SPARQL 1.2: triple terms, and what stands for them where they cannot be matched.
func TestExpandTriples(t *testing.T) {
	for _, c := range []struct{ group, want, expanded string }{
		{`?s :p <<( :a :b 1 )>>`, `(bgp (triple ?s :p <<( :a :b "1" )))`, `(bgp (triple ?s :p <<( :a :b "1" )))`},
		{`?s :p <<( ?s :b ?o )>>`, `(bgp (triple ?s :p <<?s :b ?o))`, `(extend ((?o (object ?..q1))) (filter (sameterm (predicate ?..q1) :b) (filter (sameterm (subject ?..q1) ?s) (filter (istriple ?..q1) (bgp (triple ?s :p ?..q1))))))`},
		{`?o :q 1 . ?s :p <<( ?a :b <<( ?a :c :d )>> )>> FILTER EXISTS { :x :y <<( ?a ?b ?c )>> }`,
			`(filter (exists (bgp (triple :x :y <<?a ?b ?c))) (bgp (triple ?o :q "1") (triple ?s :p <<?a :b <<?a :c :d)))`,
			`(filter (exists (extend ((?c (object ?..q1))) (extend ((?b (predicate ?..q1))) (extend ((?a (subject ?..q1))) (filter (istriple ?..q1) (bgp (triple :x :y ?..q1))))))) ` +
				`(join (bgp (triple ?o :q "1")) (filter (sameterm (object ?..q3) :d) (filter (sameterm (predicate ?..q3) :c) (filter (sameterm (subject ?..q3) ?a) (filter (istriple ?..q3) ` +
				`(extend ((?..q3 (object ?..q2))) (filter (sameterm (predicate ?..q2) :b) (extend ((?a (subject ?..q2))) (filter (istriple ?..q2) (bgp (triple ?s :p ?..q2))))))))))))`},
	} {
		q, err := syntax.Parse(prologue + "ASK {" + c.group + "}")
		if err != nil {
			t.Fatal(err)
		}
		a, err := Translate(q)
		if err != nil {
			t.Fatal(err)
		}
		if got := short(a.Pattern.String()); got != c.want {
			t.Errorf("%s\nis   %s\nwant %s", c.group, got, c.want)
		}
		if got := short(ExpandTriples(a).Pattern.String()); got != c.expanded {
			t.Errorf("%s expands to\n%s, want\n%s", c.group, got, c.expanded)
		}
		if got := short(a.Pattern.String()); got != c.want {
			t.Errorf("%s was changed to %s", c.group, got)
		}
	}
}

// What can be read can be translated and printed, and is the same again when it has been
// printed and read back.
func FuzzTranslate(f *testing.F) {
	for _, text := range []string{
		"SELECT ?x (COUNT(DISTINCT ?y) AS ?n) { ?x <p>/<q>* [ <r> (1 ?y) ] OPTIONAL { ?x ^<s> ?z FILTER(?z > ?y) } } GROUP BY ?x HAVING(SUM(?y) > 2) ORDER BY DESC(?n) LIMIT 3",
		"CONSTRUCT { ?s <p> _:b } FROM <g> FROM NAMED <h> { GRAPH ?g { ?s !(<p>|^<q>) ?o } MINUS { ?s ?p ?o FILTER EXISTS { ?o ?q ?r } } BIND(IF(?o IN (1, 2), ?s, COALESCE()) AS ?i) } VALUES (?a ?b) { (UNDEF 1) }",
		"DESCRIBE * { { SELECT REDUCED * { SERVICE SILENT <s> { ?a ?b -1.5 } } } UNION { ?a ?b 'x'@vi } }",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := syntax.Options{Base: "http://e/"}.Parse(text)
		if err != nil {
			return
		}
		a, err := Translate(q)
		if err != nil {
			return
		}
		q2, err := syntax.Options{Depth: 4 * syntax.MaxDepth, Parts: 4 * syntax.MaxParts}.Parse(q.String())
		if err != nil {
			t.Fatal(err)
		}
		if b, err := Translate(q2); err != nil || b.String() != a.String() {
			t.Fatalf("%s\ntranslates to %s\nand read back to %s (%v)", text, a, b, err)
		}
	})
}
