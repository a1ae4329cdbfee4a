#!/usr/bin/env bash
# Makes .venv ready, once, and again only when what it was made from has changed.
#   scripts/setup.sh run    what a user runs (fast)
#   scripts/setup.sh dev    that and everything the tests need
# PYTHON=/path/to/python chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly want="${1:-run}"
readonly venv=.venv
readonly log="$venv/setup.log"

say() { printf 'hilum: %s\n' "$*" >&2; }
fail() {
    say "$1"
    shift
    [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
    exit 1
}

case "$want" in
    run | dev) ;;
    *) fail "unknown set-up: $want" "use: scripts/setup.sh run|dev" ;;
esac

# What an environment is made from. The environment's own folder is part of it: one that was moved does not work.
fingerprint() { (pwd && cat pyproject.toml constraints.txt scripts/setup.sh) | sha256sum | cut -d' ' -f1; }

# A development environment can do all that a run environment can.
is_ready() {
    local made
    for made in "$venv/.ready-dev" "$venv/.ready-$want"; do
        if [ -f "$made" ] && [ "$(cat "$made")" = "$(fingerprint)" ] && [ -x "$venv/bin/hilum" ]; then
            return 0
        fi
    done
    return 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14 python}; do
        if command -v "$candidate" >/dev/null 2>&1 && is_new_enough "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# As root on Debian and its kin the missing package is installed; anyone else is told the one command.
install_package() {
    local sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo "
    if [ -z "$sudo" ] && command -v apt-get >/dev/null 2>&1; then
        say "installing $* …"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"; } >"$setup_log" 2>&1 && return 0
        tail -n 15 "$setup_log" >&2
    fi
    fail "$1 is missing." "Install it, then run the same command again:" "    ${sudo}apt-get install -y $*"
}

can_make_environments() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

readonly quiet=(--quiet --no-input --disable-pip-version-check --constraint constraints.txt)

install() {
    local target=.
    [ "$want" = dev ] && target=".[dev]"
    PIP_ROOT_USER_ACTION=ignore "$venv/bin/python" -m pip install "${quiet[@]}" setuptools >"$log" 2>&1 &&
        PIP_ROOT_USER_ACTION=ignore "$venv/bin/python" -m pip install "${quiet[@]}" --no-build-isolation \
            --editable "$target" >>"$log" 2>&1
}

if is_ready; then
    exit 0
fi

setup_log="$(mktemp)"
readonly setup_log
trap 'rm -f "$setup_log"' EXIT

python="$(find_python)" || {
    [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is not a Python 3.11 or newer."
    install_package python3 python3-venv
    python="$(find_python)" || fail "Python 3.11 or newer is needed; this system offers only an older one."
}
if ! can_make_environments "$python"; then
    install_package python3-venv
    can_make_environments "$python" || fail "$python cannot make virtual environments." \
        "Install its venv module, or name another interpreter: PYTHON=/path/to/python make …"
fi

# An environment is made anew, unless the one that is there only lacks the development packages.
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$venv/.ready-run" 2>/dev/null)" != "$(fingerprint)" ]; then
    say "making $venv with $("$python" --version) …"
    rm -rf "$venv"
    "$python" -m venv "$venv" >"$setup_log" 2>&1 || {
        cat "$setup_log" >&2
        fail "$venv could not be made."
    }
fi
say "installing the pinned packages ($want), a minute or so the first time …"
install || {
    tail -n 20 "$log" >&2
    fail "the packages could not be installed; the whole log is in $log." \
        "Check the network and pip's settings (index, proxy, certificates), then run the same command again."
}
fingerprint >"$venv/.ready-$want"
say "ready."
