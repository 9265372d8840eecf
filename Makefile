# make check is the quick part of what CI runs: see .ci/run.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: check run fmt generate vet lint test

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
