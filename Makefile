# make test is all that is needed: it installs what the tests need on Debian, and runs tests and linters.
GO      ?= go
LINT    := $(CURDIR)/.cache/golangci-lint
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)

.PHONY: build test unit lint cross deps bench fuzz clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X ronda/internal/cli.version=$(VERSION)' -o ronda .

test: deps lint cross unit

# The real parts that tests use: sshd, dropbear, busybox, tmux and the tools that jobs are made of.
deps:
	@./.ci/deps

unit:
	$(GO) test -race -timeout 20m ./...

lint: $(LINT)
	$(GO) vet ./...
	$(LINT) run ./...

$(LINT): tools/go.mod tools/go.sum
	cd tools && $(GO) build -o $(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

# It builds, and its tests compile, on the systems that people watch from.
cross:
	GOOS=darwin GOARCH=arm64 $(GO) vet ./...
	GOOS=windows GOARCH=amd64 $(GO) vet ./...

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz:
	@./.ci/fuzz

clean:
	rm -rf ronda .cache
