# Duet. Two commands are enough to begin with:
#   make demo    a login by ssh with a push and a sudo with a passcode, on this machine, without a Duo account
#   make test    everything that is checked
# Then: fuzz (FUZZ_SECONDS), coverage, install and uninstall (DESTDIR, PREFIX), install-admin and uninstall-admin for an administrator's
# machine, deb and rpm (into .build/packages).
.PHONY: all build packages test fuzz fuzz-daemon fuzz-module coverage demo demo-recording bench soak faults docs format release install \
    uninstall install-admin uninstall-admin deb rpm clean

PREFIX     ?= /usr
BINDIR     ?= $(PREFIX)/bin
SBINDIR    ?= $(PREFIX)/sbin
MANDIR     ?= $(PREFIX)/share/man
UNITDIR    ?= $(PREFIX)/lib/systemd/system
# Where their readers look, whatever PREFIX is: systemd-sysusers, pam-auth-update, journalctl, logrotate, and duetd.
SYSUSERDIR ?= /usr/lib/sysusers.d
PAMCONFDIR ?= /usr/share/pam-configs
CATALOGDIR ?= /usr/lib/systemd/catalog
LOGROTATEDIR ?= /etc/logrotate.d
SHAREDIR   := /usr/share/duet
# Where the shells look for completions; Debian's zsh has a folder of its own for packages.
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
# What is installed is optimised, carries Swift's libraries in itself, and looks for none beside the toolchain.
# The linker is lld, which the toolchain brings; what nobody calls is left out and relocations are packed where the C library can
# unpack them (glibc 2.36): docs/performance.md says what each is worth.
SMALL      := -Xswiftc -use-ld=lld -Xswiftc -Xfrontend -Xswiftc -function-sections -Xlinker --no-export-dynamic \
    $(shell scripts/packs-relocations && echo -Xlinker -z -Xlinker pack-relative-relocs)
# All symbols are bound at the start, and nothing that is called through can be overwritten after it.
HARD       := -Xlinker -z -Xlinker now
RELEASE    := swift build -c release --static-swift-stdlib --disable-local-rpath $(SMALL) $(HARD)
RELEASEDIR := .build/release
PAGES      := .build/man/duet.1 .build/man/duetd.8 .build/man/duet.toml.5
SHELLS     := .build/completions/duet.bash .build/completions/duet.zsh .build/completions/duet.fish
ADMINPAGES := .build/man/duet-admin.1
ADMINSHELLS := $(SHELLS:.build/completions/duet.%=.build/completions/duet-admin.%)

all: build

packages:
	@scripts/install-packages

build: packages
	swift build --explicit-target-dependency-import-check error
	$(MAKE) -C pam

test:
	@scripts/test

# Three targets in Swift and three in C, FUZZ_SECONDS (60) each, as many at a time as -j says. What they find stays in .build/fuzz/found
# and pam/build/fuzz/found; `make -C Tests/Fuzz keep` and `make -C pam keep` take what reaches something new into the corpora.
fuzz: fuzz-daemon fuzz-module
fuzz-daemon: packages
	@$(MAKE) --no-print-directory -C Tests/Fuzz fuzz
fuzz-module: packages
	@$(MAKE) --no-print-directory -C pam fuzz

# How much of the module's lines its tests reach.
coverage: packages
	@$(MAKE) --no-print-directory -C pam coverage

demo:
	@scripts/demo

# docs/demo.svg, the picture in README.md.
demo-recording:
	@scripts/demo-recording

bench:
	@scripts/bench

# A million logins, in pieces; BENCH_SOAK says how many otherwise.
soak:
	@scripts/bench soak

# docs/faults.md, written anew by the test run that compares it otherwise.
faults: build
	DUET_WRITE_FAULTS=1 Tests/EndToEnd/sandbox /usr/bin/python3 -B -m pytest -q -p no:cacheprovider \
	    --rootdir=Tests/EndToEnd Tests/EndToEnd/test_faults.py

# docs/configuration.md, out of the manual page.
docs:
	python3 scripts/configuration.py docs/man/duet.toml.5.scd > docs/configuration.md

format:
	swift format --in-place --recursive Sources Tests Package.swift

# What duet version says that it was built from: nothing outside a checkout.
release: export DUET_COMMIT ?= $(shell git describe --always --dirty --abbrev=12 2>/dev/null)
# Product by product: otherwise the simulator and the tests would be built too.
release:
	$(RELEASE) --product duetd
	$(RELEASE) --product duet
	$(RELEASE) --product duet-admin
	$(MAKE) -C pam all man
	$(MAKE) $(PAGES) $(ADMINPAGES) $(SHELLS) $(ADMINSHELLS)

# The manual is what --help says, and what docs/man adds.
.build/man/%: $(RELEASEDIR)/duetd $(RELEASEDIR)/duet $(RELEASEDIR)/duet-admin docs/man/%.tail scripts/manual.py
	mkdir -p .build/man
	python3 scripts/manual.py $(RELEASEDIR)/$(basename $*) $(subst .,,$(suffix $*)) docs/man/$*.tail > $@.scd
	scdoc < $@.scd > $@.new
	mv $@.new $@

# Written by hand, and held to the code by ConfigurationManualTests.
.build/man/duet.toml.5: docs/man/duet.toml.5.scd
	mkdir -p .build/man
	scdoc < $< > $@.new
	mv $@.new $@

# Out of the verbs and options themselves. No script to be run: bash reads it.
.build/completions/duet.%: $(RELEASEDIR)/duet
	mkdir -p .build/completions
	$(RELEASEDIR)/duet --generate-completion-script $* > $@.new
	sed -i '1{/^#!/d}' $@.new
	mv $@.new $@

.build/completions/duet-admin.%: $(RELEASEDIR)/duet-admin
	mkdir -p .build/completions
	$(RELEASEDIR)/duet-admin --generate-completion-script $* > $@.new
	sed -i '1{/^#!/d}' $@.new
	mv $@.new $@

# Enables nothing. As root: systemd-sysusers, systemctl daemon-reload, and then what README.md says.
install: $(PAGES) $(SHELLS)
	install -D -m 0755 $(RELEASEDIR)/duetd $(DESTDIR)$(SBINDIR)/duetd
	install -D -m 0755 $(RELEASEDIR)/duet $(DESTDIR)$(BINDIR)/duet
	$(MAKE) -C pam man
	$(MAKE) -C pam install MANDIR=$(MANDIR)
	install -D -m 0644 .build/man/duet.1 $(DESTDIR)$(MANDIR)/man1/duet.1
	install -D -m 0644 .build/man/duetd.8 $(DESTDIR)$(MANDIR)/man8/duetd.8
	install -D -m 0644 .build/man/duet.toml.5 $(DESTDIR)$(MANDIR)/man5/duet.toml.5
	install -D -m 0644 .build/completions/duet.bash $(DESTDIR)$(BASHCOMPDIR)/duet
	install -D -m 0644 .build/completions/duet.zsh $(DESTDIR)$(ZSHCOMPDIR)/_duet
	install -D -m 0644 .build/completions/duet.fish $(DESTDIR)$(FISHCOMPDIR)/duet.fish
	install -d -m 0755 $(DESTDIR)$(UNITDIR) $(DESTDIR)/etc/duet
	for unit in duetd.service duetd.socket duetd-control.socket; do \
	    sed 's|/usr/sbin/|$(SBINDIR)/|' systemd/$$unit > $(DESTDIR)$(UNITDIR)/$$unit || exit 1; \
	    chmod 0644 $(DESTDIR)$(UNITDIR)/$$unit; \
	done
	install -D -m 0644 systemd/duet.sysusers $(DESTDIR)$(SYSUSERDIR)/duet.conf
	install -D -m 0644 etc/duo-ca.pem $(DESTDIR)$(SHAREDIR)/duo-ca.pem
	install -D -m 0644 etc/duet.toml $(DESTDIR)$(SHAREDIR)/duet.toml
	install -D -m 0644 etc/grafana-dashboard.json $(DESTDIR)$(SHAREDIR)/grafana-dashboard.json
	install -D -m 0644 etc/alerts.yml $(DESTDIR)$(SHAREDIR)/alerts.yml
	install -D -m 0644 etc/duet.catalog $(DESTDIR)$(CATALOGDIR)/duet.catalog
	install -D -m 0644 etc/logrotate $(DESTDIR)$(LOGROTATEDIR)/duet
	if test -n "$(PAMCONFDIR)"; then install -D -m 0644 etc/pam-configs/duet $(DESTDIR)$(PAMCONFDIR)/duet; fi

# The help desk's commands. No host that people log in to needs them.
install-admin: $(ADMINPAGES) $(ADMINSHELLS)
	install -D -m 0755 $(RELEASEDIR)/duet-admin $(DESTDIR)$(BINDIR)/duet-admin
	install -D -m 0644 .build/man/duet-admin.1 $(DESTDIR)$(MANDIR)/man1/duet-admin.1
	install -D -m 0644 .build/completions/duet-admin.bash $(DESTDIR)$(BASHCOMPDIR)/duet-admin
	install -D -m 0644 .build/completions/duet-admin.zsh $(DESTDIR)$(ZSHCOMPDIR)/_duet-admin
	install -D -m 0644 .build/completions/duet-admin.fish $(DESTDIR)$(FISHCOMPDIR)/duet-admin.fish

uninstall-admin:
	rm -f $(DESTDIR)$(BINDIR)/duet-admin $(DESTDIR)$(MANDIR)/man1/duet-admin.1 \
	    $(DESTDIR)$(BASHCOMPDIR)/duet-admin $(DESTDIR)$(ZSHCOMPDIR)/_duet-admin $(DESTDIR)$(FISHCOMPDIR)/duet-admin.fish

# Not by way of `release`, which asks for the pages, which ask for these.
$(RELEASEDIR)/duetd $(RELEASEDIR)/duet $(RELEASEDIR)/duet-admin: $(RELEASEDIR)/%:
	$(RELEASE) --product $*

# Takes away what install laid down, and nothing that is somebody's: /etc/duet stays. Not while a PAM stack names the module.
uninstall:
	@scripts/names-module $(DESTDIR)/etc
	rm -f $(DESTDIR)$(SBINDIR)/duetd $(DESTDIR)$(BINDIR)/duet $(DESTDIR)$(SYSUSERDIR)/duet.conf $(DESTDIR)$(PAMCONFDIR)/duet \
	    $(DESTDIR)$(CATALOGDIR)/duet.catalog $(DESTDIR)$(LOGROTATEDIR)/duet \
	    $(foreach unit,duetd.service duetd.socket duetd-control.socket,$(DESTDIR)$(UNITDIR)/$(unit)) \
	    $(DESTDIR)$(MANDIR)/man1/duet.1 $(DESTDIR)$(MANDIR)/man8/duetd.8 $(DESTDIR)$(MANDIR)/man5/duet.toml.5 \
	    $(DESTDIR)$(BASHCOMPDIR)/duet $(DESTDIR)$(ZSHCOMPDIR)/_duet $(DESTDIR)$(FISHCOMPDIR)/duet.fish
	$(MAKE) -C pam uninstall MANDIR=$(MANDIR)
	rm -rf $(DESTDIR)$(SHAREDIR)
	rmdir --ignore-fail-on-non-empty $(DESTDIR)/etc/duet 2>/dev/null || true

deb: packages
	@scripts/build-deb

rpm: packages
	@scripts/build-rpm

clean:
	$(MAKE) -C pam clean
	rm -rf .build
