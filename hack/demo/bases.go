package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/respin-dev/respin/hack/demo/internal/debian"
	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// prepareBases makes the two file systems, unless they are there, and finds out in which packages they differ.
func (d *demo) prepareBases(ctx context.Context) error {
	d.Chapter("Two Debians: as released, and with the security fixes")
	if err := d.sameArchitecture(ctx); err != nil {
		return err
	}
	for _, make := range []func(context.Context) error{d.needDebootstrap, d.makeReleased, d.makeFixed, d.compare} {
		if err := make(ctx); err != nil {
			return err
		}
	}
	d.Say("%d packages have been fixed since the release: %s", len(d.changed), strings.Join(d.changed, ", "))
	return nil
}

func (d *demo) needDebootstrap(ctx context.Context) error {
	if debian.Has(d.store.Released()) || !debian.NeedsInstall() {
		return nil
	}
	return d.Do("apt-get install debootstrap", func(t *screen.Task) error { return debian.Install(ctx, t) })
}

func (d *demo) makeReleased(ctx context.Context) error {
	archive := d.store.Released()
	if debian.Has(archive) {
		d.Say("As released: kept from an earlier run, %s", archive)
		return nil
	}
	return d.Do("Debian "+debian.Version+" as released, without its security archive", func(t *screen.Task) error {
		if err := os.RemoveAll(d.store.Fixed()); err != nil { // which was made from another
			return err
		}
		return d.store.Bootstrap(ctx, t, debian.DefaultArchives())
	})
}

// makeFixed upgrades the one in the other's image with BuildKit, which needs no root here.
func (d *demo) makeFixed(ctx context.Context) error {
	archive := d.store.Fixed()
	if debian.Has(archive) {
		d.Say("With the fixes: kept from an earlier run, %s", archive)
		return nil
	}
	return d.Do("The same after apt-get upgrade from the security archive", func(t *screen.Task) error {
		released, err := debianImage(d.store.Released())
		if err != nil {
			return err
		}
		t.Detail("pushing the one to upgrade")
		upgrading := d.registry + "/demo/upgrading:" + debian.Version
		digest, err := d.push(ctx, upgrading, released)
		if err != nil {
			return err
		}
		dockerfile := debian.UpgradeDockerfile(upgrading+"@"+digest, debian.DefaultArchives())
		return d.buildArchive(ctx, t, dockerfile, archive)
	})
}

func (d *demo) compare(context.Context) error {
	var err error
	if d.released, err = debian.PackagesIn(d.store.Released()); err != nil {
		return err
	}
	if d.fixed, err = debian.PackagesIn(d.store.Fixed()); err != nil {
		return err
	}
	d.changed = d.released.Changed(d.fixed)
	if len(d.changed) == 0 {
		return errors.New("no fix has come out since Debian's release, so there is nothing to show; " +
			"if .cache/demo is old, delete it and try again")
	}
	return nil
}

// publishBase publishes a file system as the base that the policy follows.
func (d *demo) publishBase(ctx context.Context, t *screen.Task, archive string) error {
	image, err := debianImage(archive)
	if err != nil {
		return err
	}
	digest, err := d.push(ctx, d.base, image)
	t.Result("%s is now %s", d.base, short(digest))
	return err
}

// short is a digest as people compare it.
func short(digest string) string { return digest[:min(len(digest), len("sha256:")+12)] }
