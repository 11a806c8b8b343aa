# Everything a person does here, from a fresh machine on. `make` alone lists it.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check bench kills format deny advisories clients clean-clients requirements-build requirements-test

DENY_VERSION := 0.20.2
DENY := target/tools/bin/cargo-deny
DENY_INSTALLED := target/tools/cargo-deny-$(DENY_VERSION)
NODE := tests/clients/node
NODE_INSTALLED := $(NODE)/node_modules/.package-lock.json
PYTHON := tests/clients/python
PYTHON_INSTALLED := $(PYTHON)/.venv/installed
RUST := tests/clients/rust
RUST_INSTALLED := $(RUST)/target/debug/doorward-samael-check

help: ## List what there is to do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: requirements-build ## Build, and run the demo at http://localhost:8080; stop it with Ctrl-C
	cargo run --locked -- serve --demo --keys-dir keys

check: requirements-build ## The fast inner loop: formatting, lints, unit tests, invariants
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --lib --bins --test tidy

test: requirements-test clients deny ## Everything, as CI does; installs what it needs
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --no-fail-fast

kills: requirements-test ## Kill a hundred servers under load on each database (a few minutes); KILLS=1000 for more
	KILLS=$(or $(KILLS),100) cargo test --locked --test it cli::durability -- --nocapture

format: ## Format the code
	cargo fmt

bench: requirements-test ## Measure what a request costs; ROWS=refresh for the rows so called (some minutes)
	cargo bench --locked --bench bench -- $(ROWS)

deny: $(DENY_INSTALLED) ## Check what dependencies may come in: bans, licences, sources
	$(DENY) --locked check bans licenses sources

advisories: $(DENY_INSTALLED) ## Ask the RustSec database about every dependency (needs a network that reaches it)
	$(DENY) --locked check advisories

clients: $(NODE_INSTALLED) $(PYTHON_INSTALLED) $(RUST_INSTALLED) ## Install the client libraries of others that the tests sign in with

clean-clients: ## Remove those client libraries
	rm -rf $(NODE)/node_modules $(PYTHON)/.venv $(RUST)/target

requirements-build requirements-test: requirements-%:
	@tests/requirements.sh $*

# Unoptimised: it runs for two seconds, so compiling it fast is what counts.
$(DENY_INSTALLED): | requirements-test
	CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_INCREMENTAL=false cargo install cargo-deny --version $(DENY_VERSION) --locked \
		--no-default-features --profile dev --root target/tools --target-dir target/tools/build --force --quiet
	rm -rf target/tools/build target/tools/cargo-deny-*
	touch $@

$(NODE_INSTALLED): $(NODE)/package.json $(NODE)/package-lock.json | requirements-test
	cd $(NODE) && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

$(PYTHON_INSTALLED): $(PYTHON)/requirements.txt | requirements-test
	rm -rf $(PYTHON)/.venv
	python3 -m venv $(PYTHON)/.venv
	$(PYTHON)/.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement $<
	$(PYTHON)/.venv/bin/pip check
	touch $@

# Not of the product's workspace, whose dependencies OpenSSL is banned from.
$(RUST_INSTALLED): $(RUST)/Cargo.toml $(RUST)/Cargo.lock $(wildcard $(RUST)/src/*.rs) | requirements-test
	cargo build --locked --quiet --manifest-path $< --target-dir $(RUST)/target
	touch $@
