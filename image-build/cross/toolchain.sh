#!/usr/bin/env bash
# Gets everything that a build for aarch64 needs, once, without touching the machine's own Rust or apt sources.
#
#   image-build/cross/toolchain.sh        prints the compiler to use as RUSTC on its last line
#
# C and C++ come from Debian's cross compilers. The Rust standard library for aarch64 comes from the installed toolchain
# where it has that target; otherwise from Debian's rustc-web, unpacked (not installed) under target/cross/: its compiler
# and its standard library belong together, so the whole build then uses that compiler, driven by the normal cargo.
set -euo pipefail
cd "$(dirname "$0")/../.."

TARGET=aarch64-unknown-linux-gnu
CROSS=$PWD/target/cross
RUST=$CROSS/rust

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else say "This needs root, and there is no sudo: $*"; return 1
    fi
}

need_cross_compilers() {
    local missing=()
    command -v aarch64-linux-gnu-gcc >/dev/null || missing+=(gcc-aarch64-linux-gnu)
    command -v aarch64-linux-gnu-g++ >/dev/null || missing+=(g++-aarch64-linux-gnu)
    command -v qemu-aarch64-static >/dev/null || missing+=(qemu-user-static)
    [ ${#missing[@]} = 0 ] && return
    say "Installing ${missing[*]} (about 20 s) ..."
    as_root apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends "${missing[@]}" >&2
}

# An apt of our own: the machine's sources and keys, but its own lists, two architectures, nothing installed.
private_apt() {
    local apt=$CROSS/apt
    mkdir -p "$apt"/{etc/apt/apt.conf.d,etc/apt/preferences.d,var/lib/apt/lists/partial,var/cache/apt/archives/partial,var/lib/dpkg}
    : > "$apt/var/lib/dpkg/status"
    debian_sources > "$apt/etc/apt/sources.list"
    cat > "$apt/apt.conf" <<CONF
Dir "$apt/";
Dir::Etc "$apt/etc/apt/";
Dir::Etc::trusted "/etc/apt/trusted.gpg";
Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d/";
Dir::State::status "$apt/var/lib/dpkg/status";
APT::Architecture "amd64";
APT::Architectures { "amd64"; "arm64"; };
Acquire::Languages "none";
APT::Sandbox::User "root";
CONF
}

debian_sources() {
    local suite
    suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
    local key=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$key] http://deb.debian.org/debian $suite main"
    echo "deb [signed-by=$key] http://deb.debian.org/debian $suite-updates main"
    echo "deb [signed-by=$key] http://deb.debian.org/debian-security $suite-security main"
}

# The newest rustc-web of the archive, its libraries for this machine and its standard library for both.
need_debian_rust() {
    [ -x "$RUST/usr/bin/rustc" ] && [ -d "$RUST/usr/lib/rustlib/$TARGET" ] && return
    [ "$(dpkg --print-architecture)" = amd64 ] || { say "The unpacked compiler is for x86-64; here, install Rust's $TARGET instead."; return 1; }
    say "Fetching Debian's rustc-web with the aarch64 standard library (about 130 MB) ..."
    private_apt
    export APT_CONFIG=$CROSS/apt/apt.conf
    apt-get -qq update
    local std llvm
    std=$(first_dependency libstd-rust-web-dev 'libstd-rust-web-[0-9.]+')
    llvm=$(first_dependency "$std" 'libllvm[0-9]+')
    mkdir -p "$CROSS/debs" "$RUST"
    (cd "$CROSS/debs" && apt-get -qq download rustc-web "$std:amd64" \
        libstd-rust-web-dev:amd64 libstd-rust-web-dev:arm64 "$llvm:amd64" >&2)
    say "Unpacking it (about 10 s) ..."
    local deb
    for deb in "$CROSS"/debs/*.deb; do dpkg -x "$deb" "$RUST"; done
    rm -rf "$CROSS/debs"
}

first_dependency() {
    apt-cache depends "$1" | grep -oE "$2" | head -1
}

# rustc-web finds its sysroot from its own place; it only has to be told where its libraries are.
write_wrapper() {
    cat > "$CROSS/rustc" <<WRAP
#!/bin/sh
LD_LIBRARY_PATH="$RUST/usr/lib/x86_64-linux-gnu\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" exec "$RUST/usr/bin/rustc" "\$@"
WRAP
    chmod +x "$CROSS/rustc"
}

mkdir -p "$CROSS"
need_cross_compilers
if [ -d "$(rustc --print sysroot)/lib/rustlib/$TARGET/lib" ]; then
    command -v rustc
else
    need_debian_rust
    write_wrapper
    "$CROSS/rustc" --version >&2
    echo "$CROSS/rustc"
fi
