# A host with some right and some wrong choices, as `daxsim import` reads it, and what the kernel says to each mount of its fstab.
host=/out/host
mkdir -p $host /data /small /flat /raw /db /pool
EXT="-q -F -O ^metadata_csum_seed"
mkfs.ext4 $EXT -b 4096 /dev/vda
mkfs.ext4 $EXT -b 4096 /dev/pmem$A
mkfs.ext4 $EXT -b 4096 /dev/pmem$C
mkfs.ext4 $EXT -b 1024 /dev/pmem$E
mkfs.ext4 $EXT -b 4096 /dev/pmem${D}s
mkfs.xfs -q -f -i nrext64=0 /dev/pmem$X
cat > /etc/fstab <<F
/dev/vda /flat ext4 dax 0 0
/dev/pmem$A /data ext4 dax 0 0
/dev/pmem$C /raw ext4 dax 0 0
/dev/pmem$E /small ext4 dax 0 0
/dev/pmem${D}s /db ext4 dax 0 0
/dev/pmem$X /pool xfs dax 0 0
F
cp /etc/fstab $host/fstab

# Each mount as it is asked for; where that fails, without dax, as an admin would go on.
echo "# what the kernel said to each line of fstab" > $host/answers
while read -r device folder type options rest; do
    dmesg -c > /dev/null
    if mount -t $type -o $options $device $folder 2> /tmp/error; then
        echo "$device $options: ok, $(grep " $folder " /proc/mounts)" >> $host/answers
    else
        echo "$device $options: $(cat /tmp/error)" >> $host/answers
        mount -t $type $device $folder
    fi
    dmesg | sed 's/^\[[^]]*\] /    /' >> $host/answers
done < /etc/fstab

uname -srm > $host/uname
cat /proc/iomem > $host/iomem
cat /proc/mounts > $host/mounts
ndctl list -NRDu > $host/ndctl.json
daxctl list > $host/daxctl.json
lsblk -J > $host/lsblk.json
lsblk -J -b -o NAME,KNAME,TYPE,SIZE,LOG-SEC,FSTYPE,MOUNTPOINT > $host/lsblk-with-columns.json
for p in A C E; do eval "d=pmem\$$p"; dumpe2fs -h /dev/$d > $host/dumpe2fs.$d 2> /dev/null; done
xfs_info=$(command -v xfs_spaceman) && $xfs_info -p xfs_info -c info /pool > $host/xfs_info.pmem$X
zcat /proc/config.gz > $host/config 2> /dev/null || rm -f $host/config
cat /proc/cmdline > $host/cmdline
