package registry

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/image"
)

func TestAStreamIsWhatItsDescriptorSays(t *testing.T) {
	const content = "all that there is"
	broken := errors.New("broken")
	tests := map[string]struct {
		from io.Reader
		size int64
		of   string
		says string // empty where all is well
	}{
		"the content":                       {strings.NewReader(content), 17, content, ""},
		"the content, byte by byte":         {iotest.OneByteReader(strings.NewReader(content)), 17, content, ""},
		"the content with its end":          {iotest.DataErrReader(strings.NewReader(content)), 17, content, ""},
		"nothing":                           {strings.NewReader(""), 0, "", ""},
		"nothing where something should be": {strings.NewReader(""), 17, content, "ends after 0 of the 17 bytes"},
		"a part of the content":             {strings.NewReader(content[:9]), 17, content, "ends after 9 of the 17 bytes"},
		"a byte more":                       {strings.NewReader(content + "!"), 17, content, "more than the 17 bytes"},
		"a byte where nothing should be":    {strings.NewReader("!"), 0, "", "more than the 0 bytes"},
		"other content":                     {strings.NewReader("something else!!!"), 17, content, "not what its digest says"},
		"other nothing":                     {strings.NewReader(""), 0, content, "not what its digest says"},
		"an error in the middle":            {io.MultiReader(strings.NewReader(content[:9]), iotest.ErrReader(broken)), 17, content, "broken"},
		"an error in place of the end":      {io.MultiReader(strings.NewReader(content), iotest.ErrReader(broken)), 17, content, "broken"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := descriptor{Digest: digest.FromString(tt.of).String(), Size: tt.size}
			v := newVerified(image.Reference{Repository: "r.example/a", Tag: "1"}, want, tt.from, nil)
			var got bytes.Buffer
			_, err := io.Copy(&got, v)
			if tt.says == "" {
				if err != nil || got.String() != tt.of || v.broken() || v.finish() != nil {
					t.Errorf("got %q, %v", got.String(), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) || !v.broken() {
				t.Fatalf("got %v", err)
			}
			if int64(got.Len()) >= tt.size && tt.size > 0 {
				t.Errorf("all %d bytes were given out before they were judged", got.Len())
			}
			if again := v.finish(); !errors.Is(again, err) {
				t.Errorf("read on, it says %v", again)
			}
		})
	}
}
