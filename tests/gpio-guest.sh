#!/bin/bash
# Runs tests/panel_lines.rs on real GPIO lines: a guest under QEMU with a kernel that has gpio-sim.
#
#   tests/gpio-guest.sh KERNEL MODULES TEST_PROGRAM
#
# KERNEL        vmlinuz with CONFIG_GPIO_SIM=m, such as Debian's trixie-backports linux-binary-*-amd64
# MODULES       its folder lib/modules/VERSION (package linux-modules-*-amd64)
# TEST_PROGRAM  target/debug/deps/panel_lines-*, from `cargo test -p nightdesk --test panel_lines --no-run`
#
# Needs qemu-system-x86, busybox-static, cpio, xz-utils. Ends with 0 when the test passed in the guest.
set -euo pipefail
kernel=$1 modules=$2 program=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,proc,sys,dev,tmp}
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh mount insmod poweroff echo; do ln -s busybox "$root/bin/$applet"; done
for module in fs/configfs/configfs drivers/gpio/gpio-sim; do
    found=$(ls "$modules/kernel/$module".ko* 2>/dev/null | head -1) || true
    [ -n "$found" ] || { echo "$module is not in $modules (built in?)" >&2; continue; }
    case $found in
        *.xz) xz -dc "$found" > "$root/$(basename "$module").ko" ;;
        *.zst) zstd -dqc "$found" > "$root/$(basename "$module").ko" ;;
        *) cp "$found" "$root/$(basename "$module").ko" ;;
    esac
done
cp "$program" "$root/test"
strip "$root/test"
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root/$(dirname "$library")"
    cp -L "$library" "$root/$library"
done
cat > "$root/init" <<'INIT'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in configfs gpio-sim; do [ -f /$module.ko ] && insmod /$module.ko; done
mount -t configfs config /sys/kernel/config
/test --nocapture --test-threads=1 && echo GUEST-PASSED
poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initramfs"
# without KVM: it is fast enough, and nested KVM does not start every kernel
timeout 120 qemu-system-x86_64 -machine accel=tcg -m 512 -nographic -no-reboot -nic none \
    -kernel "$kernel" -initrd "$work/initramfs" -append "console=ttyS0 quiet panic=-1" < /dev/null | tee "$work/log"
if grep -q "skipped:" "$work/log"; then
    echo "the guest's kernel has no gpio-sim: nothing was tested" >&2
    exit 1
fi
grep -q GUEST-PASSED "$work/log"
