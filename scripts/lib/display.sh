# shellcheck shell=bash
# A display for machines that have none. Needs say.sh.

has_display() { [[ $(uname -s) != Linux || -n ${DISPLAY:-} || -n ${WAYLAND_DISPLAY:-} ]]; }

# on_own_display COMMAND...: runs the command on a virtual display of its own. Both end together, also when this
# script is told to stop: bash would otherwise wait for the command before it looks at the signal.
on_own_display() (
  number_file=$(mktemp)
  server='' command=''
  trap 'kill $command $server 2>/dev/null || true; rm -f "$number_file"' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  # The server picks a free number itself, so that two runs at once do not meet.
  Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp 3>"$number_file" >/dev/null 2>&1 &
  server=$!
  tries=0
  until [[ -s $number_file ]]; do
    if ! kill -0 "$server" 2>/dev/null || ((++tries > 100)); then die "the virtual display (Xvfb) did not start."; fi
    sleep 0.1
  done
  unset WAYLAND_DISPLAY
  DISPLAY=":$(<"$number_file")" "$@" &
  command=$!
  code=0
  wait "$command" || code=$?
  command=''
  exit "$code"
)

# with_keyring COMMAND...: a session bus with an unlocked, empty OS keyring on it, both ending with the command.
with_keyring() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  dbus-run-session -- bash -c '
    set -euo pipefail
    scratch=$(mktemp -d)
    trap "rm -rf \"$scratch\"" EXIT
    export XDG_RUNTIME_DIR="$scratch/runtime" XDG_DATA_HOME="$scratch/data"
    mkdir -m 700 "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME"
    eval "$(printf "test\n" | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)"
    "$@"' with_keyring "$@"
}
