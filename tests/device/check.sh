#!/usr/bin/env bash
# Runs all checks on a GPU, in one go:   bash tests/device/check.sh [PART,PART…]
#
# On a computer with camviewer installed:  PYTHON=.venv/bin/python bash tests/device/check.sh
# On a bare GPU machine, which has torch and nothing of Qt: pack first where camviewer is installed
# (python tests/device/pack.py ASSETS), and bring the folder .device along.
# Results go to $OUT (default: .device/out): device.json, device.md. Without a GPU it says so, and ends with 0.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export OUT=${OUT:-$PWD/.device/out}
mkdir -p "$OUT"
if [ -e .device/env.tar.xz ] && [ -z "${PYTHON:-}" ]; then
    there=${CAMVIEWER_DEVICE_FOLDER:-/tmp/camviewer-device}
    if [ ! -d "$there" ]; then
        mkdir -p "$there/home"
        tar xf .device/env.tar.xz -C "$there" &
        if [ -e .device/work.tar.xz ]; then tar xf .device/work.tar.xz -C "$there"; fi
        wait
    fi
    export PYTHONPATH=$PWD:$there/site LD_LIBRARY_PATH=$there/lib:${LD_LIBRARY_PATH:-}
    # A bare machine has no fonts that are set up, and text that isn't painted takes no time.
    echo "<fontconfig><dir>$there/fonts</dir><cachedir>$there/home/fonts</cachedir></fontconfig>" >"$there/fonts.conf"
    export FONTCONFIG_FILE=$there/fonts.conf HOME=$there/home
    if [ -d "$there/assets" ]; then export CAMVIEWER_TEST_ASSETS=$there/assets; fi
else
    export PYTHONPATH=$PWD
fi
export QT_QPA_PLATFORM=offscreen PYTHONUNBUFFERED=1 QT_LOGGING_RULES='*.debug=false'
exec "${PYTHON:-python3}" tests/device/check.py "$@"
