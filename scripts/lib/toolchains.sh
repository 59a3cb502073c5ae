# shellcheck shell=bash
# Rust and Node: checked, never installed, because how they come onto a machine is its owner's choice. Needs say.sh.

RUST_WANTED=1.94
NODE_WANTED=20.19

# version_at_least HAVE WANTED
version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

ensure_rust() {
  # rustup and cargo install put programs there; a shell opened before that does not know.
  export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
  local have
  if ! have=$(rustc --version 2>/dev/null) || ! command -v cargo >/dev/null; then
    die "Rust is not installed (wanted: $RUST_WANTED or newer)." \
      "Install it with rustup, as https://rustup.rs shows, open a new shell, and repeat this command." \
      "(Their own rustc is too old; Ubuntu 24.04 packages rustup: apt-get install rustup && rustup default stable.)"
  fi
  have=${have#rustc } have=${have%% *}
  version_at_least "$have" "$RUST_WANTED" ||
    die "Rust $have is too old (wanted: $RUST_WANTED or newer)." \
      "With rustup: rustup update stable" "Without it: https://rustup.rs"
}

ensure_node() {
  local have='' advice=(
    "Any of these brings a newer one; then repeat this command:"
    "- the archive for Linux from https://nodejs.org/en/download, unpacked, with its bin folder on PATH"
    "- nvm, the Node version manager: nvm install 22"
    "- NodeSource's package repository for Debian and Ubuntu"
  )
  if ! have=$(node --version 2>/dev/null) || ! command -v npm >/dev/null; then
    die "Node with npm is not installed (wanted: $NODE_WANTED or newer)." "${advice[@]}" \
      "(The one that Debian 12 packages, 18, is too old.)"
  fi
  have=${have#v}
  version_at_least "$have" "$NODE_WANTED" ||
    die "Node $have is too old (wanted: $NODE_WANTED or newer). Debian 12's own is 18." "${advice[@]}"
}

# ensure_cargo_tool PROGRAM [CARGO-INSTALL-ARGUMENT]...: cargo subcommands the tests use; built once, kept in cargo's own
# bin folder. Built with few optimisations: their work is seconds, their build would be minutes.
ensure_cargo_tool() {
  if command -v "$1" >/dev/null; then return 0; fi
  say "building $1 (once; takes a few minutes)"
  CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install --locked --quiet "$@" </dev/null >&2 && command -v "$1" >/dev/null
}
