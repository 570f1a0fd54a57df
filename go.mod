module github.com/respin-dev/respin

go 1.26.0
