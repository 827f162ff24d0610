# A sample of everything that fits into a few minutes of emulation: the cells of oracle.part=MAPPING[,MAPPING...], then
# oracle.seeds random programs of oracle.steps steps, from seed oracle.first on.
{ . /probe/mounts.sh; } > /out/mounts.log 2>&1
for a in $(cat /proc/cmdline); do case $a in oracle.part=*) part=${a#*=};; esac; done
for m in $(echo ${part:-devmem_private,ext4dax_private_ro} | tr ',' ' '); do cells -m $m; done > /out/cells.jsonl 2> /out/cells.log
for a in $(cat /proc/cmdline); do case $a in oracle.first=*) first=${a#*=};; esac; done
i=${first:-1}
while [ $i -lt $((${first:-1} + ${seeds:-10})) ]; do
    timeout -s KILL 60 random $i ${steps:-60} $(uname -r) >> /out/random.jsonl 2>> /out/random.log || echo "seed $i: $?" >> /out/random.log
    i=$((i + 1))
done
