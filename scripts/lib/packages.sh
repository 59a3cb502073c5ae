# shellcheck shell=bash
# shellcheck disable=SC2034 # the lists are for the scripts that source this
# System packages, on Debian and Ubuntu. Needs say.sh.

# What the window is built with; a virtual display only when there is no real one to open it on.
ROUNDTABLE_BUILD_PACKAGES=(ca-certificates build-essential pkg-config libwebkit2gtk-4.1-dev)
ROUNDTABLE_DISPLAY_PACKAGES=(xvfb)
# What driving the real window needs besides: WebDriver, a session bus, and an OS keyring on it.
ROUNDTABLE_DESKTOP_TEST_PACKAGES=(xvfb webkit2gtk-driver dbus gnome-keyring)

# Prints those of the named packages that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    if [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
      printf '%s\n' "$package"
    fi
  done
}

# Installs those of the named packages that are missing. apt is called only then: a repeated run asks no network.
ensure_packages() {
  if ! command -v dpkg-query >/dev/null; then
    warn "this is not Debian or Ubuntu: packages like these have to be there already: $*"
    return 0
  fi
  local missing=()
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then return 0; fi

  local as_root=()
  if [[ $(id -u) != 0 ]]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      die "these system packages are missing: ${missing[*]}" \
        "Install them, then repeat this command:" \
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
    fi
    as_root=(sudo -n)
  fi
  say "installing system packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -q >&2 || warn "apt-get update failed; trying with the package lists there are"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null >&2 ||
    die "apt could not install: ${missing[*]}" \
      "Look at apt's message above; on Debian the section 'main' holds all of them."
}
