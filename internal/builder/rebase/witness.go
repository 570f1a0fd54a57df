package rebase

import "strings"

// witness knows what an app's Dockerfile set explicitly, from the history entries above its base's. With it, a value
// that was set to what the base has anyway is told apart from one that was inherited.
type witness struct {
	set   map[string]bool // instructions, as USER
	named map[string]bool // instructions with what they name, as ENV PATH, LABEL a, EXPOSE 80/tcp
}

// newWitness reads the history entries. Entries of other tools, or in forms that are not known, witness nothing.
func newWitness(own []step) witness {
	w := witness{set: map[string]bool{}, named: map[string]bool{}}
	for _, s := range own {
		instruction, operands, ok := parseInstruction(s.CreatedBy)
		if !ok {
			continue
		}
		w.set[instruction] = true
		for i, word := range strings.Fields(operands) {
			if name, ok := nameIn(instruction, word, i == 0); ok {
				w.named[instruction+" "+name] = true
			}
		}
	}
	return w
}

// says tells whether the app has such an instruction of its own; none is called "".
func (w witness) says(instruction string) bool { return w.set[instruction] }

// names tells whether the app has such an instruction of its own that names something.
func (w witness) names(instruction, name string) bool { return w.named[instruction+" "+name] }

// noLayer is by which Docker's classic builder, and Buildah after it, mark an instruction that runs nothing:
// "/bin/sh -c #(nop)  CMD [\"bash\"]". BuildKit writes the instruction alone.
const noLayer = "#(nop)"

// witnessed are the instructions that set a config's fields.
var witnessed = map[string]bool{
	"ENV": true, "LABEL": true, "EXPOSE": true, "VOLUME": true, "CMD": true, "ENTRYPOINT": true, "USER": true,
	"WORKDIR": true, "STOPSIGNAL": true, "SHELL": true, "HEALTHCHECK": true, "MAINTAINER": true,
}

func parseInstruction(createdBy string) (instruction, operands string, ok bool) {
	if _, classic, found := strings.Cut(createdBy, noLayer); found {
		createdBy = classic
	}
	instruction, operands, _ = strings.Cut(strings.TrimSpace(createdBy), " ")
	instruction = strings.ToUpper(instruction)
	return instruction, operands, witnessed[instruction]
}

// listMarks are what Go's formatting puts around lists and maps of ports and volumes: "map[80/tcp:{} 90/udp:{}]".
var listMarks = strings.NewReplacer("map[", "", "[", "", "]", "", ":{}", "", `"`, "", ",", "")

// nameIn is what a word of an instruction names, if it does. The words of a value with spaces may look like names; that
// makes the app keep a value that it has anyway.
func nameIn(instruction, word string, first bool) (string, bool) {
	switch instruction {
	case "ENV", "LABEL":
		name, _, ok := strings.Cut(word, "=")
		return strings.Trim(name, `"'`), ok || first
	case "EXPOSE":
		port := listMarks.Replace(word)
		if !strings.Contains(port, "/") {
			port += "/tcp"
		}
		return port, true
	case "VOLUME":
		return listMarks.Replace(word), true
	}
	return "", false
}
