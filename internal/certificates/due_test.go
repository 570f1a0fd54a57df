package certificates

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"slices"
	"testing"
	"time"
)

var (
	names = []string{"respin-webhook.respin-system.svc", "respin-webhook.respin-system.svc.cluster.local"}
	start = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	all   = Renewal{Authority: true, Serving: true}
)

const day = 24 * time.Hour

// renewed is content after what is due at a time was made.
func renewed(t *testing.T, have Content, now time.Time) Content {
	t.Helper()
	made, err := Renew(have, Due(have, names, now), names, now)
	if err != nil {
		t.Fatalf("renewing: %v", err)
	}
	return made
}

func TestWhatIsDue(t *testing.T) {
	fresh := renewed(t, Content{}, start)
	other := renewed(t, Content{}, start)
	foreign := foreignContent(t)
	for name, c := range map[string]struct {
		have Content
		at   time.Time
		want Renewal
	}{
		"nothing is there":                             {Content{}, start, all},
		"what was just made is kept":                   {fresh, start, Renewal{}},
		"it is kept for most of its life":              {fresh, start.Add(59 * day), Renewal{}},
		"the serving certificate at two thirds":        {fresh, start.Add(60 * day), Renewal{Serving: true}},
		"an expired serving certificate":               {fresh, start.Add(91 * day), Renewal{Serving: true}},
		"the authority too, once all is expired":       {fresh, start.Add(3 * 365 * day), all},
		"a clock from before the certificates":         {fresh, start.Add(-2 * day), all},
		"a clock that is a little behind":              {fresh, start.Add(-30 * time.Minute), Renewal{}},
		"the serving certificate is gone":              {Content{Authorities: fresh.Authorities, AuthorityKey: fresh.AuthorityKey}, start, Renewal{Serving: true}},
		"the authority's key is gone":                  {Content{Authorities: fresh.Authorities, Certificate: fresh.Certificate, Key: fresh.Key}, start, Renewal{Authority: true}},
		"the authorities are gone":                     {Content{AuthorityKey: fresh.AuthorityKey, Certificate: fresh.Certificate, Key: fresh.Key}, start, all},
		"the serving certificate's key is another's":   {with(fresh, func(c *Content) { c.Key = other.Key }), start, Renewal{Serving: true}},
		"the serving certificate has another issuer":   {with(fresh, func(c *Content) { c.Certificate, c.Key = other.Certificate, other.Key }), start, Renewal{Serving: true}},
		"the authority's key is another's":             {with(fresh, func(c *Content) { c.AuthorityKey = other.AuthorityKey }), start, Renewal{Authority: true}},
		"the serving certificate stands for authority": {with(fresh, func(c *Content) { c.Authorities, c.AuthorityKey = c.Certificate, c.Key }), start, all},
		"text that is no PEM":                          {Content{[]byte("x"), []byte("y"), []byte("z"), []byte("-----BEGIN")}, start, all},
		"PEM that is no certificate":                   {Content{broken(), broken(), broken(), broken()}, start, all},
		"cut off in the middle":                        {with(fresh, func(c *Content) { c.Certificate = c.Certificate[:len(c.Certificate)/2] }), start, Renewal{Serving: true}},
		"somebody else's authority":                    {foreign, start, all},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Due(c.have, names, c.at); got != c.want {
				t.Fatalf("got %+v, want %+v", got, c.want)
			}
			if c.want != (Renewal{}) {
				accepted(t, renewed(t, c.have, c.at), c.at)
			}
		})
	}
}

func TestANewAuthoritySignsOnceClientsMayKnowIt(t *testing.T) {
	both := start.Add(487 * day) // two thirds of the authority's life
	have, err := Renew(renewed(t, Content{}, start), Renewal{Serving: true}, names, both.Add(-61*day))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		want  Renewal
	}{{0, Renewal{Authority: true}}, {59 * time.Minute, Renewal{}}, {time.Hour, Renewal{Serving: true}}, {time.Hour, Renewal{}}} {
		if due := Due(have, names, both.Add(step.after)); due != step.want {
			t.Fatalf("after %v: got %+v, want %+v", step.after, due, step.want)
		}
		have = renewed(t, have, both.Add(step.after))
	}
}

func TestAnotherNameIsServedUnderAtOnce(t *testing.T) {
	have := renewed(t, Content{}, start)
	if due := Due(have, append(slices.Clone(names), "localhost"), start); due != (Renewal{Serving: true}) {
		t.Errorf("got %+v", due)
	}
}

// Five years, a day at a time: clients that learn of the authorities on the next day accept what is served, always.
func TestWhoLearnsOfAuthoritiesLateAcceptsWhatIsServed(t *testing.T) {
	have := renewed(t, Content{}, start)
	known := have.Authorities
	authorities, servings, most := 1, 1, 0
	for now := start; now.Before(start.Add(5 * 365 * day)); now = now.Add(day) {
		if due := Due(have, names, now); due != (Renewal{}) {
			if due == all {
				t.Fatalf("on %v both are replaced at once", now)
			}
			have = renewed(t, have, now)
			authorities, servings = authorities+count(due.Authority), servings+count(due.Serving)
		}
		acceptedBy(t, known, have, now)
		known = Bundle(have.Authorities, now)
		most = max(most, len(trusted(known, now)))
	}
	if authorities != 4 || most != 2 || servings < 28 || servings > 32 {
		t.Errorf("%d authorities, %d of them at once, and %d serving certificates", authorities, most, servings)
	}
}

func TestOnlyOursThatHaveNotExpiredAreTrusted(t *testing.T) {
	first, second := renewed(t, Content{}, start), renewed(t, Content{}, start.Add(300*day))
	bundle := slices.Concat([]byte("a comment\n"), second.Authorities, broken(), foreignContent(t).Authorities, first.Certificate, first.Authorities)
	if got := Bundle(bundle, start.Add(300*day)); !bytes.Equal(got, slices.Concat(second.Authorities, first.Authorities)) {
		t.Errorf("trusted are\n%s", got)
	}
	if got := Bundle(bundle, start.Add(800*day)); !bytes.Equal(got, second.Authorities) {
		t.Errorf("later trusted are\n%s", got)
	}
	if got := Bundle(bytes.Repeat(first.Authorities, 100), start); len(got) != maxAuthorities*len(first.Authorities) {
		t.Errorf("a hundred of them stay %d bytes", len(got))
	}
}

func TestNoCertificateOutlivesItsAuthority(t *testing.T) {
	have := renewed(t, Content{}, start)
	late := start.Add(authorityLife - 10*day)
	made, err := Renew(have, Renewal{Serving: true}, names, late)
	if err != nil {
		t.Fatal(err)
	}
	if end := made.serving(names, late).Leaf.NotAfter; end.After(start.Add(authorityLife)) {
		t.Errorf("it is valid until %v", end)
	}
}

func accepted(t *testing.T, have Content, now time.Time) {
	t.Helper()
	acceptedBy(t, Bundle(have.Authorities, now), have, now)
}

// acceptedBy connects to who serves with the content as a client does that trusts these authorities.
func acceptedBy(t *testing.T, authorities []byte, have Content, now time.Time) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authorities)
	pair, err := tls.X509KeyPair(have.Certificate, have.Key)
	if err != nil {
		t.Fatalf("on %v: %v", now, err)
	}
	for _, name := range names {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool, CurrentTime: now}); err != nil {
			t.Fatalf("on %v: %v", now, err)
		}
	}
}

func with(c Content, change func(*Content)) Content {
	change(&c)
	return c
}

func broken() []byte { return encode(blockType, []byte("nothing that could be parsed")) }

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
