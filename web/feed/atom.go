package feed

import (
	"encoding/xml"
	"time"
)

// AtomType is the media type of Atom.
const AtomType = "application/atom+xml"

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr,omitempty"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomEntry struct {
	Lang      string      `xml:"xml:lang,attr,omitempty"`
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Published string      `xml:"published"`
	Updated   string      `xml:"updated"`
	Author    atomAuthor  `xml:"author"`
	Links     []atomLink  `xml:"link"`
	Content   atomContent `xml:"content"`
}

type atomAuthor struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

// Atom returns the feed as an Atom document.
func (f Feed) Atom() []byte {
	doc := atomFeed{Lang: f.Lang, ID: f.Home, Title: f.Title, Updated: stamp(f.updated()), Links: []atomLink{
		{"self", AtomType, f.Self}, {"alternate", "text/html", f.Home},
	}}
	if f.Next != "" {
		doc.Links = append(doc.Links, atomLink{"next", AtomType, f.Next}) // RFC 5005
	}
	for _, item := range f.Items {
		doc.Entries = append(doc.Entries, item.atom())
	}
	text, err := xml.Marshal(doc)
	if err != nil {
		panic(err) // strings always encode
	}
	return append([]byte(xml.Header), text...)
}

func (i Item) atom() atomEntry {
	links := []atomLink{{"alternate", "text/html", i.URL}}
	if i.Original != "" {
		links = append(links, atomLink{Rel: "via", Href: i.Original})
	}
	return atomEntry{
		Lang: i.Lang, ID: i.ID, Title: i.Title, Published: stamp(i.Published), Updated: stamp(i.updated()),
		Author: atomAuthor{i.Author.Name, i.Author.URL}, Links: links, Content: atomContent{"html", i.HTML},
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
