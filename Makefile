# make check is the quick part of what CI runs: see .ci/run.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# How long make fuzz tries each target; CI does so briefly. What it finds is kept in
# testdata/fuzz or in a table, and go test tries it each time.
FUZZTIME = 1m

.PHONY: check run fmt generate vet lint test fuzz

check: fmt generate vet lint test

run:
	go run .

fmt:
	gofmt -w .

generate:
	go tool templ generate

vet:
	go vet ./...

lint:
	go run $(STATICCHECK) ./...
	go mod tidy -diff

test:
	go test -race ./...

fuzz:
	grep -rE '^func Fuzz' --include='*_test.go' . | sed -E 's|/[^/]*:func (\w+).*| \1|' | while read -r dir target; do \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$dir || exit; done
