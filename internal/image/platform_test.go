package image

import "testing"

func TestParsePlatform(t *testing.T) {
	tests := map[string]struct {
		in   string
		want Platform
		bad  bool
	}{
		"an OS and an architecture":                {in: "linux/amd64", want: Platform{OS: "linux", Architecture: "amd64"}},
		"a variant":                                {in: "linux/arm/v7", want: Platform{OS: "linux", Architecture: "arm", Variant: "v7"}},
		"arm64's only variant says nothing":        {in: "linux/arm64/v8", want: Platform{OS: "linux", Architecture: "arm64"}},
		"an architecture alone is not enough":      {in: "amd64", bad: true},
		"four parts are too many":                  {in: "linux/arm/v7/x", bad: true},
		"an empty part is a slip":                  {in: "linux//v7", bad: true},
		"capitals are not how platforms look":      {in: "Linux/amd64", bad: true},
		"what is not a platform is not one at all": {in: "linux/\x00", bad: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParsePlatform(tt.in)
			if (err != nil) != tt.bad || got != tt.want {
				t.Errorf("ParsePlatform(%q) = %+v, %v", tt.in, got, err)
			}
		})
	}
}

func TestPlatformMatches(t *testing.T) {
	tests := map[string]struct {
		a, b Platform
		want bool
	}{
		"the same":                           {linux("amd64", ""), linux("amd64", ""), true},
		"another architecture":               {linux("amd64", ""), linux("arm64", ""), false},
		"another system":                     {linux("amd64", ""), Platform{OS: "windows", Architecture: "amd64"}, false},
		"arm64 is v8":                        {linux("arm64", "v8"), linux("arm64", ""), true},
		"a variant that only one says":       {linux("arm", "v7"), linux("arm", ""), true},
		"two variants":                       {linux("arm", "v7"), linux("arm", "v6"), false},
		"Windows builds that differ":         {windows("10.0.17763.1"), windows("10.0.20348.1"), false},
		"Windows patch levels that differ":   {windows("10.0.20348.1"), windows("10.0.20348.9"), true},
		"a Windows build that only one says": {windows("10.0.20348.1"), windows(""), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, back := tt.a.Matches(tt.b), tt.b.Matches(tt.a); got != tt.want || back != tt.want {
				t.Errorf("%+v and %+v: %v and %v", tt.a, tt.b, got, back)
			}
		})
	}
}

func TestChildPrefersTheVeryPlatform(t *testing.T) {
	index := Image{Index: true, Children: []Child{
		{Platform: linux("arm", "v6"), Digest: digestA}, {Platform: linux("arm", "v7"), Digest: digestB},
	}}
	if got, ok := index.Child(linux("arm", "v7")); !ok || got.Digest != digestB {
		t.Errorf("arm/v7 gives %v", got)
	}
	if got, ok := index.Child(linux("arm", "")); !ok || got.Digest != digestA {
		t.Errorf("arm gives %v", got)
	}
	if _, ok := index.Child(linux("arm", "v5")); ok {
		t.Error("arm/v5 is not there")
	}
}

func linux(architecture, variant string) Platform {
	return Platform{OS: "linux", Architecture: architecture, Variant: variant}
}

func windows(version string) Platform {
	return Platform{OS: "windows", Architecture: "amd64", OSVersion: version}
}
