# Pages that reclaim takes away: see swap.c. The swap device is the raw NVDIMM, which reads and writes at once; nothing is read ahead. Only the
# mappings of oracle.part=MAPPING[,MAPPING...], if it is given.
{ . /probe/mounts.sh; umount /mnt/raw; mkswap /dev/pmem$C && swapon /dev/pmem$C; echo 0 > /proc/sys/vm/page-cluster; cat /proc/swaps; } > /out/mounts.log 2>&1
part=
for a in $(cat /proc/cmdline); do case $a in oracle.part=*) part=${a#*=};; esac; done
if [ -z "$part" ]; then swap -d /dev/pmem$C; else for m in $(echo $part | tr ',' ' '); do swap -d /dev/pmem$C -m $m; done; fi > /out/swap.jsonl 2> /out/swap.log
