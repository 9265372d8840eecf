package weburl

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// hostNames converts host names to Punycode as the standard requires.
var hostNames = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

// plainHost are the characters of a name in its final form.
const plainHost = "abcdefghijklmnopqrstuvwxyz0123456789.-_"

// parseHost returns the host, with its port if that is not the default of the scheme. It
// refuses user names: they can make an address look like that of another site.
func parseHost(authority, scheme string) (host string, ok bool) {
	if strings.Contains(authority, "@") {
		return "", false
	}
	host, port, _ := strings.Cut(authority, ":")
	if bracket := strings.LastIndexByte(authority, ']'); bracket >= 0 {
		host = authority[:bracket+1]
		if port, ok = strings.CutPrefix(authority[bracket+1:], ":"); !ok && port != "" {
			return "", false
		}
	}
	port, ok = parsePort(port, scheme)
	if !ok {
		return "", false
	}
	if host, ok = canonicalHost(host); !ok {
		return "", false
	}
	return host + port, true
}

// parsePort returns the port with its colon; "" if it is the default.
func parsePort(port, scheme string) (string, bool) {
	if port == "" {
		return "", true
	}
	if strings.Trim(port, "0123456789") != "" {
		return "", false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if scheme == "http" && n == 80 || scheme == "https" && n == 443 {
		return "", err == nil
	}
	return ":" + strconv.FormatUint(n, 10), err == nil
}

func canonicalHost(host string) (string, bool) {
	if inner, is6 := strings.CutPrefix(host, "["); is6 {
		addr, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return "[" + addr.String() + "]", err == nil && addr.Is6() && addr.Zone() == "" && strings.HasSuffix(host, "]")
	}
	if strings.Trim(host, plainHost) != "" || strings.Contains(host, "xn--") {
		name, ok := unescaped(host)
		if !ok || !utf8.ValidString(name) {
			return "", false
		}
		ascii, err := hostNames.ToASCII(name)
		if err != nil || strings.Trim(ascii, plainHost) != "" {
			return "", false
		}
		host = ascii
	}
	if strings.Trim(host, ".") == "" {
		return "", false
	}
	return number(host)
}

// unescaped decodes the percent escapes of a host.
func unescaped(host string) (string, bool) {
	if !strings.Contains(host, "%") {
		return host, true
	}
	var b strings.Builder
	for i := 0; i < len(host); i++ {
		if host[i] != '%' {
			b.WriteByte(host[i])
			continue
		}
		if i+3 > len(host) {
			return "", false
		}
		c, err := strconv.ParseUint(host[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(c))
		i += 2
	}
	return b.String(), true
}

// number converts a host whose last part is a number to an IPv4 address, as browsers do: its
// parts can be decimal, octal or hexadecimal, and the last one can stand for several bytes.
// Other hosts stay as they are.
func number(host string) (string, bool) {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := parts[len(parts)-1]
	if last != "" && (last[0] < '0' || last[0] > '9') {
		return host, true
	}
	if _, ok := part(last); !ok && strings.Trim(last, "0123456789") != "" {
		return host, true
	}
	if len(parts) > 4 {
		return "", false
	}
	var addr uint64
	for i, s := range parts {
		n, ok := part(s)
		free := 8
		if i == len(parts)-1 {
			free = 8 * (5 - len(parts)) // the last part stands for all remaining bytes
		}
		if !ok || n >= 1<<free {
			return "", false
		}
		addr = addr<<free | n
	}
	return netip.AddrFrom4([4]byte{byte(addr >> 24), byte(addr >> 16), byte(addr >> 8), byte(addr)}).String(), true
}

// part parses a part of an IPv4 address.
func part(s string) (uint64, bool) {
	base := 10
	switch {
	case strings.HasPrefix(s, "0x"):
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	case s == "":
		return 0, false
	}
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(s, base, 33)
	return n, err == nil
}

// DisplayHost returns the host for people: without "www.", and in its own script if the name is
// internationalized.
func (u URL) DisplayHost() string {
	host := strings.TrimPrefix(u.Host, "www.")
	name, port, _ := strings.Cut(host, ":")
	if !strings.Contains(name, "xn--") {
		return host
	}
	if shown, err := idna.Display.ToUnicode(name); err == nil {
		name = shown
	}
	if port != "" {
		return name + ":" + port
	}
	return name
}
