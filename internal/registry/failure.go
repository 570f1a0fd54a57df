package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/respin-dev/respin/internal/image"
)

// failure says what an error of the library, the network or a check means for the one who asked for the reference.
// A caller's own giving up is not a registry's failure and stays what it is.
func failure(ref image.Reference, err error) error {
	var known *Error
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	f := &Error{Reference: ref.Familiar(), Host: ref.Registry(), cause: err}
	var paused *pauseError
	if errors.As(err, &paused) {
		f.RetryAfter = paused.until
	}
	f.Kind, f.Message = diagnose(f.Host, bare(err))
	return f
}

// bare is the error without what net/http wraps around it: the whole URL, which may hold a token.
func bare(err error) error {
	var asked *url.Error
	for errors.As(err, &asked) {
		err = asked.Err
	}
	return err
}

// diagnose finds the kind of an error and the sentence for it.
func diagnose(host string, err error) (Kind, string) {
	var (
		denied   *deniedError
		login    *loginError
		answered *transport.Error
		content  contentError
	)
	switch {
	case errors.As(err, &denied):
		return Denied, denied.sentence(host)
	case errors.As(err, &content):
		return BadContent, content.Error()
	case errors.As(err, &login):
		host = login.realm
	}
	if errors.As(err, &answered) {
		return diagnoseAnswer(host, answered, login != nil)
	}
	if kind, words := diagnoseRefusal(host, err); kind != "" {
		return kind, words
	}
	return diagnoseNetwork(host, err)
}

// diagnoseRefusal tells of what we did not do; the kind of any other error is empty.
func diagnoseRefusal(host string, err error) (Kind, string) {
	var (
		address *addressError
		scheme  *schemeError
		lead    *leadError
		paused  *pauseError
	)
	switch {
	case errors.As(err, &address):
		return ForbiddenAddress, fmt.Sprintf("%v; the operator does not go there, unless its administrator lists that host "+
			"as internal", address)
	case errors.As(err, &scheme):
		return ForbiddenAddress, fmt.Sprintf("%v; the operator does so only where its administrator lists that host as "+
			"plain HTTP", scheme)
	case errors.As(err, &lead):
		return ForbiddenAddress, fmt.Sprintf("%v; the operator goes there only from hosts that its administrator lists too",
			lead)
	case errors.As(err, &paused):
		return Unreachable, fmt.Sprintf("%s %v; it is not asked before that", host, paused)
	case errors.Is(err, errTooSlow):
		return Unreachable, fmt.Sprintf("%s %v; it is asked again at the next check", host, errTooSlow)
	case errors.Is(err, errNoTurn):
		return Unreachable, fmt.Sprintf("%v; they are asked for again at the next check", errNoTurn)
	case errors.Is(err, errRedirects):
		return BadContent, fmt.Sprintf("%s %v; check the registry's configuration", host, errRedirects)
	}
	return "", ""
}

// diagnoseAnswer tells what a status means, and what the registry said with it.
func diagnoseAnswer(host string, e *transport.Error, login bool) (Kind, string) {
	status, said := e.StatusCode, said(e.Errors)
	switch {
	case login && status < http.StatusInternalServerError:
		return BadContent, fmt.Sprintf("%s is named as the place to log in, and answered with status %d%s; check the "+
			"registry's configuration", host, status, said)
	case status == http.StatusNotFound || status == http.StatusGone:
		return NotFound, fmt.Sprintf("%s does not have it%s; check the name and the tag, or push it", host, said)
	case status >= 500 || status == http.StatusRequestTimeout:
		return Unreachable, fmt.Sprintf("%s failed with status %d%s; it is asked again at the next check", host, status, said)
	}
	return BadContent, fmt.Sprintf("%s answered with status %d%s; check that it is a registry", host, status, said)
}

// diagnoseNetwork tells of an error that no answer came with. What is left after the network's own errors is an answer
// that the library could not use, such as a login challenge without a realm.
func diagnoseNetwork(host string, err error) (Kind, string) {
	var (
		timeout net.Error
		lookup  *net.DNSError
		op      *net.OpError
		cert    *tls.CertificateVerificationError
		why     string
	)
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		why = "speaks plain HTTP; serve HTTPS there, or have the operator's administrator list it as plain HTTP"
	case errors.As(err, &cert):
		why = untrusted(cert.Err)
	case errors.As(err, &lookup) && lookup.IsNotFound:
		why = "is not a name that can be resolved; check the host's name"
	case errors.As(err, &lookup):
		why = "cannot be resolved: the name server does not answer"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		why = "did not answer in time"
	case errors.As(err, &op):
		// The whole error has the port of our side in it, another at each attempt.
		why = "cannot be reached: " + clean(op.Err.Error())
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		why = "closed the connection in the middle of its answer"
	default:
		return BadContent, fmt.Sprintf("the answer of %s cannot be used: %s", host, clean(err.Error()))
	}
	return Unreachable, host + " " + why
}

// untrusted tells what is wrong with a certificate.
func untrusted(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &unknown):
		return "has a certificate that is not trusted: no known authority issued it; name a private authority's certificate " +
			"in certSecretRef"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		// The error has the time in it.
		return fmt.Sprintf("has a certificate that is not trusted: it is valid from %s until %s; renew it",
			invalid.Cert.NotBefore.UTC().Format(time.RFC3339), invalid.Cert.NotAfter.UTC().Format(time.RFC3339))
	}
	return "has a certificate that is not trusted: " + clean(err.Error())
}

// said quotes a registry's own words, which are whatever it likes.
func said(errs []transport.Diagnostic) string {
	if len(errs) == 0 {
		return ""
	}
	words := strings.TrimSuffix(fmt.Sprintf("%s: %s", errs[0].Code, errs[0].Message), ": ")
	return fmt.Sprintf(" (it says %q)", clean(words))
}

// clean makes words from elsewhere fit to be shown: printable, and short.
func clean(words string) string {
	const longest = 200
	runes := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(words, "")), " "))
	if len(runes) > longest {
		runes = append(runes[:longest], '…')
	}
	return strings.Map(printable, string(runes))
}
