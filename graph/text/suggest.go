package text

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"mocban/graph"
	"mocban/graph/text/vi"
)

// maxExpansions is how many words a beginning may stand for.
const maxExpansions = 128

// Suggest is Search for text that is still being typed: its last word may be the beginning
// of a word, unless something follows it. Names that begin with all of the text come before
// others. A beginning stands for the 128 most common of the first 4,096 words that share it,
// so the total can be too low for a letter or two.
func (x *Index) Suggest(ctx context.Context, s graph.Search) (graph.Found, error) {
	return x.find(ctx, s, func(r *reading) (*query, error) {
		q := x.newQuery(s.Text, s.Types)
		text := firstCharacters(s.Text, maxQueryCharacters)
		typed := text[len(strings.TrimRightFunc(text, isTyping)):]
		if len(q.words) == 0 || typed == "" {
			return q, nil
		}
		return q, q.complete(r, typed)
	})
}

func isTyping(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// complete lets the last word be the beginning of others. As it was typed it may be that of
// more words than in the one spelling of all: ly is li, but also begins Lyon.
func (q *query) complete(r *reading, typed string) error {
	last := q.words[len(q.words)-1]
	folds, err := r.expand(termField, foldTerm+last.fold)
	if err != nil {
		return err
	}
	if other := vi.Fold(vi.Clean(typed)); other != last.fold && !vi.IsHan([]rune(typed)[0]) {
		more, err := r.expand(termField, foldTerm+other)
		if err != nil {
			return err
		}
		folds = append(folds, more...)
	}
	q.openLast(append(folds, foldTerm+last.fold))
	if last.marked() {
		tones, err := r.expand(termField, tonelessTerm+vi.Toneless(last.text))
		if err != nil {
			return err
		}
		if len(tones) > 0 {
			q.rank = append(q.rank, clause{termField, tones, tonelessWeight / float64(len(q.words))})
		}
	}
	names, err := r.expand(keyField, key(0, wholeName(q.words)))
	if err == nil && len(names) > 0 {
		q.rank = append(q.rank, clause{keyField, names, wholeWeight})
	}
	return err
}

// openLast lets terms stand for the last word, unless it was typed before as a whole.
func (q *query) openLast(terms []string) {
	whole := terms[len(terms)-1]
	before := q.words[:len(q.words)-1]
	if slices.ContainsFunc(before, func(w word) bool { return foldTerm+w.fold == whole }) {
		return
	}
	for i := range q.must {
		if q.must[i].terms[0] == whole {
			q.must[i].terms = terms
		}
	}
}

// expand returns the most common terms with a prefix.
func (r *reading) expand(field, prefix string) ([]string, error) {
	terms, err := commonTerms(r.reader, field, prefix, maxExpansions)
	if err != nil {
		return nil, err
	}
	return terms, r.ctx.Err()
}
