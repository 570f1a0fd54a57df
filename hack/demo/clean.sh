#!/usr/bin/env bash
# Undoes the demo.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/run.sh" clean
