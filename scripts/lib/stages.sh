# shellcheck shell=bash
# Stages of a long run: each says its name and how long it took; a failing one ends the run with what to do; a skipped
# one is said again at the end. Needs say.sh.

STAGES_PASSED=0
STAGES_SKIPPED=()
STAGES_REASON=$(mktemp)
STAGES_START=$SECONDS

# Called inside a stage: ends it, and the summary says why.
skip_stage() {
  printf '%s' "$*" >"$STAGES_REASON"
  exit 77
}

# stage NAME WHAT-TO-DO-WHEN-IT-FAILS COMMAND...
stage() {
  local name=$1 advice=$2 start=$SECONDS code
  shift 2
  printf '\n%s\n' "${BOLD}--- $name${PLAIN}"
  # A subshell outside any `if`: only there does errexit hold within a function.
  set +e
  (
    set -e
    "$@"
  )
  code=$?
  set -e
  case $code in
    0)
      STAGES_PASSED=$((STAGES_PASSED + 1))
      printf '%s\n' "--- $name: passed in $((SECONDS - start)) s"
      ;;
    77)
      STAGES_SKIPPED+=("$name: $(<"$STAGES_REASON")")
      printf '%s\n' "${YELLOW}--- $name: SKIPPED: $(<"$STAGES_REASON")${PLAIN}"
      ;;
    *)
      printf '%s\n' "${RED}--- $name: FAILED after $((SECONDS - start)) s${PLAIN}" "    $advice"
      close_stages 1
      exit 1
      ;;
  esac
}

# close_stages FAILED: the summary; its last line is a plain count of stages.
close_stages() {
  rm -f "$STAGES_REASON"
  printf '\n%s\n' "${BOLD}$((SECONDS - STAGES_START)) seconds in all${PLAIN}"
  local line
  for line in "${STAGES_SKIPPED[@]}"; do printf '%s\n' "${YELLOW}SKIPPED: $line${PLAIN}"; done
  printf '%s\n' "$STAGES_PASSED passed, $1 failed, ${#STAGES_SKIPPED[@]} skipped"
}
