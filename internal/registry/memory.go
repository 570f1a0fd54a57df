package registry

import (
	"container/list"
	"sync"
)

// memory keeps the values that were used last, up to a total cost.
//
// Keys name where an answer comes from. With credentials they will name those as well, so that different credentials
// never share an answer.
type memory[V any] struct {
	mu     sync.Mutex
	room   int
	recent *list.List // of *kept[V], the most recent first
	kept   map[string]*list.Element
}

type kept[V any] struct {
	key   string
	value V
	cost  int
}

func newMemory[V any](room int) *memory[V] {
	return &memory[V]{room: room, recent: list.New(), kept: map[string]*list.Element{}}
}

func (m *memory[V]) get(key string) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, ok := m.kept[key]
	if !ok {
		return value, false
	}
	m.recent.MoveToFront(element)
	return element.Value.(*kept[V]).value, true
}

// put keeps a value. One that alone costs more than there is room for is not kept.
func (m *memory[V]) put(key string, value V, cost int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if element, ok := m.kept[key]; ok {
		m.drop(element)
	}
	m.kept[key] = m.recent.PushFront(&kept[V]{key: key, value: value, cost: cost})
	m.room -= cost
	for m.room < 0 {
		m.drop(m.recent.Back())
	}
}

func (m *memory[V]) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if element, ok := m.kept[key]; ok {
		m.drop(element)
	}
}

func (m *memory[V]) drop(element *list.Element) {
	old := m.recent.Remove(element).(*kept[V])
	delete(m.kept, old.key)
	m.room += old.cost
}
