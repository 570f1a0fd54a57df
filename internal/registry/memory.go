package registry

import (
	"container/list"
	"sync"
)

// memory keeps the values that were used last, up to a total cost.
type memory[V any] struct {
	mu     sync.Mutex
	room   int
	most   int        // that one value may cost
	recent *list.List // of *kept[V], the most recent first
	kept   map[key]*list.Element
}

type kept[V any] struct {
	key   key
	value V
	cost  int
}

// newMemory makes a memory of which no value takes more than an eighth: a few that are large would drive out all others.
func newMemory[V any](room int) *memory[V] {
	return &memory[V]{room: room, most: max(room/8, 1), recent: list.New(), kept: map[key]*list.Element{}}
}

func (m *memory[V]) get(of key) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, ok := m.kept[of]
	if !ok {
		return value, false
	}
	m.recent.MoveToFront(element)
	return element.Value.(*kept[V]).value, true
}

// put keeps a value. One that costs more than a value may is not kept, and drives nothing else out.
func (m *memory[V]) put(of key, value V, cost int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if element, ok := m.kept[of]; ok {
		m.drop(element)
	}
	if cost > m.most {
		return
	}
	m.kept[of] = m.recent.PushFront(&kept[V]{key: of, value: value, cost: cost})
	m.room -= cost
	for m.room < 0 {
		m.drop(m.recent.Back())
	}
}

func (m *memory[V]) forget(of key) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if element, ok := m.kept[of]; ok {
		m.drop(element)
	}
}

func (m *memory[V]) drop(element *list.Element) {
	old := m.recent.Remove(element).(*kept[V])
	delete(m.kept, old.key)
	m.room += old.cost
}
