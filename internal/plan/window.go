package plan

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Windows are the times at which workloads may be given a patched image. Without any, it is any time.
type Windows []Window

// Window is a time that comes again and again: it opens by a schedule on the clocks of its zone, and stays open for a
// duration of time that passes.
type Window struct {
	schedule *cron.SpecSchedule
	duration time.Duration
	zone     *time.Location
}

// sameHour bounds how often a schedule may open within an hour that comes twice before the search for its next opening
// is given up. No clocks were ever put back by more than a day, and a schedule opens once a minute at most.
const sameHour = 24*60 + 1

// Schedules are read as they stand: names such as @daily are no schedules here, as the API has it.
var fields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// ParseWindows reads a policy's windows. The problem names the first that cannot be understood; without knowing all
// windows nobody can say that none is open, so then there are no windows to go by either.
func ParseWindows(spec []respinv1alpha1.RolloutWindow) (Windows, *Problem) {
	windows := make(Windows, 0, len(spec))
	for i, declared := range spec {
		path := fmt.Sprintf("spec.rollout.windows[%d]", i)
		schedule, err := parseSchedule(declared.Schedule)
		if err != nil {
			return nil, &Problem{respinv1alpha1.ReasonInvalidWindow, fmt.Sprintf(
				"%s.schedule: %v; write five fields of cron, as in 0 2 * * 1-5", path, err)}
		}
		zone, err := parseZone(declared.TimeZone)
		if err != nil {
			return nil, &Problem{respinv1alpha1.ReasonInvalidWindow, fmt.Sprintf(
				"%s.timeZone: %v; write a name of the IANA database, as in Europe/Berlin", path, err)}
		}
		windows = append(windows, Window{schedule, declared.Duration.Duration, zone})
	}
	return windows, nil
}

func parseSchedule(text string) (*cron.SpecSchedule, error) {
	if strings.Contains(text, "=") {
		return nil, errors.New("a schedule has no time zone of its own, that is for timeZone")
	}
	parsed, err := fields.Parse(text)
	if err != nil {
		return nil, err
	}
	schedule, ok := parsed.(*cron.SpecSchedule)
	if !ok || schedule.Minute == 0 || schedule.Hour == 0 || schedule.Dom == 0 || schedule.Month == 0 || schedule.Dow == 0 {
		return nil, errors.New("one of the fields names no time at all")
	}
	return schedule, nil
}

func parseZone(name string) (*time.Location, error) {
	if name == "Local" { // which is a name to Go: where no zone is set it is called UTC, and then so is UTC
		return nil, errors.New("what is local to the operator is not known here")
	}
	zone, err := time.LoadLocation(name) // of no name it makes UTC
	if err != nil {
		return nil, fmt.Errorf("no time zone is called %q", name)
	}
	return zone, nil
}

// Open tells whether workloads may be given a patched image now.
func (w Windows) Open(now time.Time) bool {
	for _, window := range w {
		if window.open(now) {
			return true
		}
	}
	return len(w) == 0
}

// Next is when a window opens next, strictly after now, whether or not one is open. Ok is false where there are no
// windows, or where none opens within the next five years, as with the 30th of February.
func (w Windows) Next(now time.Time) (at time.Time, ok bool) {
	for _, window := range w {
		if opening, opens := window.next(now); opens && (!ok || opening.Before(at)) {
			at, ok = opening, true
		}
	}
	return at, ok
}

// open: it opened within its duration up to now.
func (w Window) open(now time.Time) bool {
	opening, ok := w.next(now.Add(-w.duration))
	return ok && !opening.After(now)
}

// next looks for the opening on what clocks on the wall show, and only then for the instant of it: cron's own way of
// coping with a change of clocks leaves openings out. Where an hour comes twice, openings of the first time are passed
// over.
func (w Window) next(now time.Time) (time.Time, bool) {
	shown := onTheWall(now.In(w.zone))
	for range sameHour {
		if shown = w.schedule.Next(shown); shown.IsZero() {
			break
		}
		if at := w.instant(shown); at.After(now) {
			return at, true
		}
	}
	return time.Time{}, false
}

// onTheWall is what clocks show at an instant, as if it were UTC.
func onTheWall(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
}

// instant is the first at which the zone's clocks show the given time or a later one: a time that comes twice is the
// first, and one that a change of clocks skips is the instant of the change. It goes from change to change, of which
// no two days have more than a few, and begins where every clock on earth shows less.
func (w Window) instant(shown time.Time) time.Time {
	at := shown.Add(-24 * time.Hour).In(w.zone)
	for range 8 {
		_, offset := at.Zone()
		_, change := at.ZoneBounds()
		found := shown.Add(-time.Duration(offset) * time.Second).In(w.zone)
		if found.Before(at) {
			return at
		}
		if change.IsZero() || found.Before(change) {
			return found
		}
		at = change
	}
	return at
}
