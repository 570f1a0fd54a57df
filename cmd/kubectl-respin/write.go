package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// fieldOwner is whose fields are those that the plugin writes.
const fieldOwner = client.FieldOwner("kubectl-respin")

// patch changes an object by what is in fields alone. An object that was deleted and made again meanwhile is another one
// than a person was shown, and is refused by its UID.
func patch(ctx context.Context, live client.Client, object client.Object, fields map[string]any) error {
	metadata, _ := fields["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
	}
	metadata["uid"] = object.GetUID()
	fields["metadata"] = metadata
	data, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("writing a patch: %w", err)
	}
	name := object.GetName()
	err = live.Patch(ctx, object, client.RawPatch(types.MergePatchType, data), fieldOwner)
	switch {
	case apierrors.IsConflict(err) || ofAnother(err):
		return fmt.Errorf("%s was deleted and made again meanwhile: look at it anew (%w)", name, err)
	case err != nil:
		return explained(fmt.Errorf("changing %s: %w", name, err))
	}
	return nil
}

// ofAnother tells whether the API server refuses a patch because the object has another UID.
func ofAnother(err error) bool {
	cause, ok := apierrors.StatusCause(err, metav1.CauseTypeFieldValueInvalid)
	return ok && cause.Field == "metadata.uid"
}

// annotate sets an annotation; nil takes it away.
func annotate(ctx context.Context, live client.Client, object client.Object, name string, value any) error {
	return patch(ctx, live, object, map[string]any{"metadata": map[string]any{"annotations": map[string]any{name: value}}})
}

// confirm asks the person, unless they said yes already. Where there is nobody to ask it is an error.
func (c *cluster) confirm(ctx context.Context, question string, yes bool) error {
	if yes {
		return nil
	}
	if !c.asks {
		return errors.New("there is no terminal to ask at, and nothing was done: look at the above, and say --yes")
	}
	fmt.Fprintf(c.out, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(c.in).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return errors.New("interrupted, and nothing was done")
	case said := <-answer:
		if said == "y" || said == "yes" {
			return nil
		}
	}
	return errors.New("not confirmed, and nothing was done")
}
