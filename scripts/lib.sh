# Sourced by the commands beside it: run a module of scripts/commands with a Python of the machine.

run_command() {
    local root python
    root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
    cd -- "$root"
    for python in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            exec "$python" -m "scripts.commands.$1" "${@:2}"
        fi
    done
    echo "error: Python 3.11 or newer is needed (Debian 12, Ubuntu 24.04: apt-get install python3)" >&2
    return 1
}
