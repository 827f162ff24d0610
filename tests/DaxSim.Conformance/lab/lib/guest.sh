# Builds the guest's initial file system: recorder, tools, modules. Sourced by ../run; uses $cache, $here.

# Modules of the recorded machine; what a kernel has built in, or lacks, is left out.
modules="virtio_pci virtio_blk libcrc32c crc32c_generic crc32c-intel ext4 xfs loop nfit nd_e820 nd_pmem nd_btt dax_pmem_core dax_pmem device_dax binfmt_misc"

build_programs() {
    local programs=$cache/programs
    mkdir -p "$programs"
    local name source
    for name in cells envprobe random hello scans numa; do
        source=$here/recorder/programs/$name.c
        case $name in scans | numa) source=$here/guest/$name.c ;; esac
        if [ ! -e "$programs/$name" ] || [ "$source" -nt "$programs/$name" ] || [ "$here/recorder/programs/cells.c" -nt "$programs/$name" ] || [ "$here/recorder/programs/common.h" -nt "$programs/$name" ]; then
            gcc -O1 -static -w -o "$programs/$name.new" "$source" || fail "the recorder's $name.c cannot be compiled."
            mv "$programs/$name.new" "$programs/$name"
        fi
    done
}

# Copies a program and the libraries it is linked with.
copy_program() {
    local program=$1 root=$2 target=$3 library
    cp -L "$program" "$root/$target"
    for library in $(ldd "$program" 2>/dev/null | grep -o '/[^ ]*'); do
        mkdir -p "$root$(dirname "$library")"
        cp -Ln "$library" "$root$library"
    done
}

# Numbers the modules in the order in which they must be loaded, because the guest loads them by name.
copy_modules() {
    local release=$1 root=$2 number=100 name file
    local kernel=$cache/kernels/$release
    for name in $modules; do
        modprobe -C /dev/null -d "$kernel" -S "$release" --show-depends "$name" 2>/dev/null | awk '$1 == "insmod" { print $2 }'
    done | awk '!seen[$0]++' | while read -r file; do
        number=$((number + 1))
        local plain=$root/mod/$number-$(basename "$file" | sed 's/\.ko.*//').ko
        case $file in
        *.xz) xz -dc "$file" > "$plain" ;;
        *.zst) zstd -qdc "$file" > "$plain" ;;
        *.gz) gzip -dc "$file" > "$plain" ;;
        *) cp "$file" "$plain" ;;
        esac
    done
    ls "$root/mod" | grep -q nd_pmem || fail "linux-image-$release has no pmem driver."
}

# Writes the initial file system of release $1 to $2.
build_guest() {
    local release=$1 target=$2 root
    build_programs
    root=$(mktemp -d "$cache/guest.XXXXXX")
    mkdir -p "$root"/{bin,sbin,proc,sys,dev,tmp,out,mnt,probe,mod,etc,run,lib,lib64}
    copy_program "$(command -v busybox)" "$root" bin/busybox
    copy_program "$(command -v ndctl)" "$root" bin/ndctl
    copy_program "$(PATH=$PATH:/sbin:/usr/sbin command -v mkfs.ext4)" "$root" sbin/mkfs.ext4
    copy_program "$(PATH=$PATH:/sbin:/usr/sbin command -v mkfs.xfs)" "$root" sbin/mkfs.xfs
    local tool
    for tool in daxctl lsblk dumpe2fs xfs_spaceman; do
        ! tool=$(PATH=$PATH:/sbin:/usr/sbin command -v "$tool") || copy_program "$tool" "$root" "sbin/$(basename "$tool")"
    done
    [ ! -e /etc/mke2fs.conf ] || cp /etc/mke2fs.conf "$root/etc/"
    cp "$cache"/programs/{cells,envprobe,random,hello,scans,numa} "$root/probe/"
    cp "$here"/recorder/guest/*.sh "$here"/guest/*.sh "$root/probe/"
    cp "$here/recorder/guest/init" "$root/init"
    chmod 755 "$root/init" "$root"/probe/*
    copy_modules "$release" "$root"
    (cd "$root" && find . | cpio -o -H newc --quiet -R 0:0 | gzip -1) > "$target" || fail "the initial file system cannot be written."
    rm -rf "$root"
}
