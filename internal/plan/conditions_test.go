package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func imageIn(state respinv1alpha1.ImageState, reason string) respinv1alpha1.ImageStatus {
	return respinv1alpha1.ImageStatus{State: state, Reason: reason, Message: "it is " + string(state)}
}

func TestConditions(t *testing.T) {
	current := imageIn(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)
	patching := imageIn(respinv1alpha1.ImagePatching, respinv1alpha1.ReasonPatching)
	failed := imageIn(respinv1alpha1.ImageFailed, respinv1alpha1.ReasonRunFailed)
	unknown := imageIn(respinv1alpha1.ImageUnknown, respinv1alpha1.ReasonDenied)
	noBuild := imageIn(respinv1alpha1.ImageBehind, respinv1alpha1.ReasonNoBuild)
	held := imageIn(respinv1alpha1.ImageHeld, respinv1alpha1.ReasonReverted)
	conflicting := imageIn(respinv1alpha1.ImageHeld, respinv1alpha1.ReasonGitOpsConflict)
	settles := imageIn(respinv1alpha1.ImageBehind, respinv1alpha1.ReasonSettling)
	soaks := imageIn(respinv1alpha1.ImageBehind, respinv1alpha1.ReasonSoaking)
	published := imageIn(respinv1alpha1.ImageBehind, respinv1alpha1.ReasonPublished)
	approval := imageIn(respinv1alpha1.ImagePatching, respinv1alpha1.ReasonAwaitingApproval)
	type images = []respinv1alpha1.ImageStatus
	for sentence, test := range map[string]struct {
		seen Observation
		want []string // type=status reason
		says string   // in Ready's message
	}{
		"nothing to keep is ready": {
			want: []string{"Ready=True NoImages"},
		},
		"every image current is ready": {
			seen: Observation{Images: images{current, current}}, want: []string{"Ready=True UpToDate"}, says: "(2)",
		},
		"held images are left alone on purpose, and ready": {
			seen: Observation{Images: images{current, held}}, want: []string{"Ready=True UpToDate"}, says: "1 of 2 images are current and 1 are held",
		},
		"work under way is reconciling": {
			seen: Observation{Images: images{current, patching}},
			want: []string{"Ready=False Patching", "Reconciling=True Patching"}, says: "it is Patching",
		},
		"a failed image is degraded, and told before one that is being patched": {
			seen: Observation{Images: images{patching, failed}},
			want: []string{"Ready=False RunFailed", "Reconciling=True Patching", "Degraded=True RunFailed"}, says: "it is Failed",
		},
		"an image of which nothing is known is degraded": {
			seen: Observation{Images: images{current, unknown}}, want: []string{"Ready=False Denied", "Degraded=True Denied"},
		},
		"an image behind without a build is degraded": {
			seen: Observation{Images: images{current, noBuild}}, want: []string{"Ready=False NoBuild", "Degraded=True NoBuild"},
		},
		"what a GitOps controller puts back is not ready, and degraded": {
			seen: Observation{Images: images{current, conflicting}},
			want: []string{"Ready=False GitOpsConflict", "Degraded=True GitOpsConflict"}, says: "it is Held",
		},
		"it is told after what is worse": {
			seen: Observation{Images: images{conflicting, failed}},
			want: []string{"Ready=False RunFailed", "Degraded=True RunFailed"}, says: "it is Failed",
		},
		"and after what is under way": {
			seen: Observation{Images: images{conflicting, patching}},
			want: []string{"Ready=False Patching", "Reconciling=True Patching", "Degraded=True GitOpsConflict"},
		},
		"and not for what a person put back": {
			seen: Observation{Images: images{held, conflicting}}, want: []string{"Ready=False GitOpsConflict", "Degraded=True GitOpsConflict"},
		},
		"a base that settles leaves its images behind on purpose": {
			seen: Observation{Images: images{current, settles}}, want: []string{"Ready=False Settling"}, says: "it is Behind",
		},
		"so does one that soaks":      {seen: Observation{Images: images{soaks}}, want: []string{"Ready=False Soaking"}},
		"so does what is only pushed": {seen: Observation{Images: images{published}}, want: []string{"Ready=False Published"}},
		"beside one that cannot be patched, that one is degraded": {
			seen: Observation{Images: images{settles, noBuild}}, want: []string{"Ready=False Settling", "Degraded=True NoBuild"},
		},
		"what waits for a person is under way": {
			seen: Observation{Images: images{current, approval}}, want: []string{"Ready=False AwaitingApproval", "Reconciling=True Patching"},
		},
		"others in the same state are counted": {
			seen: Observation{Images: images{noBuild, noBuild, noBuild}}, want: []string{"Ready=False NoBuild", "Degraded=True NoBuild"},
			says: "2 more images are in this state",
		},
		"one other in the same state is told of": {
			seen: Observation{Images: images{noBuild, noBuild}}, want: []string{"Ready=False NoBuild", "Degraded=True NoBuild"},
			says: "1 more image is in this state",
		},
		"a mistake in the spec stalls, and is told before anything else": {
			seen: Observation{Images: images{failed}, Mistakes: []Problem{{"InvalidMatch", "no glob"}, {"InvalidReference", "no image"}}},
			want: []string{"Ready=False InvalidMatch", "Stalled=True InvalidMatch", "Degraded=True RunFailed"}, says: "no glob; no image",
		},
		"a policy all of whose workloads an older one keeps is not ready": {
			seen: Observation{Claims: []Claim{{"Deployment/api", "older"}}},
			want: []string{"Ready=False Claimed", "Degraded=True Claimed"}, says: "Deployment/api is kept patched by the older policy older",
		},
		"a policy some of whose workloads an older one keeps is degraded": {
			seen: Observation{Images: images{current}, Claims: []Claim{{"Deployment/api", "older"}}},
			want: []string{"Ready=True UpToDate", "Degraded=True Claimed"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			conditions := Conditions(test.seen)
			if found := told(conditions); !slices.Equal(found, test.want) {
				t.Errorf("the conditions are %q, want %q", found, test.want)
			}
			if !strings.Contains(conditions[0].Message, test.says) {
				t.Errorf("Ready says %q, want %q", conditions[0].Message, test.says)
			}
		})
	}
}

func told(conditions []metav1.Condition) []string {
	var all []string
	for _, c := range conditions {
		all = append(all, fmt.Sprintf("%s=%s %s", c.Type, c.Status, c.Reason))
	}
	return all
}

func TestASuspendedPolicyIsReadyAndNothingElse(t *testing.T) {
	if found := told(SuspendedConditions()); !slices.Equal(found, []string{"Ready=True Suspended"}) {
		t.Errorf("the conditions are %v", found)
	}
}

func TestConditionsOfManyImagesStayShort(t *testing.T) {
	var images []respinv1alpha1.ImageStatus
	for range 600 {
		images = append(images, respinv1alpha1.ImageStatus{
			State: respinv1alpha1.ImageUnknown, Reason: "Denied", Message: strings.Repeat("ü", 1000),
		})
	}
	for _, c := range Conditions(Observation{Images: images}) {
		if len(c.Message) > maxCondition {
			t.Errorf("%s has a message of %d bytes", c.Type, len(c.Message))
		}
	}
}

func TestTheStatesAddUp(t *testing.T) {
	var images []respinv1alpha1.ImageStatus
	for n, state := range []respinv1alpha1.ImageState{
		respinv1alpha1.ImageCurrent, respinv1alpha1.ImageBehind, respinv1alpha1.ImagePatching,
		respinv1alpha1.ImageHeld, respinv1alpha1.ImageFailed, respinv1alpha1.ImageUnknown,
	} {
		for range n + 1 {
			images = append(images, imageIn(state, "Any"))
		}
	}
	want := respinv1alpha1.ImageSummary{Images: 21, Current: 1, Behind: 2, Patching: 3, Held: 4, Failed: 5, Unknown: 6}
	if found := Summarize(images); found != want {
		t.Errorf("the summary is %+v, want %+v", found, want)
	}
}
