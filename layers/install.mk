# How a layer gets its packages: locked, for Lambda's platform, without what no function reads,
# and with byte-code inside, since a cold start that compiles takes more than twice as long.
UV ?= uv
PYTHON ?= $(shell $(UV) python find 3.13)
PLATFORM ?= x86_64-manylinux_2_34

define install
	$(UV) pip install --quiet --no-deps --require-hashes --only-binary :all: \
	  --python-version 3.13 --python-platform $(PLATFORM) \
	  --target "$(ARTIFACTS_DIR)/python" -r requirements.txt
endef

define prune
	rm -rf "$(ARTIFACTS_DIR)/python/bin" "$(ARTIFACTS_DIR)/python/.lock"
	find "$(ARTIFACTS_DIR)/python" -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
	find "$(ARTIFACTS_DIR)/python" \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' \) -delete
endef

define compile
	"$(PYTHON)" -m compileall -q -j 0 --invalidation-mode unchecked-hash \
	  -s "$(ARTIFACTS_DIR)" -p /opt "$(ARTIFACTS_DIR)/python"
endef
