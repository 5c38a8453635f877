#!/usr/bin/env bash
# The daemon and its workers for a Raspberry Pi, built on an x86-64 machine.
#
#   image-build/cross/build.sh pi4|pi5 [cargo options, such as -j1]
#
# Rust code is plain armv8-a and the same for both boards; only whisper.cpp, where the time goes, gets the board's own
# instructions. Results and figures lie in target/cross/<board>/. Afterwards the binaries are checked without a board:
# needed libc, forbidden instructions, and whether the hearing worker starts under emulation of that board's processor.
set -euo pipefail
cd "$(dirname "$0")/../.."

BOARD=${1:-}
shift || true
case "$BOARD" in
    pi4) ARCH=armv8-a+crc CPU=cortex-a72 ;;
    pi5) ARCH=armv8.2-a+dotprod+fp16 CPU=cortex-a76 ;;
    *) echo "Which board: pi4 or pi5?" >&2; exit 2 ;;
esac
TARGET=aarch64-unknown-linux-gnu
OUT=target/cross/$BOARD

RUSTC=$(image-build/cross/toolchain.sh | tail -1)
export RUSTC
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc
export CXX_aarch64_unknown_linux_gnu=aarch64-linux-gnu-g++
export AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar

build() {
    local dir=$1
    shift
    echo "Building $* for $BOARD ..."
    CARGO_TARGET_DIR=$dir cargo build ${CI:+--locked} --release --target $TARGET "$@"
}

# whisper-rs hands every GGML_ variable to CMake, but its build script does not watch them: hence a folder per board.
started=$SECONDS
GGML_NATIVE=OFF GGML_CPU_ARM_ARCH=$ARCH build "$OUT/build" -p stt-worker "$@"
# llama-cpp-sys-2 asks clang for the headers' meaning, and has a mind of its own about the processor: see arm-arch.cmake.
BINDGEN_EXTRA_CLANG_ARGS_aarch64_unknown_linux_gnu=-I/usr/aarch64-linux-gnu/include \
    CMAKE_PROJECT_INCLUDE=$PWD/image-build/cross/arm-arch.cmake NIGHTDESK_ARM_ARCH=$ARCH \
    build "$OUT/build" -p llm-worker --bins "$@"
build target/cross/build -p nightdesk -p tts-worker --bins "$@"

mkdir -p "$OUT"
cp target/cross/build/$TARGET/release/nightdesk target/cross/build/$TARGET/release/nightdesk-tts \
    "$OUT/build/$TARGET/release/nightdesk-stt" "$OUT/build/$TARGET/release/nightdesk-llm" "$OUT/"

dot_products() { aarch64-linux-gnu-objdump -d "$1" | grep -cE '\s(sdot|udot)\s' || true; }
newest_symbol() { aarch64-linux-gnu-objdump -T "$1" | grep -oE "\b$2_[0-9.]+" | sort -Vu | tail -1; }

check() {
    local failed=0 binary dots
    printf '\n%-16s %8s  %-12s %s\n' "$BOARD" size needs "dot-product instructions"
    for binary in "$OUT"/nightdesk*; do
        dots=$(dot_products "$binary")
        printf '%-16s %8s  %-12s %s\n' "${binary##*/}" "$(du -h --apparent-size "$binary" | cut -f1)" \
            "$(newest_symbol "$binary" GLIBC)" "$dots"
        if [ "$BOARD" = pi4 ] && [ "$dots" != 0 ]; then
            echo "A Pi 4 cannot execute ${binary##*/}: it holds instructions of a Pi 5." && failed=1
        fi
    done
    if [ "$BOARD" = pi5 ] && [ "$(dot_products "$OUT/nightdesk-stt")" = 0 ]; then
        echo "whisper.cpp was built without the Pi 5's dot products: hearing would be slow." && failed=1
    fi
    if [ "$BOARD" = pi5 ] && [ "$(dot_products "$OUT/nightdesk-llm")" = 0 ]; then
        echo "llama.cpp was built without the Pi 5's dot products: judging would be slow." && failed=1
    fi
    starts_under_emulation || failed=1
    return $failed
}

# With nothing to read the worker must leave by itself; a wrong instruction or a missing library ends it with a signal or 127.
starts_under_emulation() {
    local rc worker
    for worker in nightdesk-stt nightdesk-llm; do
        rc=0
        timeout 60 qemu-aarch64-static -cpu $CPU -L /usr/aarch64-linux-gnu "$OUT/$worker" --help </dev/null >"$OUT/start.txt" 2>&1 || rc=$?
        if [ $rc -ge 124 ]; then
            echo "$worker does not start on an emulated $CPU (exit $rc):"
            tail -5 "$OUT/start.txt"
            return 1
        fi
        echo "$worker starts on an emulated $CPU (exit $rc)."
    done
}

check
echo "Built in $((SECONDS - started)) s; not tried on a real board."
