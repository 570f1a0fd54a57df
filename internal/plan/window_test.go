package plan

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // Not every machine has the time zones.

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func window(schedule, duration, zone string) respinv1alpha1.RolloutWindow {
	d, err := time.ParseDuration(duration)
	if err != nil {
		panic(err)
	}
	return respinv1alpha1.RolloutWindow{Schedule: schedule, Duration: metav1.Duration{Duration: d}, TimeZone: zone}
}

func parsed(t *testing.T, spec ...respinv1alpha1.RolloutWindow) Windows {
	t.Helper()
	windows, problem := ParseWindows(spec)
	if problem != nil {
		t.Fatal(problem.Message)
	}
	return windows
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestWhenAWindowOpensNext(t *testing.T) {
	for sentence, test := range map[string]struct {
		schedule, zone string
		now, next      string
	}{
		"without a zone the schedule is in UTC": {"0 2 * * *", "", "2026-07-01T00:00:00Z", "2026-07-01T02:00:00Z"},
		"on its own zone's clocks":              {"0 2 * * *", "Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"},
		"now is not next":                       {"0 2 * * *", "UTC", "2026-07-01T02:00:00Z", "2026-07-02T02:00:00Z"},
		"a moment before is":                    {"0 2 * * *", "UTC", "2026-07-01T01:59:59.999999999Z", "2026-07-01T02:00:00Z"},
		"on weekdays, after a Friday":           {"0 2 * * 1-5", "UTC", "2026-07-03T03:00:00Z", "2026-07-06T02:00:00Z"},
		"by the names of days and months":       {"0 2 * aug MON", "UTC", "2026-07-01T00:00:00Z", "2026-08-03T02:00:00Z"},
		"on the 29th of February":               {"0 2 29 2 *", "UTC", "2026-07-01T00:00:00Z", "2028-02-29T02:00:00Z"},
		"never on the 30th of February":         {"0 2 30 2 *", "UTC", "2026-07-01T00:00:00Z", ""},

		"an hour that spring skips, when the clocks have changed":  {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		"as ever on the day after":                                 {"30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
		"all of an hour that spring skips is one opening":          {"*/10 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"},
		"the hour after the one that spring skips is where it was": {"0 3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		"an hour that autumn has twice, the first time":            {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		"not the second time, after the first":                     {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		"not the second time, in the second hour":                  {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:15:00Z", "2026-10-26T01:30:00Z"},
		"every minute is none of the second hour":                  {"* * * * *", "Europe/Berlin", "2026-10-25T00:59:30Z", "2026-10-25T02:00:00Z"},
		"the hour after the one that autumn has twice":             {"0 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T02:00:00Z"},

		"half an hour that Lord Howe skips in October": {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z"},
		"half an hour that it has twice in April":      {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", "2026-04-04T14:45:00Z"},
		"and not the second time":                      {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T14:50:00Z", "2026-04-05T15:15:00Z"},
		"a midnight that Beirut skips":                 {"0 0 * * *", "Asia/Beirut", "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z"},
		"a day that Samoa skipped":                     {"0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T10:00:00Z"},
	} {
		t.Run(sentence, func(t *testing.T) {
			at, ok := parsed(t, window(test.schedule, "1h", test.zone)).Next(instant(t, test.now))
			if ok != (test.next != "") || ok && !at.Equal(instant(t, test.next)) {
				t.Errorf("it opens next at %s, %v, want %s", at.UTC(), ok, test.next)
			}
		})
	}
}

func TestWhenAWindowIsOpen(t *testing.T) {
	nightly := []respinv1alpha1.RolloutWindow{window("0 22 * * *", "4h", "UTC")}
	sunday := []respinv1alpha1.RolloutWindow{window("0 1 * * 0", "3h", "Europe/Berlin")}
	overlapping := []respinv1alpha1.RolloutWindow{window("0 2 * * *", "1h", "UTC"), window("30 2 * * *", "2h", "UTC")}
	hours := []respinv1alpha1.RolloutWindow{window("0 * * * *", "90m", "UTC")}
	for sentence, test := range map[string]struct {
		spec []respinv1alpha1.RolloutWindow
		now  string
		open bool
	}{
		"without windows it is any time":              {nil, "2026-07-01T12:00:00Z", true},
		"not before it opens":                         {nightly, "2026-07-01T21:59:59.999Z", false},
		"from the moment that it opens":               {nightly, "2026-07-01T22:00:00Z", true},
		"over midnight":                               {nightly, "2026-07-02T00:30:00Z", true},
		"until its duration is over":                  {nightly, "2026-07-02T01:59:59.999Z", true},
		"not at the moment that it is over":           {nightly, "2026-07-02T02:00:00Z", false},
		"in the first of two that overlap":            {overlapping, "2026-07-01T02:15:00Z", true},
		"in both of two that overlap":                 {overlapping, "2026-07-01T02:45:00Z", true},
		"in the second, when the first is over":       {overlapping, "2026-07-01T03:30:00Z", true},
		"not when both are over":                      {overlapping, "2026-07-01T04:30:00Z", false},
		"always, if it opens again before it is over": {hours, "2026-07-01T04:59:00Z", true},

		// From 01:00 CET, 00:00 UTC, to 05:00 CEST, 03:00 UTC: three hours, though clocks say four.
		"for all of its time over the change in spring": {sunday, "2026-03-29T02:59:59Z", true},
		"and no longer": {sunday, "2026-03-29T03:00:00Z", false},
		// From 01:00 CEST, 23:00 UTC, to 03:00 CET, 02:00 UTC: three hours, though clocks say two.
		"for all of its time over the change in autumn": {sunday, "2026-10-25T01:59:59Z", true},
		"and no longer then either":                     {sunday, "2026-10-25T02:00:00Z", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if open := parsed(t, test.spec...).Open(instant(t, test.now)); open != test.open {
				t.Errorf("open is %v, want %v", open, test.open)
			}
		})
	}
}

func TestTheNextOfAllWindowsCounts(t *testing.T) {
	windows := parsed(t, window("0 2 * * *", "1h", "UTC"), window("0 2 * * *", "1h", "Asia/Tokyo"), window("0 0 30 2 *", "1h", "UTC"))
	if at, ok := windows.Next(instant(t, "2026-07-01T12:00:00Z")); !ok || !at.Equal(instant(t, "2026-07-01T17:00:00Z")) {
		t.Errorf("the next is %s, %v, want Tokyo's at 17:00 UTC", at.UTC(), ok)
	}
	if at, ok := (Windows{}).Next(time.Now()); ok {
		t.Errorf("without windows the next is %s, want none", at)
	}
}

func TestWindowsThatCannotBeUnderstood(t *testing.T) {
	right := window("0 2 * * 1-5", "4h", "Europe/Berlin")
	for sentence, test := range map[string]struct {
		spec respinv1alpha1.RolloutWindow
		says []string
	}{
		"a field too few":           {window("0 2 * *", "4h", "UTC"), []string{"windows[1].schedule: ", "found 4", "; write five fields of cron, as in 0 2 * * 1-5"}},
		"a field too many":          {window("0 0 2 * * 1", "4h", "UTC"), []string{"windows[1].schedule: ", "found 6"}},
		"nothing":                   {window("", "4h", "UTC"), []string{"windows[1].schedule: "}},
		"an hour that no day has":   {window("0 25 * * *", "4h", "UTC"), []string{"windows[1].schedule: ", "25"}},
		"a word that is no day":     {window("0 2 * * someday", "4h", "UTC"), []string{"windows[1].schedule: ", "someday"}},
		"a range that runs back":    {window("0 2 * * 5-1", "4h", "UTC"), []string{"windows[1].schedule: "}},
		"a field of commas":         {window("0 2 , * *", "4h", "UTC"), []string{"windows[1].schedule: ", "no time at all"}},
		"a name for a schedule":     {window("@daily", "4h", "UTC"), []string{"windows[1].schedule: ", "@daily"}},
		"an interval":               {window("@every 1h", "4h", "UTC"), []string{"windows[1].schedule: "}},
		"a zone in the schedule":    {window("TZ=Asia/Tokyo 0 2 * * *", "4h", "UTC"), []string{"windows[1].schedule: ", "timeZone"}},
		"nothing but a zone in it":  {window("CRON_TZ=UTC", "4h", "UTC"), []string{"windows[1].schedule: ", "timeZone"}},
		"a zone that there is not":  {window("0 2 * * *", "4h", "Mars/Olympus"), []string{"windows[1].timeZone: ", "Mars/Olympus", "; write a name of the IANA database, as in Europe/Berlin"}},
		"a zone that is a path":     {window("0 2 * * *", "4h", "../../etc/passwd"), []string{"windows[1].timeZone: "}},
		"what is local to somebody": {window("0 2 * * *", "4h", "Local"), []string{"windows[1].timeZone: "}},
	} {
		t.Run(sentence, func(t *testing.T) {
			windows, problem := ParseWindows([]respinv1alpha1.RolloutWindow{right, test.spec})
			if problem == nil || problem.Reason != respinv1alpha1.ReasonInvalidWindow || windows != nil {
				t.Fatalf("it is %v, %+v, want a problem", windows, problem)
			}
			for _, words := range append(test.says, "spec.rollout.") {
				if !strings.Contains(problem.Message, words) {
					t.Errorf("it says %q, want %q in it", problem.Message, words)
				}
			}
		})
	}
}

func TestWhatOpensNextIsLaterAndIsOpenThen(t *testing.T) {
	for _, spec := range []respinv1alpha1.RolloutWindow{
		window("*/5 * * * *", "1m", "Europe/Berlin"),
		window("30 2 * * *", "1h", "Europe/Berlin"),
		window("15 2,1 * * 0", "45m", "Australia/Lord_Howe"),
		window("0 0 1 * 1", "168h", "America/Sao_Paulo"),
		window("*/20 0-3 * * *", "10m", "Africa/Casablanca"),
	} {
		windows := parsed(t, spec)
		end := instant(t, "2028-01-01T00:00:00Z")
		for now := instant(t, "2026-01-01T00:00:00Z"); now.Before(end); now = now.Add(7 * time.Minute) {
			at, ok := windows.Next(now)
			if !ok || !at.After(now) {
				t.Fatalf("%s in %s: after %s it opens at %s, %v", spec.Schedule, spec.TimeZone, now, at.UTC(), ok)
			}
			if !windows.Open(at) || !windows.Open(at.Add(spec.Duration.Duration-1)) {
				t.Fatalf("%s in %s: it opens at %s, and is not open then", spec.Schedule, spec.TimeZone, at.UTC())
			}
			if open := windows.Open(at.Add(-1)); open && !windows.Open(now) && at.Sub(now) > spec.Duration.Duration {
				t.Fatalf("%s in %s: it is open before it opens at %s", spec.Schedule, spec.TimeZone, at.UTC())
			}
		}
	}
}
