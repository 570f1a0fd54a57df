package safety

import (
	"fmt"
	"slices"
)

// The names of the checks, in the order in which they are made.
const (
	// Layers: the image's layers begin with the old base's, and all layers can be read.
	Layers Check = "layers"
	// Platform: the image and both bases are for the same platform.
	Platform Check = "platform"
	// Distribution: both bases are the same release of the same distribution.
	Distribution Check = "distribution"
	// LibC: both bases have the same C library, and the new one's is not older.
	LibC Check = "libc"
	// Paths: the image's layers write, delete and hide nothing that differs between the bases.
	Paths Check = "paths"
	// Patterns: what the image's layers delete or give to another owner has no new neighbours in the new base, which a
	// build would have deleted or given away as well.
	Patterns Check = "patterns"
	// Links: the symbolic links in the image's layers lead to nothing that the new base took away.
	Links Check = "links"
	// PackageDatabases: the image's layers install no packages on top of others.
	PackageDatabases Check = "package-databases"
	// LinkerCache: the image's layers hold no linker's cache of libraries that differ.
	LinkerCache Check = "linker-cache"
	// Caches: they hold nothing else that is made of files of the base that differ.
	Caches Check = "caches"
	// CopiedFiles: they hold no copies of files of the old base that differ.
	CopiedFiles Check = "copied-files"
	// Toolchain: they hold no programs that were built with compilers, headers or static libraries that differ.
	Toolchain Check = "toolchain"
	// Accounts: the accounts of the old base that the image uses have the same numbers in the new one.
	Accounts Check = "accounts"
	// User: both bases have the steps of a build run as the same user.
	User Check = "user"
	// WorkingDirectory: and in the same directory.
	WorkingDirectory Check = "working-directory"
	// Shell: and by the same shell.
	Shell Check = "shell"
	// OnBuild: both bases have the same triggers for what is built on them.
	OnBuild Check = "on-build"
	// Environment: the image's configuration holds no values made of variables that the new base changed.
	Environment Check = "environment"
	// History: what the new base changed of how the image is run is known to be inherited or the image's own.
	History Check = "history"
)

// check is a check with how it is made.
type check struct {
	name Check
	// waivable is false where a rebase would give no image at all, or not one of this base's.
	waivable bool
	// files is true of a check that compares files: it cannot be made where Layers refuses.
	files bool
	of    func(*proof) verdict
}

var checks = []check{
	{name: Layers, of: checkLayers},
	{name: Platform, of: checkPlatform},
	{name: Distribution, waivable: true, files: true, of: checkDistribution},
	{name: LibC, waivable: true, files: true, of: checkLibC},
	{name: Paths, waivable: true, files: true, of: checkPaths},
	{name: Patterns, waivable: true, files: true, of: checkPatterns},
	{name: Links, waivable: true, files: true, of: checkLinks},
	{name: PackageDatabases, waivable: true, files: true, of: checkPackageDatabases},
	{name: LinkerCache, waivable: true, files: true, of: checkLinkerCache},
	{name: Caches, waivable: true, files: true, of: checkCaches},
	{name: CopiedFiles, waivable: true, files: true, of: checkCopiedFiles},
	{name: Toolchain, waivable: true, files: true, of: checkToolchain},
	{name: Accounts, waivable: true, files: true, of: checkAccounts},
	{name: User, waivable: true, of: checkUser},
	{name: WorkingDirectory, waivable: true, of: checkWorkingDirectory},
	{name: Shell, waivable: true, of: checkShell},
	{name: OnBuild, waivable: true, of: checkOnBuild},
	{name: Environment, waivable: true, of: checkEnvironment},
	{name: History, waivable: true, of: checkHistory},
}

// Checks are all checks, in the order of Prove's results.
var Checks = names()

func names() []Check {
	all := make([]Check, len(checks))
	for i, c := range checks {
		all[i] = c.name
	}
	return all
}

// Waivable reports whether a policy's owner may waive a check. What is no check cannot be waived.
func Waivable(name Check) bool {
	return slices.ContainsFunc(checks, func(c check) bool { return c.name == name && c.waivable })
}

// verdict is what a check came to.
type verdict struct {
	passed bool
	reason string
}

func pass(format string, args ...any) verdict { return verdict{true, fmt.Sprintf(format, args...)} }

func refuse(format string, args ...any) verdict { return verdict{false, fmt.Sprintf(format, args...)} }
