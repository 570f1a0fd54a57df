package rollout

import (
	"strings"
	"testing"
	"time"
)

const (
	pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAhunter2+/=\nhunter2hunter2\n-----END RSA PRIVATE KEY-----"
	jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2_-hunter2"
)

func TestSecretsAreMasked(t *testing.T) {
	for sentence, test := range map[string]struct{ text, want string }{
		"a password":                          {"password=hunter2 user=bob", "password=*** user=bob"},
		"whatever its case":                   {"DB_PASSWORD: hunter2", "DB_PASSWORD: ***"},
		"and spelling":                        {"passwd = hunter2, pwd=hunter2; DB_PASS=hunter2", "passwd = *** pwd=*** DB_PASS=***"},
		"with what stands in it":              {"password=hunter2,a;b)c}d", "password=***"},
		"as a Go struct has it":               {"{User:bob Password:hunter2}", "{User:bob Password:***"},
		"as Go syntax":                        {`Config{Password:"hunter2", Port:1}`, `Config{Password:***, Port:1}`},
		"as Ruby has it":                      {`{:db_password=>"hunter2", :port=>1}`, `{:db_password=>***, :port=>1}`},
		"as Python has it":                    {`{'password': 'hunter2 and more', 'port': 1}`, `{'password': ***, 'port': 1}`},
		"as JSON":                             {`{"password":"hunter2 \"and\" more","msg":"boom"}`, `{"password":***,"msg":"boom"}`},
		"as JSON with spaces":                 {`{ "client_secret" : "hunter2" }`, `{ "client_secret" : *** }`},
		"as JSON in JSON":                     {`{"body":"{\"apiKey\":\"hunter2 x\",\"n\":1}"}`, `{"body":"{\"apiKey\":***,\"n\":1}"}`},
		"in a line of JSON":                   {`{"msg":"login with token=hunter2","level":"error"}`, `{"msg":"login with token=***","level":"error"}`},
		"as JSON in JSON that breaks off":     {`\"token\":\"hunter2` + "\nnext", `\"token\":***` + "\nnext"},
		"with a quote that is missing":        {`password: "hunter2 hunter2`, `password: ***`},
		"with dots in its name":               {`{"app.secret.value":"hunter2"} app.secret.value=hunter2`, `{"app.secret.value":***} app.secret.value=***`},
		"as the index of an array":            {`$_ENV['api_key'] = 'hunter2'`, `$_ENV['api_key'] = ***`},
		"a secret":                            {"client-secret: hunter2", "client-secret: ***"},
		"a token":                             {"refresh_token=hunter2", "refresh_token=***"},
		"an API key in words":                 {"using API key: hunter2", "using API key: ***"},
		"an access key":                       {"AWS_SECRET_ACCESS_KEY=hunter2/+a", "AWS_SECRET_ACCESS_KEY=***"},
		"credentials":                         {"credentials=bob:hunter2", "credentials=***"},
		"a private key":                       {"privateKey: hunter2", "privateKey: ***"},
		"a key that is called like another":   {"error reading token: password: hunter2", "error reading token: password: ***"},
		"a value that is a key of its own":    {"secret: password=hunter2", "secret: password=***"},
		"several on a line":                   {"token: hunter2 secret: hunter2 n: 1", "token: *** secret: *** n: 1"},
		"a long one that is hexadecimal":      {"token=" + strings.Repeat("0af9", 16), "token=***"},
		"in a URL's query":                    {`GET "https://example.com/?token=hunter2" 403`, `GET "https://example.com/?token=***" 403`},
		"a header":                            {"Authorization: Bearer hunter2hunter2", "Authorization: ***"},
		"a header of another scheme":          {"authorization: Basic Ym9iOmh1bnRlcjI=", "authorization: ***"},
		"a bearer's token":                    {"sent Bearer hunter2", "sent Bearer ***"},
		"a bearer's token that is no word":    {"sent bearer xYzzYhunterTwo", "sent bearer ***"},
		"a user and password":                 {"curl: basic Ym9iOmh1bnRlcjI=", "curl: basic ***"},
		"a URL's user and password":           {"dial postgres://bob:hunter2@db:5432/shop", "dial postgres://***@db:5432/shop"},
		"a URL's user alone":                  {"https://hunter2@example.com/r.git", "https://***@example.com/r.git"},
		"a URL's password with an @":          {"amqp://bob:hunt@er2@mq/", "amqp://***@mq/"},
		"a URL's password with a slash":       {`parse "redis://bob:hun/ter2@db": invalid port`, `parse "redis://***@db": invalid port`},
		"a URL's password of digits first":    {"redis://:123hun/ter2@db", "redis://***@db"},
		"a PEM block":                         {"key:\n" + pem + "\nend", "key:\n***\nend"},
		"a PEM block in JSON":                 {`{"cert":"` + strings.ReplaceAll(pem, "\n", `\n`) + `"}`, `{"cert":"***"}`},
		"a PEM block without its end":         {"x -----BEGIN PRIVATE KEY-----\nhunter2\nhunter2", "x ***"},
		"a PEM block without its beginning":   {"hunter2+/\nhunter2==\n-----END PRIVATE KEY-----\nend", "***\nend"},
		"a JSON web token":                    {"got " + jwt + ", expired", "got ***, expired"},
		"an AWS access key's ID":              {"key AKIAIOSFODNN7EXAMPLE is disabled", "key *** is disabled"},
		"a token that is known by its prefix": {"push with ghp_hunter2hunter2hunter2 failed", "push with *** failed"},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := Redact(test.text); got != test.want {
				t.Errorf("%q\nbecame %q\nwant   %q", test.text, got, test.want)
			}
			if again := Redact(test.want); strings.Contains(again, "hunter2") {
				t.Errorf("masked twice it is %q", again)
			}
		})
	}
}

func TestOrdinaryLinesStayAsTheyAre(t *testing.T) {
	for _, line := range []string{
		"",
		"panic: runtime error: invalid memory address or nil pointer dereference",
		"[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x49d2b1]",
		"goroutine 1 [running]:\nmain.(*Server).Token(0xc0000b2000, {0x4c1f3a, 0x5})\n\t/src/token.go:42 +0x1d",
		"    at com.example.auth.TokenFilter.doFilter(TokenFilter.java:42) ~[app.jar:1.0]",
		`  File "/app/password.py", line 12, in check_password`,
		"SyntaxError: Unexpected token } in JSON at position 5",
		"pulling registry.example.com/shop/api:1.4@sha256:" + strings.Repeat("0af9", 16),
		"digest: sha256:" + strings.Repeat("0af9", 16) + ", size: 1234",
		"commit 4a5576e6eb0b5a7e1f2d3c4b5a69788796a5b4c3 is checked out",
		"checksum=" + strings.Repeat("0af9", 16) + " data=QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=",
		"oci://localhost:5000/charts/shop@sha256:" + strings.Repeat("0af9", 16),
		"see https://unpkg.com/react@18/ and https://example.com:8443/a@b?c=d",
		"mail to bob@example.com about git@github.com:shop/api.git",
		"open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory",
		`secret "registry-login" not found`,
		"the password is wrong, and so is the token",
		"401 Unauthorized: basic authentication is required",
		`WWW-Authenticate: Bearer realm="https://auth.example.com/token",service="registry"`,
		"listening on http://0.0.0.0:8080, pid=1",
		"2026-07-01T12:00:00.000Z ERROR [main] o.s.boot.SpringApplication : Application run failed",
		"exec /bin/app: exec format error",
	} {
		if got := Redact(line); got != line {
			t.Errorf("%q\nbecame %q", line, got)
		}
	}
}

func TestRedactingTakesTimeInProportionToTheText(t *testing.T) {
	for _, part := range []string{
		"a", "password", "password:", "token: ", "-----BEGIN A-----", "-----END ", "a://", "a://:a/", `\"`, `secret="`, `secret=\"`,
		"Bearer ", "eyJaaaaaaaa.", "[", "\n", "x@", "passphrase.", "api_key ",
	} {
		start := time.Now()
		Redact(strings.Repeat(part, (64<<10)/len(part)))
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("of %q it takes %s", part, took)
		}
	}
}

func FuzzNothingThatFollowsMakesAPasswordReadable(f *testing.F) {
	for _, seed := range []string{"", " user=bob", `"}`, "@db/", "\n-----BEGIN A-----", ".eyJhbGciOiJI", "://a@b", "\\\"", ": x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "hunter2") {
			t.Skip("it holds the password itself")
		}
		for _, begun := range []string{"password=hunter2", `{"password":"hunter2`, "PASSWORD: hunter2", "redis://bob:hunter2@db?q="} {
			if got := Redact(begun + text); strings.Contains(got, "hunter2") {
				t.Errorf("%q became %q", begun+text, got)
			}
		}
	})
}
