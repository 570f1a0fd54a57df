package safety

import (
	"fmt"
	"maps"
	"math/rand"
	"path"
	"slices"
	"strings"
)

// step is an instruction of a Dockerfile.
type step struct {
	says string
	do   func(files) error
}

func (s step) String() string { return s.says }

// run builds the steps on a base, and gives the files after each. It is not ok if one fails.
func run(base files, steps []step) (after []files, ok bool) {
	f := base
	for _, s := range steps {
		f = maps.Clone(f)
		if err := s.do(f); err != nil {
			return nil, false
		}
		after = append(after, f)
	}
	return after, true
}

func randomSteps(random *rand.Rand) []step {
	kinds := []func(*rand.Rand) step{
		copyFile, copyFile, removeFile, removeAll, removeInside, removeByName, give, giveAll, duplicate, duplicateAll, link, makeDir, move, appendTo,
	}
	steps := make([]step, 1+random.Intn(2))
	for i := range steps {
		steps[i] = kinds[random.Intn(len(kinds))](random)
	}
	return steps
}

// copyFile copies into a directory where there is one, as COPY does.
func copyFile(random *rand.Rand) step {
	to, body := randomPlace(random), fmt.Sprintf("mine %d", random.Intn(50))
	return step{"COPY mine /" + to, func(f files) error {
		if f[to].dir {
			return f.write(path.Join(to, "mine"), thing{content: body})
		}
		return f.write(to, thing{content: body})
	}}
}

func removeFile(random *rand.Rand) step {
	at := randomPlace(random)
	return step{"RUN rm /" + at, func(f files) error {
		if is, ok := f[at]; !ok || is.dir {
			return errStep
		}
		f.remove(at)
		return nil
	}}
}

func removeAll(random *rand.Rand) step {
	at := randomPlace(random)
	return step{"RUN rm -rf /" + at, func(f files) error { f.remove(at); return nil }}
}

func removeInside(random *rand.Rand) step {
	at := someDirs[random.Intn(len(someDirs))]
	return step{"RUN rm -rf /" + at + "/*", func(f files) error {
		for _, below := range f.below(at) {
			f.remove(below)
		}
		return nil
	}}
}

func removeByName(random *rand.Rand) step {
	ext := path.Ext(someNames[random.Intn(3)])
	return step{"RUN find / -name *" + ext + " -delete", func(f files) error {
		for _, at := range f.below(".") {
			if path.Ext(at) == ext && len(f.below(at)) == 0 {
				f.remove(at)
			}
		}
		return nil
	}}
}

func give(random *rand.Rand) step {
	at := randomPlace(random)
	return step{"RUN chown 2 /" + at, func(f files) error {
		is, ok := f[at]
		if !ok {
			return errStep
		}
		is.owner = 2
		f[at] = is
		return nil
	}}
}

func giveAll(random *rand.Rand) step {
	above := someDirs[random.Intn(len(someDirs))]
	return step{"RUN chown -R 2 /" + above, func(f files) error {
		if !f[above].dir {
			return errStep
		}
		for _, at := range append(f.below(above), above) {
			is := f[at]
			is.owner = 2
			f[at] = is
		}
		return nil
	}}
}

func duplicate(random *rand.Rand) step {
	from, to := randomPlace(random), randomPlace(random)
	return step{"RUN cp /" + from + " /" + to, func(f files) error {
		is, ok := f[from]
		if !ok || is.dir || is.link != "" {
			return errStep
		}
		return f.write(to, is)
	}}
}

func duplicateAll(random *rand.Rand) step {
	from := someDirs[random.Intn(len(someDirs))]
	return step{"RUN cp -a /" + from + " /copy", func(f files) error {
		if !slices.ContainsFunc(f.below(from), func(at string) bool { return !f[at].dir }) {
			return errStep // no layer tells where directories without files were copied from
		}
		for _, at := range append([]string{from}, f.below(from)...) {
			if err := f.write("copy"+strings.TrimPrefix(at, from), f[at]); err != nil {
				return err
			}
		}
		return nil
	}}
}

func link(random *rand.Rand) step {
	to, at := randomPlace(random), randomPlace(random)
	return step{"RUN ln -s " + to + " /" + at, func(f files) error {
		if _, ok := f[at]; ok {
			return errStep
		}
		return f.write(at, thing{link: to})
	}}
}

func makeDir(random *rand.Rand) step {
	at := randomPlace(random)
	return step{"RUN mkdir -p /" + at, func(f files) error {
		if f[at].dir {
			return nil
		}
		if _, ok := f[at]; ok {
			return errStep
		}
		return f.write(at, thing{dir: true})
	}}
}

// move moves into a directory where there is one, as mv does.
func move(random *rand.Rand) step {
	from, to := randomPlace(random), randomPlace(random)
	return step{"RUN mv /" + from + " /" + to, func(f files) error {
		is, ok := f[from]
		if !ok || from == to || is.dir {
			return errStep
		}
		at := to
		if f[to].dir {
			at = path.Join(to, path.Base(from))
		}
		delete(f, from)
		return f.write(at, is)
	}}
}

func appendTo(random *rand.Rand) step {
	at := randomPlace(random)
	return step{"RUN echo mine >> /" + at, func(f files) error {
		is := f[at]
		if is.dir || is.link != "" {
			return errStep
		}
		is.content += " mine"
		return f.write(at, is)
	}}
}
