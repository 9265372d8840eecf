# make check verifies a change and rewrites nothing: CI runs it (see .ci/run).
# make fmt generate rewrites.

SHELL = bash

STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOTESTSUM = go run gotest.tools/gotestsum@v1.13.0

# FUZZTIME is how long make fuzz runs each target. Fuzzing keeps what it finds in
# testdata/fuzz, and go test tries that again each time.
FUZZTIME = 1m

# make mutants EVERY=10 runs every tenth, after each commit a different tenth, so that ten commits
# in a row run all of them. ONLY=hub/ runs those of the hub's files.
EVERY = 1
FROM = $(or $(shell git rev-list --count HEAD 2>/dev/null),0)
ONLY =

# RACE switches the race detector on, except in the engine of SQLite: this is C translated into
# Go, whose memory the detector doesn't watch anyway. No package with generic code may be left out,
# because the linker could take its copy of that code for all packages.
RACE = -race -gcflags=modernc.org/sqlite/lib=-race=false

.PHONY: check run fmt generate formatted generated vet cross lint test unraced bench fuzz mutants

check: formatted generated vet lint bench unraced test
	@$(MAKE) --no-print-directory fuzz FUZZTIME=5000x
	@$(MAKE) --no-print-directory mutants EVERY=10

run:
	go run .

fmt:
	gofmt -w .

generate:
	go tool templ generate
	go generate ./...

formatted:
	@test -z "$$(gofmt -l .)" || { echo 'not formatted (make fmt):'; gofmt -l .; exit 1; }

generated:
	@for f in templates/*.templ; do \
		go tool templ generate -f $$f -stdout 2>/dev/null | cmp -s - $${f%.templ}_templ.go || \
			{ echo "$$f is newer than its Go file (make generate)"; exit 1; }; done

vet:
	go vet ./... ./.ci/mutants

# cross builds the program and its tests for other systems. It takes minutes, so check leaves it out.
cross:
	for os in windows darwin freebsd; do GOOS=$$os go build -o /dev/null . && GOOS=$$os go vet ./... || exit; done

lint:
	$(STATICCHECK) ./... ./.ci/mutants
	go mod tidy -diff

# test begins with the packages that take longest, so that the others run beside them. It
# prints a line for each package, and the output of the tests that fail. With CI
# set a skipped test is a failure, unless it lacks only the messages that networks have
# sent, which are not published.
test:
	@results=$$(mktemp); trap 'rm -f "$$results"' EXIT; \
	$(GOTESTSUM) --format pkgname --jsonfile "$$results" -- $(RACE) -timeout 20m ./web ./hub ./... || exit; \
	[[ -n $$CI ]] || exit 0; \
	skipped=$$(grep -c '"Action":"skip".*"Test":' "$$results"); excused=0; \
	[[ -n $$NAGARE_FIXTURES && -n $$NAGARE_INPUTS ]] || \
		excused=$$(grep -cE '"Output":".*NAGARE_(FIXTURES|INPUTS)' "$$results"); \
	((skipped <= excused)) || { echo "$$skipped tests were skipped"; exit 1; }

# unraced runs the tests that measure allocations, memory or time, which the race detector distorts,
# and those of random histories, which take fewer inputs under it.
unraced:
	@files=$$(grep -rlE '^//go:build .*!race' --include='*_test.go' .); \
	go test -run "^($$(sed -nE 's/^func (Test\w+).*/\1/p' $$files | paste -sd'|'))\$$" $$(dirname $$files | sort -u)
	@go test -run '^TestDeletedWords_' .

# bench only verifies that the benchmark program works.
bench:
	cd bench && go vet . && go test .

# fuzz runs the targets of two packages at a time. It begins with web, which has the most.
fuzz:
	@grep -rlE '^func Fuzz' --include='*_test.go' . | xargs dirname | sort -ru | xargs -P 2 -L 1 .ci/fuzz $(FUZZTIME)

# mutants breaks the code in one way after the other, and verifies that a test notices:
# see .ci/mutants/mutants.txt.
mutants:
	@go run ./.ci/mutants -every $(EVERY) -from $(FROM) -only '$(ONLY)'
