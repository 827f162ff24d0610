# Starts the recorded machine (see ../README.md) with one mode of the recorder. Sourced by ../run.

# boot RELEASE INITRD MODE FOLDER [kernel arguments...]: leaves the guest's /out in FOLDER/out and its console in FOLDER/console.log.
# On a busy host an emulated kernel may give up before init starts; that says nothing about it, and it is started again.
boot() {
    local attempt
    for attempt in 1 2 3; do
        boot_once "$@" && return 0
        ! grep -q '^setup done' "$4/console.log" || return 1
        [ "$attempt" -eq 3 ] || echo "The guest did not come up; starting it again." >&2
    done
    return 1
}

boot_once() {
    local release=$1 initrd=$2 mode=$3 folder=$4
    shift 4
    rm -rf "$folder"
    mkdir -p "$folder/out"
    local image
    # QEMU lists NVDIMMs by a hash of their names; these names come out in this order, which numbers pmem0, dax1.0, pmem2, pmem3 and pmem4
    # as the recordings do. guest/setup.sh tells them apart by their sizes.
    local sizes="X:128M C:128M B:128M D:512M A:128M" nvdimms=()
    for image in $sizes; do
        truncate -s "${image#*:}" "$folder/nvdimm-${image%:*}.img"
        nvdimms+=(-object "memory-backend-file,id=mem${image%:*},mem-path=$folder/nvdimm-${image%:*}.img,size=${image#*:},share=on" -device "nvdimm,id=nv${image%:*},memdev=mem${image%:*}")
    done
    truncate -s 256M "$folder/disk.img"
    truncate -s 64M "$folder/slow.img"
    truncate -s 256M "$folder/out.img"
    # e820 pmem at 512 MiB, reserved memory without struct pages at 768 MiB.
    local arguments="console=ttyS0 quiet loglevel=1 no_timer_check panic=-1 nokaslr mitigations=off transparent_hugepage=always secretmem.enable=1"
    arguments="$arguments memmap=128M!512M memmap=128M\$768M oracle.mode=$mode $*"
    # Mode numa: half of the memory and a processor on each of two nodes. e820 pmem and the reserved memory belong to the second.
    local processors=(-smp 1)
    if [ "$mode" = numa ]; then
        processors=(-smp 2 -object memory-backend-ram,id=node0,size=512M -object memory-backend-ram,id=node1,size=512M
            -numa node,nodeid=0,memdev=node0,cpus=0 -numa node,nodeid=1,memdev=node1,cpus=1)
    fi
    local status=0
    timeout --foreground -k 10 "$timeout" qemu-system-x86_64 \
        -nodefaults -no-user-config -display none -vga std -monitor none -serial "file:$folder/console.log" -no-reboot \
        -machine pc,nvdimm=on -accel tcg,thread=single -cpu qemu64,-cx16 "${processors[@]}" -m 1G,slots=8,maxmem=4G \
        "${nvdimms[@]}" \
        -drive "file=$folder/disk.img,format=raw,if=none,id=disk,cache=unsafe" -device virtio-blk-pci,drive=disk \
        -drive "file=$folder/slow.img,format=raw,if=none,id=slow,cache=unsafe,throttling.iops-total=5" -device virtio-blk-pci,drive=slow \
        -drive "file=$folder/out.img,format=raw,if=none,id=out,cache=unsafe" -device virtio-blk-pci,drive=out \
        -kernel "$cache/kernels/$release/boot/vmlinuz-$release" -initrd "$initrd" -append "$arguments" \
        </dev/null >"$folder/qemu.log" 2>&1 || status=$?
    rm -f "$folder"/nvdimm-*.img "$folder/disk.img" "$folder/slow.img"
    if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        echo "The guest did not finish mode '$mode' within $timeout s; the end of its console:" >&2
        tail -n 15 "$folder/console.log" >&2
        return 1
    fi
    if ! tar xf "$folder/out.img" -C "$folder/out" 2>/dev/null || ! grep -q '^finished' "$folder/console.log"; then
        echo "The guest ended without finishing mode '$mode' (qemu status $status):" >&2
        tail -n 15 "$folder/qemu.log" "$folder/console.log" >&2
        return 1
    fi
    rm -f "$folder/out.img"
    if [ "$(tr -d '\r' < "$folder/out/release")" != "$release" ]; then
        echo "The guest ran $(cat "$folder/out/release") instead of $release." >&2
        return 1
    fi
}
