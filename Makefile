# `make demo` shows it, `make test` checks it; both begin by installing what is missing (tests/setup).

CARGO ?= cargo
export CARGO
SCRIPTS := $(addprefix tests/,setup counted suite-sources on-suite suite-test haproxy-test) tests/support/src/scratch.sh \
	$(addprefix tests/,ocf/cluster/tools.sh keeper/tools.sh simulate/ablation/run) .ci/run \
	$(addprefix packaging/,build install packages tool) $(wildcard packaging/debian/p*) $(wildcard packaging/rpm/p*) \
	$(addprefix tests/postgresql/,provide run) \
	$(wildcard tests/lab/provision/*.sh) $(addprefix tests/lab/,play provision/fence_lab) $(wildcard vagrant/*.sh)
LAB := target/release/pgsql-state-lab

.PHONY: install uninstall packages packages-test demo quick test docs reference deny minimum simulate ablation test-patroni test-paf bench bench-flood fuzz setup test-postgres haproxy-test suite-test release-test lab lab-test lab-campaign lab-guide lab-shell lab-status lab-down

# Three PostgreSQL servers, three daemons and a HAProxy until Ctrl-C; `make demo ONCE=1` ends by itself.
demo:
	@tests/setup
	@$(CARGO) build --package pgsql-state --package pgsql-state-support --bin pgsql-state --bin demo
	@$(CARGO) run --quiet --package pgsql-state-support --bin demo -- $(if $(ONCE),--once)

# Everything that needs no server and no root: formatting, clippy, unit tests, and the suites that read sources, documents,
# manual pages and golden files. It installs nothing; `make setup` does.
QUICK := ask cli corpus documents install layering lint man metadata pgsqlms settings
quick:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --quiet --workspace --all-targets -- --deny warnings
	$(CARGO) test --quiet --package pgsql-state --package pgsql-state-lab --lib --bins $(addprefix --test ,$(QUICK))
	$(CARGO) test --quiet --package pgsql-state --test generate -- examples:: golden:: mistakes:: refused::

# One process a test where cargo-nextest is installed, else cargo's own runner, two tests at once:
# each may run several servers. COMPARE=patroni adds what test-patroni does.
test:
	tests/setup test $(COMPARE)
	shellcheck --external-sources $(SCRIPTS)
	$(CARGO) fmt --all --check
	$(CARGO) clippy --quiet --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --quiet --workspace --no-deps --document-private-items
	if $(CARGO) nextest --version >/dev/null 2>&1; \
	then $(CARGO) nextest run --workspace; \
	else $(CARGO) test --workspace --lib --bins --tests -- --test-threads=2; \
	fi
	$(CARGO) test --quiet --workspace --doc

# Writes the generated tables of docs/ from the program's declarations; the same test without the variable says which are
# not current.
reference:
	PGSQL_STATE_WRITE_REFERENCE=1 $(CARGO) test --quiet --package pgsql-state --lib reference::

# The documents as a book in target/book, where mdBook is installed.
docs: reference
	@if command -v mdbook >/dev/null; \
	then mdbook build && echo "The book begins at target/book/index.html."; \
	else echo "mdBook is missing, so no book is built: cargo install mdbook. The pages begin at docs/README.md." >&2; exit 1; \
	fi

# Licences, sources and banned crates among all dependencies, by deny.toml. Asks for no list of known holes: that takes
# `cargo deny check advisories`, and a network.
deny:
	tools=$$(packaging/tool cargo-deny) && PATH="$$PATH:$$tools" $(CARGO) deny --locked check --hide-inclusion-graph bans licenses sources

# Whether the compiler that rust-version promises takes everything, where rustup has that one. Where it has not, clippy still
# refuses what the standard library got later (incompatible_msrv).
MINIMUM := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
minimum:
	@if rustup run $(MINIMUM) rustc --version >/dev/null 2>&1; \
	then rustup run $(MINIMUM) cargo check --locked --workspace --all-targets --target-dir target/minimum; \
	else echo "Rust $(MINIMUM) is not here, so it was not tried: rustup toolchain install --profile minimal $(MINIMUM)" >&2; \
	fi

# The whole cluster around the resource agent, from seeds, for SECONDS seconds; each seed that went wrong is told, and
# `target/simulate/pgsql-state-simulate --seed N --verbose` tells its story. SIMULATE='--proof FILE' and the like go to
# the program. `make test` plays the kept histories alone, until what is known of new ones is mended:
# tests/simulate/README.md.
SECONDS ?= 60
simulate:
	@$(CARGO) build --quiet --profile simulate --package pgsql-state-simulate
	@target/simulate/pgsql-state-simulate --seconds $(SECONDS) $(SIMULATE)

# Each mend of the agent taken out again (tests/simulate/ablation), and how many histories it takes until a rule is broken:
# hours for all of them. ABLATION='--histories 5000 NAME...' and the like go to the script.
ablation:
	@tests/simulate/ablation/run $(ABLATION)

# The HTTP port beside a real Patroni's, with etcd, on a primary and a standby.
test-patroni:
	tests/setup compare patroni
	COMPARE=patroni $(CARGO) test --package pgsql-state --test patroni -- --nocapture

# The suites that meet a real PostgreSQL, with other major versions than the one installed: `make test-postgres
# VERSIONS="12 18"`. SUITES='control wal' names some of the suites. The results go into docs/develop/platforms.md.
VERSIONS ?= 12 13 14 16 17 18
test-postgres: export RECORD := $(or $(RECORD),1)
test-postgres:
	tests/setup test
	tests/setup postgres
	SUITES='$(SUITES)' tests/postgresql/run $(VERSIONS)

# All that is generated for HAProxy, and sessions that it ends, with the HAProxy that is installed. The results go into
# docs/develop/platforms.md.
haproxy-test: export RECORD := $(or $(RECORD),1)
haproxy-test:
	tests/setup test
	tests/haproxy-test

# The demo, the tests and haproxy-test on fresh hosts of Debian's suites, in a fresh clone; needs root. What is not committed is
# not tried. PARTS='demo haproxy' names some of the three. What was compiled there stays in target/suites. The results go
# into docs/develop/platforms.md.
EVERY_SUITE := $(shell sed -n 's/^\([a-z]\+\) .*/\1/p' tests/suites)
suite-test: export RECORD := $(or $(RECORD),1)
suite-test:
	tests/setup lab
	PARTS='$(PARTS)' tests/suite-test $(or $(SUITES),$(EVERY_SUITE))

# What is slow and rarely finds anything: before a release, on a machine that does nothing else, for some hours. Each part is
# a target of its own, and the results go into docs/develop/platforms.md.
release-test: export RECORD := $(or $(RECORD),1)
release-test: test-postgres suite-test
	$(MAKE) packages-test SUITES='$(or $(SUITES),$(EVERY_SUITE))'
	for suite in $(or $(SUITES),$(EVERY_SUITE)); \
	do SUITE=$$suite $(MAKE) lab-guide && SUITE=$$suite $(MAKE) lab-test ALL=1 || exit; \
	done

# The suite that our resource agent passes, against Debian's PAF: what PAF does right, and that it still does
# wrong what it is known for.
test-paf:
	tests/setup compare paf
	PGSQLMS=paf $(CARGO) test --package pgsql-state --test ocf -- --test-threads=2

# The daemon beside a bare server and its rivals; COMPARE=patroni adds Patroni, BENCH='--seconds 10'
# and the like go to the program. Needs root and two cores that do nothing else.
bench:
	tests/setup bench $(COMPARE)
	packaging/build --package pgsql-state --package pgsql-state-bench
	target/release/pgsql-state-bench $(if $(COMPARE),--compare $(COMPARE)) $(BENCH)

# Untrusted clients against the daemon and against the psql one-liner, while a load balancer asks; in a network
# namespace of its own. Needs root. FLOOD='--seconds 5' and the like go to the program.
bench-flood:
	tests/setup bench
	packaging/build --package pgsql-state --package pgsql-state-bench
	target/release/pgsql-state-bench flood $(FLOOD)

# Each reader of untrusted clients' or operators' bytes for FUZZ seconds, by LLVM's libFuzzer; needs a C++ compiler. The flags are
# those by which cargo-fuzz has coverage counted; a stable compiler has them too, and only AddressSanitizer, of no use to a
# program without unsafe code, takes a nightly one. What it finds goes to tests/fuzz/artifacts and, once mended, to
# the corpus; inputs that are merely new go to target/fuzz, not to the corpus that `make test` replays.
FUZZ ?= 600
FUZZED ?= proxy token configuration request agent control wal cib hba messages haproxy stat peers service
FUZZ_HOST = $(shell rustc -vV | sed -n 's/^host: //p')
FUZZ_FLAGS = -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
	-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing
fuzz:
	RUSTFLAGS='$(FUZZ_FLAGS)' $(CARGO) build --release --manifest-path tests/fuzz/Cargo.toml --target $(FUZZ_HOST)
	for target in $(FUZZED); \
	do mkdir -p target/fuzz/$$target tests/fuzz/artifacts && \
	tests/fuzz/target/$(FUZZ_HOST)/release/$$target -max_total_time=$(FUZZ) -max_len=8192 \
		-artifact_prefix=tests/fuzz/artifacts/$$target- target/fuzz/$$target tests/fuzz/corpus/$$target || exit; \
	done

# Three servers and a client as real hosts on this machine, a cluster as Pacemaker's administrators know
# it; needs root. SUITE=bookworm chooses another Debian than the stable one (tests/suites), AGENT=ocf:… chooses the resource agent, CHECK=psql the psql one-liner instead of the
# daemon, SYNC=1 synchronous replication, KEEP_FAILED=true leaves a failed start for a look.
lab:
	@tests/setup lab
	@packaging/build --package pgsql-state --package pgsql-state-traffic --package pgsql-state-lab
	@$(LAB) up

# The scenarios that say most, in 7 minutes, or all with ALL=1; LAB_TEST='--rounds 3 --check daemon
# --check psql', '--agent …' and the like go to the program. It starts the lab and ends it.
lab-test: lab
	@tests/lab/play $(if $(ALL),--all) $(LAB_TEST); status=$$?; $(LAB) down && exit $$status

# FAULTS faults of a seed in pairs and at random moments, while clients write and read with synchronous replication.
# LAB_CAMPAIGN='--proof FILE' and the like go to the program. It starts the lab and ends it.
FAULTS ?= 20
lab-campaign: export SYNC := $(or $(SYNC),1)
lab-campaign: lab
	@$(LAB) campaign --faults $(FAULTS) $(if $(SEED),--seed $(SEED)) $(LAB_CAMPAIGN); \
	status=$$?; $(LAB) down && exit $$status

# The guide from its first command to its last, on three empty hosts.
lab-guide:
	@tests/setup lab
	@tests/setup packages
	@$(MAKE) --no-print-directory packages
	@packaging/build --package pgsql-state-lab
	@$(LAB) guide target/packages/*.deb
	@tests/record suites "$${SUITE:-stable}" guide=passed

lab-shell:
	@$(LAB) shell $(or $(HOST),srv1)

lab-status:
	@$(LAB) status

# Nothing is left but the hosts' cached base, target/lab/base-SUITE-*.
lab-down:
	@$(LAB) down

setup:
	tests/setup test

# The program, its units and pages below PREFIX, in DESTDIR for packagers, and the resource agent that was built
# beside it where Pacemaker looks for agents, whatever PREFIX is. Build them first, with `cargo build --release`.
# Nothing is started or enabled.
PREFIX ?= /usr/local
PROGRAM ?= target/release/pgsql-state
install:
	@packaging/install install "$(DESTDIR)" "$(PREFIX)" "$(PROGRAM)"

uninstall:
	@packaging/install uninstall "$(DESTDIR)" "$(PREFIX)"

# A .deb and a .rpm in target/packages, of a release build unless PROGRAM names another.
packages:
	$(if $(filter target/release/%,$(PROGRAM)),@packaging/build --package pgsql-state)
	@packaging/packages "$(PROGRAM)"

# Both hold what they have to, and are the same when they are made again; then a fresh Debian host, or one of each of
# SUITES="bookworm trixie forky", installs the .deb, is asked, upgrades to a newer one while it is asked, removes and purges it. That takes root, and what `pgsql-state-lab check` looks for.
packages-test:
	@tests/setup packages
	@$(MAKE) --no-print-directory packages
	@cd target/packages && sha256sum -- *.deb *.rpm >first.sha256
	@packaging/packages "$(PROGRAM)"
	@cd target/packages && sha256sum --check --quiet first.sha256
	@packaging/packages "$(PROGRAM)" +next
	PACKAGES=$(CURDIR)/target/packages $(CARGO) test --quiet --package pgsql-state --test packages
	@packaging/build --package pgsql-state-lab
	@for suite in $(or $(SUITES),$${SUITE:-stable}); \
	do SUITE=$$suite $(LAB) packages target/packages/*.deb target/packages/+next/*.deb && \
	tests/record suites $$suite packages=passed || exit; \
	done
