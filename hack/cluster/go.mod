module github.com/respin-dev/respin/hack/cluster

go 1.26.0
