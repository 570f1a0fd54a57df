package safety

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// accounts are a base's users and groups.
type accounts struct {
	// users have two numbers, their own and that of their group; groups have one.
	users, groups map[string][]int
}

// moved are the accounts of the old base that have another number in the new one, or are not there any more.
type moved struct {
	// names are all of them, for people to read.
	names []string
	// users and groups hold the numbers that they had in the old base, with the names.
	users, groups map[int]string
}

// checkAccounts looks whether the image uses accounts of the old base that have other numbers in the new one: a build
// would set owners by the new ones.
func checkAccounts(p *proof) verdict {
	was, okWas := accountsOf(p.old)
	is, okIs := accountsOf(p.new)
	if !okWas || !okIs {
		return refuse("/etc/passwd or /etc/group of one of the bases is too large to be looked into")
	}
	gone := moves(was, is)
	if len(gone.names) == 0 {
		return pass("each of the old base's accounts has the same number in the new one")
	}
	found := findings{p: p}
	for _, w := range p.writes {
		name, uses := gone.owner(w)
		if uses && !p.unchanged(w) {
			found.add(w.layer, "has %s owned by the account "+quote(name)+", whose number the new base changed", w.at)
		}
	}
	if !found.none() {
		return found.refuse()
	}
	if name, uses := gone.user(p.App.Config.User); uses {
		return refuse("the image runs as the user %s, whose number the new base changed", quote(name))
	}
	return pass("the image uses none of the accounts whose numbers the new base changed, such as %s", quote(gone.names[0]))
}

// accountsOf reads the files of accounts; a base that has none has no accounts. It is not ok if one was not captured.
func accountsOf(t *tree) (a accounts, ok bool) {
	users, okUsers := table(t, "etc/passwd")
	groups, okGroups := table(t, "etc/group")
	return accounts{users, groups}, okUsers && okGroups
}

// table reads lines of the form name:number[:number]. The first line of a name counts, as it does for libraries.
func table(t *tree, at string) (map[string][]int, bool) {
	numbers := map[string][]int{}
	n, _ := t.find(at, true)
	if n == nil {
		return numbers, true
	}
	// A link may lead to a file of another name, which Read does not look into.
	content, ok := contentOf(n)
	for line := range bytes.Lines(content) {
		name, rest, _ := strings.Cut(strings.TrimSpace(string(line)), ":")
		if _, twice := numbers[name]; twice {
			continue
		}
		for field := range strings.SplitSeq(rest, ":") {
			if number, err := strconv.Atoi(field); err == nil {
				numbers[name] = append(numbers[name], number)
			}
		}
	}
	return numbers, ok
}

func moves(was, is accounts) moved {
	m := moved{users: map[int]string{}, groups: map[int]string{}}
	for _, name := range slices.Sorted(maps.Keys(was.users)) {
		if numbers := was.users[name]; !slices.Equal(numbers, is.users[name]) {
			m.add(name, numbers, m.users, m.groups)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was.groups)) {
		if numbers := was.groups[name]; !slices.Equal(numbers, is.groups[name]) {
			m.add(name, numbers, m.groups)
		}
	}
	return m
}

// add records an account with its numbers, each in the table that it belongs to. Root's own stay root's.
func (m *moved) add(name string, numbers []int, tables ...map[int]string) {
	m.names = append(m.names, name)
	for i, number := range numbers {
		if i < len(tables) && number != 0 {
			tables[i][number] = name
		}
	}
}

// owner is the account that a write has its path owned by, if its number has changed.
func (m moved) owner(w write) (name string, uses bool) {
	if w.deletes() {
		return "", false
	}
	if name, uses = m.users[w.UID]; uses {
		return name, true
	}
	name, uses = m.groups[w.GID]
	return name, uses
}

// user is the account that the image runs as, by name, if its number has changed.
func (m moved) user(configured string) (name string, uses bool) {
	for part := range strings.SplitSeq(configured, ":") {
		if part != "" && slices.Contains(m.names, part) {
			return part, true
		}
	}
	return "", false
}
