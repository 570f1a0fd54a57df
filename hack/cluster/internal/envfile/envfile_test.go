package envfile

import (
	"os/exec"
	"path/filepath"
	"testing"
)

func TestPlainValuesAreNotQuoted(t *testing.T) {
	got := Render([]Var{{"REGISTRY", "10.77.12.2:5000"}})
	want := "export REGISTRY=10.77.12.2:5000\n" + path
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAShellReadsBackWhatWasWritten(t *testing.T) {
	for name, value := range map[string]string{
		"a space":       "/home/me/my code",
		"a quote":       "/home/o'neil",
		"a dollar":      "/home/$USER/`id`",
		"double quotes": `/home/"x"`,
		"nothing":       "",
		"a newline":     "a\nb",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "env")
			if err := Write(file, []Var{{"VALUE", value}}); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("sh", "-c", `. "$1"; printf %s "$VALUE"`, "sh", file).Output()
			if err != nil {
				t.Fatal(err)
			}
			if string(out) != value {
				t.Errorf("got %q, want %q", out, value)
			}
		})
	}
}
