package registry

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestTheImagesOfAnIndexAreReadAtTheSameTime(t *testing.T) {
	f := newFake(t)
	amd, arm := f.putImage("amd", "amd64"), f.putImage("arm", "arm64")
	top := f.putIndex("1", amd, arm, f.putProvenance(amd, statement), f.putProvenance(arm, statement))
	c, ref := f.client(), f.ref("app@"+top.Digest)
	// Answers wait for one another: the registry gives none before both images were asked for.
	var both sync.WaitGroup
	both.Add(2)
	met := make(chan struct{})
	go func() {
		both.Wait()
		close(met)
	}()
	f.fault = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v2/app/manifests/"+amd.Digest || r.URL.Path == "/v2/app/manifests/"+arm.Digest {
			both.Done()
			select {
			case <-met:
			case <-r.Context().Done():
			}
		}
		return false
	}
	inspected, err := c.Inspect(t.Context(), ref, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Provenance(t.Context(), ref, inspected); err != nil || len(got.Children[0].Materials)+len(got.Children[1].Materials) != 2 {
		t.Errorf("got %+v, %v", got.Children, err)
	}
}

func TestEachGivesTheFirstError(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	failed := make(chan struct{})
	err := each(3, func(i int) error {
		switch i {
		case 1:
			<-failed
			return first
		case 2:
			defer close(failed)
			return second
		}
		return nil
	})
	if !errors.Is(err, first) {
		t.Errorf("got %v", err)
	}
}

func TestEachDoesNotDoEverythingAtOnce(t *testing.T) {
	var mu sync.Mutex
	var now, most int
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		now += by
		most = max(most, now)
	}
	if err := each(5*readAtOnce, func(int) error {
		count(1)
		defer count(-1)
		time.Sleep(time.Millisecond)
		return nil
	}); err != nil || most > readAtOnce {
		t.Errorf("%d at a time, %v", most, err)
	}
}
