// Package architecture holds tests of the code's structure: which way imports go, what is pure, and what shape the
// sources have. It reads the sources themselves, so that it judges every platform's files, and so that go test knows
// when its cached verdict is out of date.
package architecture
