package health

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestWaitAsksUntilTheAnswerIsGood(t *testing.T) {
	asked := 0
	c := Check{"x", func(context.Context) error {
		if asked++; asked < 3 {
			return errEmpty
		}
		return nil
	}}
	if err := c.Wait(t.Context()); err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

func TestWaitNamesTheComponentThatIsNotReady(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := Check{"etcd", func(context.Context) error { return errEmpty }}.Wait(ctx)
	var named *Error
	if !errors.As(err, &named) || named.Component != "etcd" || !errors.Is(err, errEmpty) {
		t.Errorf("got %v", err)
	}
}

func TestReadyNode(t *testing.T) {
	for name, tc := range map[string]struct {
		node  string
		ready bool
	}{
		"ready":         {`{"status":{"conditions":[{"type":"DiskPressure","status":"False"},{"type":"Ready","status":"True"}]}}`, true},
		"not ready":     {`{"status":{"conditions":[{"type":"Ready","status":"False","message":"cni"}]}}`, false},
		"tainted":       {`{"spec":{"taints":[{"key":"x"}]},"status":{"conditions":[{"type":"Ready","status":"True"}]}}`, false},
		"no conditions": {`{}`, false},
		"no node":       {`<html>`, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := readyNode([]byte(tc.node)); (err == nil) != tc.ready {
				t.Errorf("got %v", err)
			}
		})
	}
}
