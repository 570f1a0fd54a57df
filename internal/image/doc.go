// Package image holds what is known of container images as pure values: references, digests, platforms, provenance,
// lineage, and the judgement whether an image is behind its base. Nothing in it does I/O or reads a clock, so every
// answer depends on the arguments alone. Package registry fills the values in.
package image
