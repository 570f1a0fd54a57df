// Package access finds out whose credentials reach the registries: those of one namespace, as the kubelet would use them
// there, and what that namespace's policy names besides. Secrets are read when they are needed, one at a time and by
// name, where a RoleBinding of the namespace lets the operator; they are neither listed nor watched nor kept.
package access
