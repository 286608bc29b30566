#!/usr/bin/env bash
# Runs all checks on a GPU, in one go:   bash tests/device/check.sh [PART,PART…]
#
# On a computer with camviewer installed:  PYTHON=.venv/bin/python bash tests/device/check.sh
# On a bare GPU machine, which has torch and nothing of Qt: pack first where camviewer is installed
# (python tests/device/pack.py ASSETS), and bring the folder .device along. For the part webgpu: pack.py --webgpu,
# and bring .device/webgpu.tar.xz and .device/work.tar.xz.
# Results go to $OUT (default: .device/out): device.json, device.md. Without a GPU it says so, and ends with 0.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export OUT=${OUT:-$PWD/.device/out}
mkdir -p "$OUT"
packed=(.device/*.tar.xz)
if [ -e "${packed[0]}" ] && [ -z "${PYTHON:-}" ]; then
    there=${CAMVIEWER_DEVICE_FOLDER:-/tmp/camviewer-device}
    mkdir -p "$there/home"
    for archive in "${packed[@]}"; do
        mark=$there/$(basename "$archive").unpacked
        if [ ! -e "$mark" ]; then { tar xf "$archive" -C "$there" && touch "$mark"; } & fi
    done
    wait
    export PYTHONPATH=$PWD:$there/site LD_LIBRARY_PATH=$there/lib:${LD_LIBRARY_PATH:-}
    # A bare machine has no fonts that are set up, and text that isn't painted takes no time.
    echo "<fontconfig><dir>$there/fonts</dir><cachedir>$there/home/fonts</cachedir></fontconfig>" >"$there/fonts.conf"
    export FONTCONFIG_FILE=$there/fonts.conf HOME=$there/home
    if [ -d "$there/assets" ]; then export CAMVIEWER_TEST_ASSETS=$there/assets; fi
    # Some machines have NVIDIA's driver for Vulkan where no loader looks.
    icd=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
    if [ -e $icd ] && [ -z "${VK_DRIVER_FILES:-}" ]; then export VK_DRIVER_FILES=$icd; fi
else
    export PYTHONPATH=$PWD
fi
export QT_QPA_PLATFORM=offscreen PYTHONUNBUFFERED=1 QT_LOGGING_RULES='*.debug=false'
exec "${PYTHON:-python3}" tests/device/check.py "$@"
