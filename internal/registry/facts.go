package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/go-logr/logr"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
)

// Bounds on what is kept of layers, in bytes.
const (
	keptFacts = 64 << 20
	// factsTogether is of what one call learns.
	factsTogether = 128 << 20
	// maxFile is of a file, which is about one layer, and defaultFactsBytes of all files.
	maxFile           = 80 << 20
	defaultFactsBytes = 512 << 20
)

// library is what is known of layers: in memory, and in a folder where there is one. A folder that cannot be used is
// told of once, and done without: everything in it can be learned again.
type library struct {
	recent   *memory[layers.Facts]
	folder   *store // nil for none
	places   *places
	rateOver time.Duration // see pace
	limits   layers.Limits // of one layer
	together int           // what one call may learn, in bytes
	log      logr.Logger
	trouble  sync.Once
}

func newLibrary(o Options) *library {
	l := &library{
		recent: newMemory[layers.Facts](keptFacts), places: newPlaces(), rateOver: rateOver,
		limits: layers.DefaultLimits, together: factsTogether, log: o.Log,
	}
	// A large layer costs so much to read that it may drive others out.
	l.recent.most = keptFacts / 2
	if o.FactsDir == "" {
		return l
	}
	room := o.FactsBytes
	if room <= 0 {
		room = defaultFactsBytes
	}
	var err error
	l.folder, err = openStore(o.FactsDir, room, o.Now)
	l.tell(err)
	return l
}

func (l *library) tell(err error) {
	if err == nil {
		return
	}
	l.trouble.Do(func() {
		l.log.Error(err, "The folder for what is known of layers cannot be used; layers are read again after a restart")
	})
}

// recall gives what the folder holds of a layer. What is damaged, or of another version, is deleted.
func (l *library) recall(of key) (layers.Facts, bool) {
	if l.folder == nil {
		return layers.Facts{}, false
	}
	raw, err := l.folder.get(fileOf(of), maxFile)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			l.tell(err)
		}
		return layers.Facts{}, false
	}
	var facts layers.Facts
	if err := facts.UnmarshalBinary(raw); err != nil {
		l.tell(l.folder.forget(fileOf(of)))
		return layers.Facts{}, false
	}
	l.recent.put(of, facts, costOf(facts))
	return facts, true
}

// record keeps what was learned of a layer.
func (l *library) record(of key, facts layers.Facts) {
	l.recent.put(of, facts, costOf(facts))
	if l.folder == nil {
		return
	}
	if raw, err := facts.MarshalBinary(); err == nil {
		l.tell(l.folder.put(fileOf(of), raw))
	}
}

// fileOf is the name of the file for a key, which holds names of repositories and a fingerprint of credentials.
func fileOf(of key) string {
	sum := sha256.Sum256([]byte(of))
	return hex.EncodeToString(sum[:])
}

// costOf is about what facts take in memory, in bytes.
func costOf(facts layers.Facts) int {
	const entry, file = 112, 64
	cost := file + len(facts.Entries)*entry
	for _, e := range facts.Entries {
		cost += len(e.Path) + len(e.Link)
	}
	for path, content := range facts.Contents {
		cost += file + len(path) + len(content)
	}
	for path, version := range facts.Versions {
		cost += file + len(path) + len(version)
	}
	return cost
}

// layerKey names what was learned of a layer, which is the same in all repositories of a registry that are read with the
// same credentials: an app's layers are its base's for the most part.
func (c *Client) layerKey(ref image.Reference, digest string) key {
	return c.keyWithin(ref.Registry(), "layer", ref, digest)
}
