# What a developer runs. `make help` lists it.

GOLANGCI_LINT_VERSION := v2.15.0
BIN := $(CURDIR)/.bin

.DEFAULT_GOAL := help

.PHONY: help lighthouse vulnerabilities demo bench-api bench-scale bench-disclosure test conformance lint lint-containers image bench fuzz soak

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## draw a synthetic hub, publish it, serve it
	go run ./cmd/parvis demo

test: ## pass the tests
	go test ./...

lint: $(BIN)/golangci-lint ## check the code
	$(BIN)/golangci-lint run

vulnerabilities: ## look for known vulnerabilities in what the program calls; GOVULNDB names another database
	./scripts/vulnerabilities

lint-containers: ## check the Dockerfile, compose.yaml and the shell scripts
	./scripts/lint-containers

image: ## build the container image
	docker build --tag parvis:devel --build-arg VERSION="$$(git describe --tags --always --dirty)" --build-arg REVISION="$$(git rev-parse HEAD)" .

bench: ## measure: figures and commands are in docs/performance.md
	go test -run '^$$' -bench . -benchtime 1x ./...

bench-scale: ## publish hubs of 5, 10 and 20 million files, and run a bare script on them: half an hour, 40 GB of disk
	PARVIS_BENCH_SCALE="5000000 10000000 20000000" go test -run '^$$' -bench Scale -benchtime 1x -timeout 3h -v ./cmd/parvis

bench-api: ## ask the query API beside datasette, roapi (in PARVIS_BENCH_PEERS) and bare DuckDB: two hours; shorter with PARVIS_BENCH_API (seconds) and PARVIS_BENCH_API_ROUNDS
	PARVIS_BENCH_API=$${PARVIS_BENCH_API:-30} go test -run '^$$' -bench API -benchtime 1x -timeout 4h -v ./cmd/parvis

bench-disclosure: ## protect the reference problems, beside other tools and their figures (PARVIS_BENCH_HIGH=1 adds high effort), larger months, more dimensions
	go test -run '^$$' -bench 'Disclosure|Growth|Shapes' -benchtime 1x -timeout 1h ./anonymize/protect ./anonymize/audit

soak: ## kill publications 500 times over each kind of store, spoil requests in 15 times as many cases as the tests do, serve and work under load for PARVIS_SOAK_MINUTES (20): three hours
	PARVIS_SOAK_KILLS=500 go test -run TestKilledAtAnyMoment -timeout 4h -v ./cmd/parvis
	PARVIS_SOAK_FAULTS=15 go test -run 'TestFaultsOf|TestADiskFillsUp' -parallel 6 -timeout 4h -v ./cmd/parvis
	PARVIS_SOAK_MINUTES=$${PARVIS_SOAK_MINUTES:-20} go test -run WithoutLeaks -timeout 4h -v ./cmd/parvis

lighthouse: ## have Lighthouse judge the pages of a demo that runs on port 8080; needs npm and Chromium
	./scripts/lighthouse http://127.0.0.1:8080 / /jeux-de-donnees /jeux-de-donnees/moncompteformation_catalogueformation /recherche /tableaux-de-bord/offre /tableaux-de-bord/engagements /tableaux-de-bord/usagers /tableaux-de-bord/sur-mesure /certifications/RS6151

conformance: ## run other people's clients against a served publication: ten minutes; installs them below the user's cache
	go run ./conformance

fuzz: ## fuzz every parser for half a minute
	./scripts/fuzz 30s

$(BIN)/golangci-lint:
	GOBIN=$(BIN) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
