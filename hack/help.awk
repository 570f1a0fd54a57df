# Prints a Makefile's targets with their ## comments, under its ##@ headings.
BEGIN { FS = ":.*## "; print "Usage: make TARGET" }
/^##@ / { printf "\n%s\n", substr($0, 5) }
/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $1, $2 }
