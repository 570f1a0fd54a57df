package certificates

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

const (
	// interval is how often the Secret is read: another replica may have written it.
	interval = time.Minute
	// patience is how soon it is tried again when that went wrong, doubled up to the interval.
	patience = 2 * time.Second
	// attempts bounds how often a write that another replica was faster with is decided anew.
	attempts = 5
)

// Keeper serves with the certificate that a Secret holds, and renews it there when that is due. Each replica has one:
// all of them serve, and whoever finds something due first writes it. The others find that out by the Secret's
// resourceVersion, read again, and serve the same.
type Keeper struct {
	// Live reads the Secret, by its name and not from a cache, which would have to list all of the namespace's.
	Live   client.Reader
	Writer client.Writer
	// Secret is where the certificates are kept.
	Secret client.ObjectKey
	// Names are what clients reach the webhooks by.
	Names []string
	Now   func() time.Time
	// Changed tells that Bundle has changed.
	Changed chan event.GenericEvent

	held atomic.Pointer[held]
}

// held is what a replica knows. It never changes: another one takes its place.
type held struct {
	serving *tls.Certificate
	bundle  []byte
}

// NewKeeper is a Keeper of the certificates in a Secret, for the names that clients reach the webhooks by.
func NewKeeper(live client.Reader, writer client.Writer, secret client.ObjectKey, names []string, now func() time.Time) *Keeper {
	return &Keeper{
		Live: live, Writer: writer, Secret: secret, Names: names, Now: now,
		Changed: make(chan event.GenericEvent, 1),
	}
}

// GetCertificate is what a TLS configuration asks for each connection.
func (k *Keeper) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if now := k.held.Load(); now != nil && now.serving != nil {
		return now.serving, nil
	}
	return nil, fmt.Errorf("the webhooks have no certificate yet: Secret %s", k.Secret)
}

// Bundle is what clients are to trust the certificates by; nil while that is not known.
func (k *Keeper) Bundle() []byte {
	if now := k.held.Load(); now != nil {
		return now.bundle
	}
	return nil
}

// NeedLeaderElection has every replica run its Keeper.
func (*Keeper) NeedLeaderElection() bool { return false }

// Start looks at the Secret until the context ends. What goes wrong is logged and tried again: the operator works on
// without webhooks.
func (k *Keeper) Start(ctx context.Context) error {
	retry := patience
	for ctx.Err() == nil {
		wait := interval
		if err := k.Look(ctx); err == nil {
			retry = patience
		} else if ctx.Err() == nil {
			log.FromContext(ctx).Error(err, "looking after the webhooks' certificates")
			wait, retry = retry, min(2*retry, interval)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// Look reads the Secret once, renews in it what is due, and serves with what it holds from then on. What was served
// before is kept where that fails.
func (k *Keeper) Look(ctx context.Context) error {
	var err error
	for range attempts {
		if err = k.look(ctx); !apierrors.IsConflict(err) && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return err
}

func (k *Keeper) look(ctx context.Context) error {
	var secret corev1.Secret
	if err := k.Live.Get(ctx, k.Secret, &secret); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("reading Secret %s: %w", k.Secret, err)
	}
	now, have := k.Now(), contentOf(secret.Data)
	k.hold(have, now)
	due := Due(have, k.Names, now)
	if due == (Renewal{}) {
		return nil
	}
	made, err := Renew(have, due, k.Names, now)
	if err != nil {
		return err
	}
	secret.Data = made.data(secret.Data)
	if err := k.write(ctx, &secret); err != nil {
		return fmt.Errorf("writing Secret %s: %w", k.Secret, err)
	}
	log.FromContext(ctx).Info("renewed the webhooks' certificates", "secret", k.Secret, "authority", due.Authority, "serving", due.Serving)
	k.hold(made, now)
	return nil
}

// write creates the Secret, or updates the one that was read and no later one.
func (k *Keeper) write(ctx context.Context, secret *corev1.Secret) error {
	if secret.ResourceVersion != "" {
		return k.Writer.Update(ctx, secret)
	}
	secret.ObjectMeta = metav1.ObjectMeta{Namespace: k.Secret.Namespace, Name: k.Secret.Name}
	secret.Type = corev1.SecretTypeTLS
	return k.Writer.Create(ctx, secret)
}

// hold serves with what the Secret holds, where that can be served with.
func (k *Keeper) hold(have Content, now time.Time) {
	next := &held{serving: have.serving(k.Names, now), bundle: Bundle(have.Authorities, now)}
	if next.serving == nil {
		return
	}
	before := k.held.Swap(next)
	if before != nil && bytes.Equal(before.bundle, next.bundle) {
		return
	}
	select {
	case k.Changed <- event.GenericEvent{Object: &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: k.Secret.Namespace, Name: k.Secret.Name}}}:
	default: // it is told already, and whoever hears it asks for the newest
	}
}
