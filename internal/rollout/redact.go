package rollout

import (
	"regexp"
	"strings"
)

// masked stands where a secret stood.
const masked = "***"

// What a secret looks like. The expressions are RE2's, which take time in proportion to the text, whatever is in it.
var (
	// A block ends with the text where its last line is missing, and one whose first line is missing begins with what
	// can be base64.
	pemBlock = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]{1,64}-----.*?(?:-----END [A-Z0-9 ]{1,64}-----|\z)`)
	pemTail  = regexp.MustCompile(`(?:[A-Za-z0-9+/=\s]|\\[nr])*-----END [A-Z0-9 ]{1,64}-----`)

	// The second form is of passwords with a slash, which nobody should write so and errors of parsers quote. What has
	// digits between colon and slash is a port, with a path that may have an @ as images have.
	userinfo = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)(?:[^\s/?#"'<>]*|[^\s/?#:@"'<>]*:[0-9]*[^0-9\s/@"'<>][^\s@"'<>]*)@`)

	keyed  = regexp.MustCompile(`(?i)((?:` + assigned + `|` + told + `)(?:[\w.-]*` + key + `[ \t]*(?:=>|:=|==?|:)[ \t]*)*)` + value)
	scheme = regexp.MustCompile(`(?i)\b((?:bearer|basic)[ \t]+)([A-Za-z0-9._~+/=-]+)`)
	token  = regexp.MustCompile(`\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|` +
		`\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-)[\w-]{16,}`)

	// ordinary is what follows the word bearer or basic in prose, and in what registries answer.
	ordinary = regexp.MustCompile(`^(?:[A-Z]?[a-z]{1,15}\.?|(?:realm|scope|service|error)=.*)$`)
)

// The parts of a key with its value. Two things that look like one are none: the end of a path in a sentence, as in
// "open /run/secrets/token: no such file", and the name of a source file with its line, as in token.go:42.
const (
	word = `(?:passw(?:or)?d|passphrase|_pass|pwd|secret|token|api[ _.-]?key|access[ _.-]?key|private[ _.-]?key|` +
		`credential|authorization)`
	key      = word + `[\w.-]*\\*["']?\]?`
	assigned = key + `[ \t]*(?:=>|:=|==?)[ \t]*|` + word + `(?:[\w-]*|[\w.-]*\\*["']\]?):`
	told     = `(?:^|[^\w./-])[\w.-]*` + key + `[ \t]*:[ \t]+`
	value    = `(?:\\+["'].*?(?:\\+["']|(?m:$))|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|` +
		`(?:(?:bearer|basic|digest|negotiate|token)[ \t]+)?[^\s"']+)`
)

// Redact masks what looks like a secret in text that was not written for everyone to read, such as a program's log: what
// is said to be a password, secret, token, key or credential, the user and password in a URL, PEM blocks, JSON web
// tokens, and keys that are known by how they begin. Digests stay, and so does whatever else only looks random. It
// would rather mask too much than too little, and takes time in proportion to the text.
func Redact(text string) string {
	text = pemBlock.ReplaceAllLiteralString(text, masked)
	text = pemTail.ReplaceAllLiteralString(text, masked)
	text = userinfo.ReplaceAllString(text, "${1}"+masked+"@")
	text = keyed.ReplaceAllString(text, "${1}"+masked)
	text = scheme.ReplaceAllStringFunc(text, redactScheme)
	return token.ReplaceAllLiteralString(text, masked)
}

func redactScheme(match string) string {
	at := strings.LastIndexAny(match, " \t") + 1
	if ordinary.MatchString(match[at:]) {
		return match
	}
	return match[:at] + masked
}
