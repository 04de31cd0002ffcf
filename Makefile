# `make demo` shows it, `make test` checks it; both begin by installing what is missing (tests/setup).

CARGO ?= cargo
SCRIPTS := tests/setup tests/support/src/scratch.sh .ci/run $(wildcard vagrant/*.sh)

.PHONY: demo test bench setup

# Three PostgreSQL servers, three daemons and a HAProxy until Ctrl-C; `make demo ONCE=1` ends by itself.
demo:
	@tests/setup
	@$(CARGO) build --package pgsql-state --package pgsql-state-support --bin pgsql-state --bin demo
	@$(CARGO) run --quiet --package pgsql-state-support --bin demo -- $(if $(ONCE),--once)

# One process a test where cargo-nextest is installed, else cargo's own runner, two tests at once:
# each may run several servers.
test:
	tests/setup test
	shellcheck $(SCRIPTS)
	$(CARGO) fmt --all --check
	$(CARGO) clippy --quiet --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --quiet --workspace --no-deps --document-private-items
	if $(CARGO) nextest --version >/dev/null 2>&1; \
	then $(CARGO) nextest run --workspace; \
	else $(CARGO) test --workspace --lib --bins --tests -- --test-threads=2; \
	fi
	$(CARGO) test --quiet --workspace --doc

# The daemon beside a bare server and its rivals; COMPARE=patroni adds Patroni, BENCH='--seconds 10'
# and the like go to the program. Needs root and two cores that do nothing else.
bench:
	tests/setup bench $(COMPARE)
	$(CARGO) build --release --package pgsql-state --package pgsql-state-bench
	target/release/pgsql-state-bench $(if $(COMPARE),--compare $(COMPARE)) $(BENCH)

setup:
	tests/setup test
