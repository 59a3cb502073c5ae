# shellcheck shell=bash
# The window's web part: packages and bundle, each only when its input changed. Needs say.sh and ROOT.

# Packages are right when they were installed from this very lock file.
ensure_ui_packages() {
  local wanted stamp="$ROOT/ui/node_modules/.roundtable-lock"
  wanted=$(cat "$ROOT/ui/package.json" "$ROOT/ui/package-lock.json" | sha256sum)
  if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then return 0; fi
  say "installing the window's packages (npm ci)"
  (cd "$ROOT/ui" && npm ci --no-audit --no-fund --loglevel=error </dev/null >&2) ||
    die "npm ci failed." "Look at npm's message above. If the lock file does not match: cd ui && npm install, and commit it."
  printf '%s\n' "$wanted" >"$stamp"
}

# A hash over everything the bundle is made from.
ui_sources() {
  (cd "$ROOT/ui" && find . \( -name node_modules -o -name dist -o -name test-results -o -name playwright-report \) -prune \
    -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
}

# The stamp also holds the page built, so that the placeholder a bare cargo build writes is never taken for it.
build_ui() {
  local stamp="$TARGET/stamps/ui" page="$ROOT/ui/dist/index.html" sources
  sources=$(ui_sources)
  if [[ -f $stamp && -f $page && $(<"$stamp") == "$sources $(sha256sum <"$page")" ]]; then return 0; fi
  ensure_ui_packages
  say "building the window's page"
  (cd "$ROOT/ui" && npm run --silent build -- --logLevel error </dev/null >&2) || die "the window's page did not build." "See above; cd ui && npm run build repeats it."
  mkdir -p "$TARGET/stamps"
  printf '%s\n' "$sources $(sha256sum <"$page")" >"$stamp"
}
