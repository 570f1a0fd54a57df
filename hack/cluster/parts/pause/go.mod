module github.com/respin-dev/respin/hack/cluster/parts/pause

go 1.26.0
