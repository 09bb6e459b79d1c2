package main

import (
	"context"
	"strings"

	"mocban/graph"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
)

// warnOfBase tells when the records of a store were loaded under another base than that of the
// site: they would have no pages, and nothing else would say why.
func (a *app) warnOfBase(ctx context.Context, s graph.Store, base graph.IRI) error {
	record, err := otherBase(ctx, s, base)
	if err != nil || record == "" {
		return err
	}
	was, _, _ := strings.Cut(string(record), "record/")
	a.sayf(`Chú ý: biểu ghi trong dữ liệu có định danh bắt đầu bằng %[1]s (chẳng hạn %[2]s),
  còn trang web mở với địa chỉ gốc %[3]s, nên các biểu ghi ấy không có trang.
  Nếu %[1]s là đúng: bỏ --base-uri, MOCBAN_BASE_URI, và ghi base-uri = "%[1]s" trong %[4]s.
  Nếu %[3]s là đúng: nạp lại biểu ghi vào thư mục mới với --base-uri %[3]s
`, `Note: the records in the data have IRIs that begin with %[1]s (such as %[2]s),
  but the site is opened with the base %[3]s, so these records have no pages.
  If %[1]s is right: leave out --base-uri and MOCBAN_BASE_URI, and have base-uri = "%[1]s" in %[4]s.
  If %[3]s is right: load the records again, into a new folder, with --base-uri %[3]s
`, was, record, base, settingsTOM)
	return nil
}

// otherBase returns a record that does not stand under the base, "" where one of the first ones
// does, or where there is none.
func otherBase(ctx context.Context, s graph.Store, base graph.IRI) (other graph.IRI, err error) {
	const most = 1000
	snap, err := s.Snapshot()
	if err != nil {
		return "", err
	}
	defer snap.Close()
	terms := [2]graph.Term{rdf.Type.Term(), mocban.Record.Term()}
	var ids [2]graph.ID
	if err := snap.IDs(ctx, terms[:], ids[:]); err != nil || ids[0] == graph.None || ids[1] == graph.None {
		return "", err
	}
	c, err := snap.Scan(ctx, graph.Pattern{P: ids[0], O: ids[1], Union: true}, graph.NoOrder, graph.Cols(graph.PosS))
	if err != nil {
		return "", err
	}
	defer c.Close()
	var b graph.Block
	for seen := 0; seen < most && c.Next(&b); seen += b.Len {
		records := make([]graph.Term, b.Len)
		if err := snap.Terms(ctx, b.Cols[graph.PosS][:b.Len], records); err != nil {
			return "", err
		}
		for _, r := range records {
			iri, ok := r.IRI()
			switch {
			case !ok || !strings.Contains(string(iri), "record/"):
			case strings.HasPrefix(string(iri), string(base)+"record/"):
				return "", nil
			case other == "":
				other = iri
			}
		}
	}
	return other, c.Err()
}
