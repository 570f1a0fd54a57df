package plugin

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// row is a line of the tree: a table's, or one that goes across the columns with nothing but its name.
type row struct {
	guide  string
	name   cell
	state  cell
	pods   cell
	reason cell
	across bool
}

type cell struct {
	text   string
	colour colour
}

// drawing is a tree as it becomes rows.
type drawing struct {
	now        time.Time
	namespaces bool
	rows       []row
}

// Print writes the tree as a table for people. Policies are named with their namespaces where they are of more than one.
func (t Tree) Print(out io.Writer, now time.Time, paint Paint, namespaces bool) error {
	d := &drawing{now: now, namespaces: namespaces}
	for i := range t.Policies {
		if i > 0 {
			d.rows = append(d.rows, row{across: true})
		}
		d.policy(&t.Policies[i])
	}
	_, err := io.WriteString(out, d.text(paint))
	return err
}

func (d *drawing) policy(p *PolicyNode) {
	name := p.Name
	if d.namespaces {
		name = p.Namespace + "/" + p.Name
	}
	d.rows = append(d.rows, row{name: cell{name, bold}, state: readiness(p), reason: cell{text: policyReason(p)}})
	_, below := branch("", len(p.Bases) == 0)
	d.needs(p.Needs, below)
	for i := range p.Bases {
		d.base(&p.Bases[i], i == len(p.Bases)-1)
	}
}

func readiness(p *PolicyNode) cell {
	switch {
	case p.Suspended:
		return cell{"Suspended", yellow}
	case p.Ready == string(metav1.ConditionTrue):
		return cell{"Ready", green}
	case p.Ready == string(metav1.ConditionFalse):
		return cell{"Not ready", red}
	}
	return cell{"Not judged", yellow}
}

func policyReason(p *PolicyNode) string {
	words := counts(p.Summary)
	if p.Reason != "" && p.Reason != respinv1alpha1.ReasonSuspended {
		words = p.Reason + "; " + words
	}
	return words
}

// counts are how many images there are, and how many in each state that any is in.
func counts(s respinv1alpha1.ImageSummary) string {
	var parts []string
	for _, state := range []struct {
		count int32
		name  string
	}{
		{s.Current, "current"}, {s.Behind, "behind"}, {s.Patching, "patching"}, {s.Held, "held"}, {s.Failed, "failed"}, {s.Unknown, "unknown"},
	} {
		if state.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", state.count, state.name))
		}
	}
	if len(parts) == 0 {
		return count(int(s.Images), "image")
	}
	return count(int(s.Images), "image") + ": " + strings.Join(parts, ", ")
}

// branch gives the guides of a node, and of what is below it.
func branch(above string, last bool) (own, below string) {
	if last {
		return above + "└─ ", above + "   "
	}
	return above + "├─ ", above + "│  "
}

func (d *drawing) base(b *BaseNode, last bool) {
	own, below := branch("", last)
	line := row{guide: own, name: cell{text: familiar(b.Image)}}
	switch {
	case b.Image == "":
		line.name = cell{"(base not known)", faint}
	case b.Message != "":
		line.state, line.reason = cell{"Not checked", red}, cell{text: oneLine(b.Message)}
	case b.Digest != "":
		line.state = cell{short(b.Digest), faint}
	}
	if since := age(b.Since, d.now); since != "" && b.Message == "" {
		line.reason = cell{"since " + since, faint}
	}
	d.rows = append(d.rows, line)
	for i := range b.Images {
		d.image(&b.Images[i], below, i == len(b.Images)-1)
	}
}

func (d *drawing) image(i *ImageNode, above string, last bool) {
	own, below := branch(above, last)
	d.rows = append(d.rows, row{
		guide: own, name: cell{text: tagged(i.Repository, i.Tag, i.Digest)},
		state: cell{string(i.State), stateColours[i.State]}, reason: cell{text: d.imageReason(i)},
	})
	for at := range i.Workloads {
		d.workload(&i.Workloads[at], below, at == len(i.Workloads)-1)
	}
	d.needs(i.Needs, below)
}

// imageReason says of an image that is being patched how far that is, and of all what is waited for.
func (d *drawing) imageReason(i *ImageNode) string {
	reason := i.Reason
	switch {
	case i.State == respinv1alpha1.ImageCurrent && reason == respinv1alpha1.ReasonUpToDate:
		reason = ""
	case i.State == respinv1alpha1.ImagePatching && i.Run != nil && i.Run.Phase != "":
		reason = string(i.Run.Phase)
		if i.Run.Reason != "" && i.Run.Reason != reason {
			reason += ", " + i.Run.Reason
		}
	}
	if passed(i.Until, d.now) {
		return reason
	}
	return reason + " until " + moment(i.Until.Time, d.now)
}

func (d *drawing) workload(w *WorkloadNode, above string, last bool) {
	own, _ := branch(above, last)
	line := row{
		guide: own, name: cell{text: w.Workload}, pods: cell{podsText(w.Pods), podsColour(w.Pods)},
		state: cell{string(w.State), workloadColours[w.State]},
	}
	if w.Reason != string(w.State) {
		line.reason = cell{text: w.Reason}
	}
	d.rows = append(d.rows, line)
}

func podsText(pods *PodCount) string {
	switch {
	case pods == nil:
		return ""
	case pods.Pods == 0:
		return "no pods"
	}
	return fmt.Sprintf("%d/%d", pods.Patched, pods.Pods)
}

// needs puts a command on a line of its own, so that it can be copied whole.
func (d *drawing) needs(needs []Need, above string) {
	for _, need := range needs {
		d.rows = append(d.rows,
			row{guide: above, name: cell{"! " + need.Message + ":", yellow}, across: true},
			row{guide: above, name: cell{"  " + need.Command, bold}, across: true})
	}
}

// text aligns the columns.
func (d *drawing) text(paint Paint) string {
	head := row{name: cell{"NAME", bold}, state: cell{"STATE", bold}, pods: cell{"PATCHED", bold}, reason: cell{"REASON", bold}}
	rows := append([]row{head}, d.rows...)
	var name, state, pods int
	for _, r := range rows {
		if !r.across {
			name = max(name, width(r.guide+r.name.text))
			state, pods = max(state, width(r.state.text)), max(pods, width(r.pods.text))
		}
	}
	var text strings.Builder
	for _, r := range rows {
		line := paint.in(faint, r.guide) + paint.in(r.name.colour, r.name.text)
		if !r.across {
			line += pad(name-width(r.guide+r.name.text)) + column(paint, r.state, state) + column(paint, r.pods, pods) + "  "
		}
		text.WriteString(strings.TrimRight(line+paint.in(r.reason.colour, r.reason.text), " ") + "\n")
	}
	return text.String()
}

func column(paint Paint, c cell, wide int) string {
	return "  " + paint.in(c.colour, c.text) + pad(wide-width(c.text))
}

func pad(n int) string { return strings.Repeat(" ", n) }

func width(s string) int { return utf8.RuneCountInString(s) }
