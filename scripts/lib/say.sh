# shellcheck shell=bash
# How the scripts talk: what is being done, what is odd, and what to do when something cannot go on.

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' RED=$'\e[31m' YELLOW=$'\e[33m' PLAIN=$'\e[0m'
else
  BOLD='' RED='' YELLOW='' PLAIN=''
fi

say() { printf '%s\n' "${BOLD}==>${PLAIN} $*" >&2; }
warn() { printf '%s\n' "${YELLOW}note:${PLAIN} $*" >&2; }

# die WHAT HAPPENED [WHAT TO DO]...
die() {
  printf '%s\n' "${RED}stopped:${PLAIN} $1" >&2
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}
