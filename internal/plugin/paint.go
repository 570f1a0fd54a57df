package plugin

import (
	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// colour is an SGR code; none leaves text as it is.
type colour string

const (
	none   colour = ""
	bold   colour = "1"
	faint  colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
)

// Paint colours text for a terminal, or leaves it alone.
type Paint bool

func (p Paint) in(c colour, text string) string {
	if !bool(p) || c == none || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

var stateColours = map[respinv1alpha1.ImageState]colour{
	respinv1alpha1.ImageCurrent:  green,
	respinv1alpha1.ImageFailed:   red,
	respinv1alpha1.ImageUnknown:  red,
	respinv1alpha1.ImageHeld:     yellow,
	respinv1alpha1.ImageBehind:   yellow,
	respinv1alpha1.ImagePatching: yellow,
}

var workloadColours = map[respinv1alpha1.WorkloadState]colour{
	respinv1alpha1.WorkloadHealthy:    green,
	respinv1alpha1.WorkloadUnhealthy:  red,
	respinv1alpha1.WorkloadRolledBack: red,
	respinv1alpha1.WorkloadReverted:   yellow,
	respinv1alpha1.WorkloadSkipped:    faint,
}

func podsColour(pods *PodCount) colour {
	switch {
	case pods == nil || pods.Pods == 0:
		return faint
	case pods.Patched == pods.Pods:
		return green
	}
	return yellow
}
