#!/usr/bin/env bash
# Installs the Debian packages that building, testing, linting and the demo need, if they are missing.
set -euo pipefail

# A line each: what has to be there, and the package that has it.
missing=()
while read -r what package; do
	if [[ $what == /* ]]; then
		[[ -e $what ]] || missing+=("$package")
	elif ! PATH="$PATH:/usr/sbin:/sbin" command -v "$what" >/dev/null; then
		missing+=("$package")
	fi
done <<'LIST'
make make
git git
gcc gcc
/usr/include/stdlib.h libc6-dev
debootstrap debootstrap
/bin/busybox busybox-static
runc runc
iptables iptables
ip iproute2
mount mount
/usr/lib/cni containernetworking-plugins
/etc/ssl/certs/ca-certificates.crt ca-certificates
shellcheck shellcheck
LIST

if [[ ${#missing[@]} -eq 0 ]]; then
	exit
fi
if ! command -v apt-get >/dev/null; then
	echo "Not on Debian: please install what these packages hold: ${missing[*]}" >&2
	exit 1
fi
if [[ $EUID -ne 0 ]]; then
	echo "As root: apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi
echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
apt-get install --yes --quiet=2 --no-install-recommends "${missing[@]}"
