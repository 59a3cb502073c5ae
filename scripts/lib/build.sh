# shellcheck shell=bash
# The two programs, in the release profile: built in one go, so that they share every crate they have in common.
# Needs say.sh, window_ui.sh, ROOT and TARGET.

build_programs() {
  build_ui
  say "building the window and the command line (the first time takes minutes)"
  (cd "$ROOT" && cargo build --release --locked -p roundtable -p roundtable-cli --bins </dev/null) ||
    die "the build failed." "See the compiler's message above."
}
