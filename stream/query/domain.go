package query

import (
	"strings"

	"golang.org/x/net/idna"

	"nagare/stream/weburl"
)

// mostSuffixes is of how many of its last labels a name is found by its end. A name has 127 labels at
// most, and each would be a term.
const mostSuffixes = 8

// domains converts the names of hosts to Punycode.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false))

// Domain returns the terms of an address's host: its name, and each domain that it is in. The address
// can also be the handle of an author, such as mio@town.example.
func Domain(address string) (terms []string) {
	name := hostOf(address)
	if name == "" {
		return nil
	}
	terms = []string{"domain:" + name}
	for labels := strings.Count(name, "."); labels > 0; labels-- {
		_, name, _ = strings.Cut(name, ".")
		if labels <= mostSuffixes {
			terms = append(terms, "domain:"+name)
		}
	}
	return terms
}

// hostOf returns the name of the host in an address, or of an address without a scheme. It is
// empty if the host is no name, such as an address of IPv6. An address that browsers open has the host that
// they connect to, however it is written.
func hostOf(address string) string {
	if u, ok := weburl.Parse(address); ok {
		address = u.Host
	}
	if _, rest, found := strings.Cut(address, "://"); found {
		address = rest
	}
	if end := strings.IndexAny(address, `/?#\`); end >= 0 {
		address = address[:end]
	}
	address = address[strings.LastIndexByte(address, '@')+1:]
	address, _, _ = strings.Cut(address, ":")
	name, err := domains.ToASCII(address)
	name = strings.Trim(name, ".")
	if err != nil || strings.Contains(name, "..") || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		return ""
	}
	return name
}
