# facteur: make [build=release|debug|asan]   →  build/<build>/facteur
#
#   make deps      install what is missing (Debian, root or sudo): the one list of packages
#   make deps-build  the part of it that the program needs to be built
#   make demo      letters go out before your eyes, on servers of the demo's own
#   make test      everything that is checked; ends with "N passed, N failed"
#   make proof     the same jobs under real artisan and under facteur (LARAVEL=12 DB=mysql)
#   make compare   A=one.pdf B=other.pdf OUT=side.png: how two PDFs differ, page by page
#   make twice     the smallest ways to mail a letter twice, again and again (RUNS=200)
#   make mutate    every protection taken out in turn: its test must fail
#   make test-mysql  the letters' way on a MySQL server (T=: other test programs)
#   make bundle    the program with its own loader and libraries, for images without glibc
#   make test-packages  the ways to install it, each tried in a root of its own
#   make lint      format, static analysis, banned functions
#   make fuzz      every decoder against new input (seconds each: FUZZ_SECONDS)
#   make bench     letters per second, CPU, memory, sizes (N=1000 S=2)
#   make bench-smoke  what a letter, and a job in PHP, costs in counts, against test/bench/limits; part of test
#   make bench-against OTHER=../before/build/release/facteur   letters per second beside another build's
#   make bench-php    empty PHP jobs a second beside artisan's (N=2000 ROUNDS=5)
#   make bench-php-slots  letters a second while two more slots run long jobs in PHP (S=5 ROUNDS=5)
#   make bench-start  what a start costs before a full table (OWN=100000 FOREIGN=1000000)
#   make install   PREFIX=/usr/local DESTDIR=: program, manual page, completions, unit, documents
#   make uninstall takes them away again
#   make deb       a package for the Debian that it is made on: build/deb/*.deb

build ?= release
B := build/$(build)
G := build/gen
PREFIX ?= /usr/local
VERSION := 0.1.0

CC := gcc
WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wno-format-truncation -Wvla # cutting is what our snprintf is for
# Warnings are errors for developers and CI (test/run and test/lint ask for it): other
# compilers warn of other things.
WERROR ?= $(if $(filter release,$(build)),0,1)
WARN += $(if $(filter 1,$(WERROR)),-Werror)
BASE_CFLAGS := -std=c17 -D_GNU_SOURCE -DFACTEUR_VERSION='"$(VERSION)"' -Iinclude -Isrc $(WARN) -MMD -MP -g
CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE $(HARDENED)
CFLAGS_debug := -O0
CFLAGS_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_release := -pie -Wl,-z,relro,-z,now

# What not every compiler has, or not for every machine.
with = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2>/dev/null && echo $(1))
HARDENED := $(if $(filter release,$(build)),$(foreach f,-fstack-clash-protection \
	-fcf-protection,$(call with,$(f))))

# Packages: to build, to test, and for lint and fuzz.
PKG_BUILD := build-essential pkg-config default-libmysqlclient-dev libcurl4-openssl-dev \
	libhpdf-dev libidn2-dev libjansson-dev libpcre2-dev uuid-dev libssl-dev zlib1g-dev libgumbo-dev libhiredis-dev fonts-dejavu-core \
	fonts-dejavu-extra tzdata
PKG_DEMO := mariadb-server python3-aiosmtpd poppler-utils procps ca-certificates
PKG_TEST := curl libcmocka-dev qpdf supervisor faketime openssl composer unzip php-dompdf \
	php-font-lib php8.2-cli php8.2-mysql php8.2-xml php8.2-mbstring php8.2-gd \
	php8.2-curl php8.2-zip php8.2-intl php8.2-redis redis-server postfix libnss-wrapper \
	strace valgrind systemd mandoc groff-base bsdextrautils fish zsh
# What is only for `make test-packages`.
PKG_PACKAGES := musl musl-tools busybox-static debootstrap systemd-container $(PKG_DEB) lintian
PKG_DEB := debhelper dpkg-dev
PKG_TOOLS := clang clang-tidy clang-format libclang-rt-14-dev cppcheck

PC := mysqlclient libcurl libidn2 jansson libpcre2-8 uuid openssl gumbo hiredis zlib
# found asks pkg-config, once for each make; where something is missing, it says what helps.
MISSING = $(error $(1): "make deps-build" installs what is needed (Debian, root or sudo))
found = $(if $(shell command -v $(firstword $(CC))),,$(call MISSING,there is no $(CC)))$(strip \
	$(if $(shell command -v pkg-config),,$(call MISSING,there is no pkg-config)))$(strip \
	$(foreach p,$(PC),$(if $(shell pkg-config --exists $(p) && echo yes),,$(call MISSING,\
	pkg-config does not know "$(p)"))))$(shell pkg-config $(1) $(PC))
PC_CFLAGS = $(eval PC_CFLAGS := $$(call found,--cflags))$(PC_CFLAGS)
PC_LIBS = $(eval PC_LIBS := $$(call found,--libs) -lhpdf -lm)$(PC_LIBS)
CFLAGS_ALL = $(BASE_CFLAGS) $(CFLAGS_$(build)) $(PC_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = $(LDFLAGS_$(build)) $(LDFLAGS)

SRC := $(filter-out src/main.c,$(wildcard src/*/*.c))
OBJ := $(SRC:src/%.c=$(B)/%.o)
LIB := $(B)/libfacteur.a

all: $(B)/facteur

# === fonts and other files that are built in ===

FONT_DIR ?= /usr/share/fonts/truetype/dejavu
FONTS := $(foreach f,Sans Sans-Bold Sans-Oblique Sans-BoldOblique Serif Serif-Bold \
	Serif-Italic Serif-BoldItalic SansMono SansMono-Bold SansMono-Oblique \
	SansMono-BoldOblique,$(G)/fonts/DejaVu$(f).ttf)
ASSETS := $(sort $(wildcard sql/queries/*.sql sql/schema/*.sql views/*.php views/*/*.php src/app/defaults/*.php src/child/*.php src/cli/*.roff) $(FONTS))

$(G)/fonts/%.ttf: $(FONT_DIR)/%.ttf
	@mkdir -p $(@D)
	@cp $< $@

$(G)/assets.s: $(ASSETS) src/base/assets.sh Makefile
	@mkdir -p $(@D)
	@src/base/assets.sh $(ASSETS) >$@.tmp
	@mv $@.tmp $@

# Of which commit it is; "unknown" outside of git, unless the environment says it (COMMIT,
# SOURCE_DATE_EPOCH, as in a package's build). Written only when it is another.
$(G)/commit.h: FORCE
	@mkdir -p $(@D)
	@{ echo "#define COMMIT \"$${COMMIT:-$$(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)}\""; \
	  echo "#define COMMIT_DATE \"$$(if [ -n "$$SOURCE_DATE_EPOCH" ]; then date -u -d "@$$SOURCE_DATE_EPOCH" +%F; \
	  else git log -1 --format=%cs 2>/dev/null; fi)\""; } >$@.tmp
	@cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@

$(B)/cli/version.o $(B)/cli/manual.o: $(G)/commit.h
$(B)/cli/version.o $(B)/cli/manual.o: CFLAGS += -I$(G)

# === the program ===

$(B)/facteur: $(B)/main.o $(LIB)
	@echo "LD $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PC_LIBS)

$(LIB): $(OBJ) $(B)/assets.o
	@rm -f $@
	@ar rcs $@ $^

$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "CC $<"
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(B)/assets.o: $(G)/assets.s
	@mkdir -p $(@D)
	@$(CC) -c -o $@ $<

-include $(OBJ:.o=.d) $(B)/main.d

# === tests: one cmocka program per file, its table made from its test_* symbols ===

UNIT := $(patsubst test/unit/%.c,$(B)/test/%,$(wildcard test/unit/test_*.c))

unit: $(UNIT)

$(B)/test/%.o: test/unit/%.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -Itest/unit -c -o $@ $<

$(B)/test/%.table.c: $(B)/test/%.o test/unit/table.sh
	@test/unit/table.sh $< >$@

$(B)/test/%: $(B)/test/%.o $(B)/test/%.table.c $(LIB)
	@echo "LD $@"
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_ALL)) -Itest/unit $(LDFLAGS_ALL) -o $@ $< $(B)/test/$*.table.c $(LIB) \
	  $(PC_LIBS) -lcmocka

# The same against a real server, which test/system/*.sh start.

SERVER := $(patsubst test/server/%.c,$(B)/server/%,$(wildcard test/server/test_*.c))

server: $(SERVER)

$(B)/server/%.o: test/server/%.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -Itest/unit -Itest/server -c -o $@ $<

$(B)/server/%.table.c: $(B)/server/%.o test/unit/table.sh
	@test/unit/table.sh $< >$@

SERVER_LIB := $(patsubst test/server/%.c,$(B)/server/%.o,$(filter-out \
	$(wildcard test/server/test_*.c),$(wildcard test/server/*.c)))

$(B)/server/%: $(B)/server/%.o $(B)/server/%.table.c $(SERVER_LIB) $(LIB)
	@echo "LD $@"
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_ALL)) -Itest/unit $(LDFLAGS_ALL) -o $@ $< $(B)/server/$*.table.c \
	  $(SERVER_LIB) $(LIB) $(PC_LIBS) -lcmocka

.PRECIOUS: $(B)/test/%.o $(B)/test/%.table.c $(B)/server/%.o $(B)/server/%.table.c
-include $(UNIT:=.d) $(SERVER:=.d) $(SERVER_LIB:.o=.d)

# === programs that tests and benchmarks use ===

TOOLS := $(B)/cache_ops $(B)/config_dump $(B)/letter_soak $(B)/mail_send $(B)/pdf_make $(B)/smtpsink $(B)/counter.so $(B)/decryptions.so

tools: $(TOOLS)

$(B)/cache_ops $(B)/config_dump $(B)/letter_soak $(B)/mail_send $(B)/pdf_make: $(B)/%: test/tools/%.c $(LIB)
	@echo "LD $@"
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_ALL)) $(LDFLAGS_ALL) -o $@ $^ $(PC_LIBS)

$(B)/statements: test/bench/statements.c
	@mkdir -p $(@D)
	@echo "LD $@"
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_ALL)) $(LDFLAGS_ALL) -o $@ $< $(PC_LIBS)

$(B)/smtpsink: test/bench/smtpsink.c
	@mkdir -p $(@D)
	@echo "LD $@"
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_ALL)) $(LDFLAGS_ALL) -o $@ $<

$(B)/decryptions.so: test/tools/decryptions.c
	@mkdir -p $(@D)
	@echo "LD $@"
	@$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $< -ldl

$(B)/counter.so: test/bench/counter.c
	@mkdir -p $(@D)
	@echo "LD $@"
	@$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $< -ldl

# === two PDFs ===

compare:
	@test -n "$(A)" -a -n "$(B)" || { echo "usage: make compare A=one.pdf B=other.pdf [OUT=side.png]"; exit 2; }
	@test/lib/words.py "$(A)" "$(B)" $(OUT)

# === fuzz: libFuzzer harnesses, each with its saved corpus in test/fuzz/<name>/ ===

FUZZ_SECONDS ?= 60
FUZZ := $(patsubst test/fuzz/%.c,build/fuzz/%,$(wildcard test/fuzz/fuzz_*.c))
CFLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

fuzz-build:
	@$(MAKE) --no-print-directory build=fuzz CC=clang WARN= fuzz-link

fuzz-link: $(FUZZ)

build/fuzz/%: test/fuzz/%.c $(LIB)
	@mkdir -p $(@D)
	@echo "FUZZ $@"
	@$(CC) $(CFLAGS_ALL) -fsanitize=fuzzer -o $@ $< $(LIB) $(PC_LIBS)

fuzz: fuzz-build
	FUZZ_SECONDS=$(FUZZ_SECONDS) test/fuzz/run

# === checks ===

test: deps
	test/run

# How it is installed: what needs root, roots of its own, and minutes.
test-packages: deps
	@test/deps $(PKG_PACKAGES)
	TEST_SUITE=packages test/run

# The letters' way on Oracle's MySQL, which is fetched once (test/tools/from_sid mysql).
mysql:
	test/tools/from_sid mysql

test-mysql: deps mysql
	FACTEUR_DB=mysql test/run $(or $(T),system/db system/queue system/work system/death \
	  system/lease system/outage system/stops system/queue_commands laravel/together laravel/retry \
	  laravel/sends laravel/failing laravel/batches laravel/chains laravel/unique \
	  laravel/encrypted laravel/context laravel/cache)

twice: deps
	$(MAKE) -j$$(nproc) build=release all
	test/twice $(or $(RUNS),200)

mutate: deps
	$(MAKE) -j$$(nproc) build=asan all server
	test/mutate

format:
	git ls-files -co --exclude-standard "*.c" "*.h" | xargs clang-format -i

lint: deps
	test/lint

# It tells how long each part took.
demo:
	@t0=$$(date +%s) && $(MAKE) --no-print-directory deps-demo && \
	t1=$$(date +%s) && $(MAKE) --no-print-directory -j$$(nproc) build=release && \
	t2=$$(date +%s) && test/demo $$((t1 - t0)) $$((t2 - t1))

proof: deps
	$(MAKE) -j$$(nproc) build=release all
	test/laravel/install $(or $(LARAVEL),12)
	@test "$(DB)" != mysql || test/tools/from_sid mysql
	FACTEUR_DB=$(DB) test/proof/run --laravel $(or $(LARAVEL),12)
	FACTEUR_DB=$(DB) test/proof/run --laravel $(or $(LARAVEL),12) --php
	@test $(or $(LARAVEL),12) != 12 || FACTEUR_DB=$(DB) test/proof/mixed

# Edits of a Laravel app, and what becomes of their letters: the table of doc/truth.md.
truth: deps
	$(MAKE) -j$$(nproc) build=release all
	test/laravel/install $(or $(LARAVEL),12)
	test/truth/run --laravel $(or $(LARAVEL),12) $(if $(T),$(T:%=--only %)) \
	  $(if $(filter 12,$(or $(LARAVEL),12)),--table doc/truth.md)

bench: deps
	$(MAKE) -j$$(nproc) build=release all tools
	test/bench/run $(or $(N),1000) $(or $(S),2)

bench-against: deps
	@$(MAKE) --no-print-directory build=release all build/release/smtpsink
	test/bench/against $(OTHER) $(or $(N),1000) $(or $(ROUNDS),5)

bench-php: deps
	@$(MAKE) --no-print-directory build=release all build/release/smtpsink build/release/statements
	test/bench/php $(or $(N),2000) $(or $(ROUNDS),5)

bench-php-slots: deps
	@$(MAKE) --no-print-directory build=release all build/release/smtpsink
	test/bench/php_slots $(or $(S),5) $(or $(ROUNDS),5)

bench-smoke: deps
	$(MAKE) -j$$(nproc) build=release all tools
	test/bench/smoke

bench-start: deps
	$(MAKE) -j$$(nproc) build=release all
	test/bench/start $(or $(OWN),100000) $(or $(FOREIGN),1000000)

deps:
	@test/deps $(PKG_BUILD) $(PKG_DEMO) $(PKG_TEST) $(PKG_TOOLS)

deps-build:
	@test/deps $(PKG_BUILD)

deps-demo:
	@test/deps $(PKG_BUILD) $(PKG_DEMO)

# === a bundle: the program with its own loader and libraries ===

ARCH = $(shell $(CC) -dumpmachine | cut -d- -f1)
BUNDLE = build/bundle/facteur-$(VERSION)-linux-$(ARCH).tar.gz
BUNDLE_LOADER = $(notdir $(shell ldd $(B)/facteur | grep -o '/[^ ]*/ld-[^ ]*'))

bundle: $(B)/facteur
	@$(MAKE) -s build=$(build) $(B)/launcher
	docker/bundle build/bundle $(B)/facteur $(B)/launcher
	tar -C build/bundle --sort=name --owner=0 --group=0 --numeric-owner -czf $(BUNDLE) facteur
	@ls -l $(BUNDLE)

$(B)/launcher: docker/launcher.c include/facteur/base.h $(B)/facteur
	@echo "LD $@"
	@$(CC) $(filter-out -MMD -MP -fPIE,$(BASE_CFLAGS) $(CFLAGS_release)) -static \
	  -DBUNDLE_LOADER='"$(BUNDLE_LOADER)"' -o $@ $<

# === installing ===

# What goes where, below PREFIX. The manual page and the completions are the program's own.
SHARE := share/doc/facteur share/facteur
install: $(B)/facteur
	install -D -m 0755 $(B)/facteur $(DESTDIR)$(PREFIX)/bin/facteur
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(B)/facteur manual >$(DESTDIR)$(PREFIX)/share/man/man1/facteur.1
	$(B)/facteur completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/facteur
	$(B)/facteur completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_facteur
	$(B)/facteur completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/facteur.fish
	install -D -m 0644 supervisor/facteur.conf \
	  $(DESTDIR)$(PREFIX)/share/facteur/supervisor/facteur.conf
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|/usr/local/bin/|$(PREFIX)/bin/|' systemd/facteur.service \
	  >$(DESTDIR)$(PREFIX)/lib/systemd/system/facteur.service
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/doc/facteur LICENSE README.md CHANGELOG.md doc/*.md

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/facteur $(DESTDIR)$(PREFIX)/share/man/man1/facteur.1 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/facteur \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_facteur \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/facteur.fish \
	  $(DESTDIR)$(PREFIX)/lib/systemd/system/facteur.service
	rm -rf $(SHARE:%=$(DESTDIR)$(PREFIX)/%)

# What dpkg-buildpackage makes stands beside the folder in which it is made: a copy.
deb:
	@test/deps $(PKG_BUILD) $(PKG_DEB)
	@test "$$(dpkg-parsechangelog -S Version)" = "$(VERSION)" || \
	  { echo "debian/changelog and the Makefile name different versions"; exit 1; }
	rm -rf build/deb
	mkdir -p build/deb/facteur-$(VERSION)
	tar -c --exclude=./build --exclude=./.git . | tar -x -C build/deb/facteur-$(VERSION)
	cd build/deb/facteur-$(VERSION) && dpkg-buildpackage --build=binary --no-sign --jobs=auto
	@ls -l build/deb/*.deb

clean:
	rm -rf build

.PHONY: FORCE all bundle mutate mysql test-mysql format tools unit server fuzz fuzz-build fuzz-link test test-packages twice lint demo proof truth bench bench-against bench-php bench-php-slots bench-smoke bench-start deps deps-build deps-demo deb install uninstall clean compare
