# Duet. Two commands are enough to begin with:
#   make demo    a login by ssh with a push and a sudo with a passcode, on this machine, without a Duo account
#   make test    everything that is checked
.PHONY: all build packages test demo bench faults format clean

all: build

packages:
	@scripts/install-packages

build: packages
	swift build --explicit-target-dependency-import-check error
	$(MAKE) -C pam

test:
	@scripts/test

demo:
	@scripts/demo

bench:
	@scripts/bench

# docs/faults.md, written anew by the test run that compares it otherwise.
faults: build
	DUET_WRITE_FAULTS=1 Tests/EndToEnd/sandbox /usr/bin/python3 -B -m pytest -q -p no:cacheprovider \
	    --rootdir=Tests/EndToEnd Tests/EndToEnd/test_faults.py

format:
	swift format --in-place --recursive Sources Tests Package.swift

clean:
	$(MAKE) -C pam clean
	rm -rf .build
