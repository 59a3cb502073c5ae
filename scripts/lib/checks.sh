# shellcheck shell=bash
# The stages of `scripts/test`, one function each. Needs the other files here, ROOT, TARGET and RUST_SCOPE.

check_architecture() {
  scripts/architecture --self-test
  scripts/architecture
}

check_lints() {
  cargo clippy --quiet --locked "${RUST_SCOPE[@]}" --all-targets -- -D warnings
  if command -v shellcheck >/dev/null; then
    shellcheck -x scripts/run scripts/test scripts/architecture scripts/lib/*.sh .ci/run tests/llama/run tests/litellm/run
  else
    warn "shellcheck is not installed: the scripts are not linted"
  fi
}

# The advisory database is a download of its own and changes by the day: `cargo deny check advisories` is run by hand.
check_dependencies() {
  ensure_cargo_tool cargo-deny || skip_stage "cargo-deny could not be built here"
  cargo deny --workspace --locked --log-level error check bans licenses sources
}

# in_test_session COMMAND...: with a real OS keyring where there can be one; tests that need it skip themselves elsewhere.
in_test_session() {
  if command -v dbus-run-session >/dev/null && command -v gnome-keyring-daemon >/dev/null; then
    with_keyring "$@"
  else
    warn "no dbus-run-session or gnome-keyring-daemon here: tests of the OS keyring skip themselves"
    "$@"
  fi
}

has_nextest() { cargo nextest --version >/dev/null 2>&1; }

run_rust_tests() {
  has_nextest || ensure_cargo_tool cargo-nextest --no-default-features --features default-no-update ||
    warn "cargo-nextest could not be built: using cargo test"
  if has_nextest; then
    in_test_session cargo nextest run --locked "${RUST_SCOPE[@]}"
  else
    in_test_session cargo test --quiet --locked "${RUST_SCOPE[@]}" --lib --bins --tests -- --skip desktop
  fi
}

# The Rust tests write the TypeScript types of everything that crosses to the window; what they wrote is committed.
check_bindings() {
  git rev-parse --is-inside-work-tree >/dev/null 2>&1 || skip_stage "not a git checkout: nothing to compare with"
  local stale
  git --no-pager diff --exit-code --stat -- ui/src/backend/bindings
  stale=$(git ls-files --others --exclude-standard -- ui/src/backend/bindings)
  if [[ -n $stale ]]; then
    printf 'not committed:\n%s\n' "$stale"
    return 1
  fi
}

run_doc_tests() {
  if ! grep -rqE '^ *//[/!] ```(rust|should_panic|no_run)?$' src-tauri tests --include='*.rs'; then
    skip_stage "there are none"
  fi
  cargo test --quiet --locked --workspace --doc
}

check_ui() {
  ensure_ui_packages
  (cd ui && npm run --silent lint </dev/null && npm run --silent check </dev/null)
}

run_ui_tests() {
  ensure_ui_packages
  (cd ui && npm test --silent </dev/null)
}

find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name"; then return 0; fi
  done
  return 1
}

run_ui_journeys() {
  [[ -f ui/playwright.config.ts ]] || skip_stage "there are none yet"
  if ! find_chromium >/dev/null && grep -q '^ID=debian' /etc/os-release 2>/dev/null; then ensure_packages chromium; fi
  find_chromium >/dev/null || skip_stage "no Chromium here (Debian packages one; Ubuntu's needs snap)"
  ensure_ui_packages
  (cd ui && CI=true CHROMIUM="$(find_chromium)" npm run --silent test:browser </dev/null)
}

# In the profile of the tests: what they have compiled already is used again, where a release build takes ten minutes and
# shows nothing that the stages after it would look at. `--tests` keeps Cargo from compiling libraries anew without the
# features that only tests ask for.
check_programs() {
  build_ui
  cargo build --quiet --locked "${RUST_SCOPE[@]}" --bins --tests </dev/null
  if command -v ldd >/dev/null && ldd "$TARGET/debug/roundtable-cli" | grep -iE 'webkit|libgtk'; then
    echo "roundtable-cli links the desktop's libraries: it has to run without a desktop."
    return 1
  fi
  "$TARGET/debug/roundtable-cli" --version
}

run_desktop_journeys() {
  [[ $(uname -s) == Linux ]] || skip_stage "the real window is driven through WebKitWebDriver, which is on Linux alone"
  local tool
  for tool in Xvfb WebKitWebDriver dbus-run-session gnome-keyring-daemon; do
    command -v "$tool" >/dev/null || skip_stage "$tool is not installed"
  done
  export ROUNDTABLE_APP="$TARGET/debug/roundtable" ROUNDTABLE_SCREENSHOTS="$TARGET/desktop-screenshots"
  mkdir -p "$ROUNDTABLE_SCREENSHOTS"
  if has_nextest; then
    # The scope of the Rust tests, so that what they built is used again; the profile picks the journeys out of it.
    on_own_display with_keyring cargo nextest run --locked --profile desktop "${RUST_SCOPE[@]}"
  else
    on_own_display with_keyring cargo test --locked -p roundtable-tests --test desktop -- --test-threads=1
  fi
}

run_real_model_server() {
  local code=0
  ROUNDTABLE_CLI="$TARGET/debug/roundtable-cli" tests/llama/run "$STAGES_REASON" || code=$?
  return "$code"
}

run_real_gateway() {
  local code=0
  ROUNDTABLE_CLI="$TARGET/debug/roundtable-cli" tests/litellm/run "$STAGES_REASON" || code=$?
  return "$code"
}
