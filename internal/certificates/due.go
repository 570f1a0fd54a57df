package certificates

import (
	"crypto/x509"
	"time"
)

const (
	authorityLife = 2 * 365 * 24 * time.Hour
	servingLife   = 90 * 24 * time.Hour
	// backdated is how long before it is made a certificate is valid, for clients whose clock is behind.
	backdated = time.Hour
	// settling is how old an authority has to be before it signs, where what it would replace still serves: until then
	// clients may not have heard of it.
	settling = time.Hour
)

// Renewal is what is to be made anew; its zero value, nothing.
type Renewal struct {
	Authority bool
	Serving   bool
}

// Due tells what is to be made anew at a time, so that there is a serving certificate which clients accept under each
// of the names. Each is renewed at two thirds of its life. A new authority does not sign at once: the certificate of the
// one before it serves on, and is renewed when clients have long known both. What is missing, broken, foreign or expired
// is replaced at once.
func Due(have Content, names []string, now time.Time) Renewal {
	authority, serving := have.authority(now), have.serving(names, now)
	due := Renewal{Authority: authority == nil || aged(authority.Leaf, now), Serving: serving == nil}
	if serving != nil && aged(serving.Leaf, now) {
		due.Serving = !due.Authority && settled(authority.Leaf, now)
	}
	return due
}

// aged tells whether two thirds of a certificate's life are over.
func aged(c *x509.Certificate, now time.Time) bool {
	return !now.Before(c.NotBefore.Add(c.NotAfter.Sub(c.NotBefore) / 3 * 2))
}

func settled(authority *x509.Certificate, now time.Time) bool {
	return !now.Before(authority.NotBefore.Add(backdated + settling))
}
