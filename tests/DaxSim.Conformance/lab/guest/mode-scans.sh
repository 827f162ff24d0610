# What the kernel does on its own account (merging, collapsing), and interfaces that the recordings do not have: see scans.c. Only the mappings of
# oracle.part=MAPPING[,MAPPING...], if it is given.
{ . /probe/mounts.sh; } > /out/mounts.log 2>&1
part=
for a in $(cat /proc/cmdline); do case $a in oracle.part=*) part=${a#*=};; esac; done
if [ -z "$part" ]; then scans; else for m in $(echo $part | tr ',' ' '); do scans -m $m; done; fi > /out/scans.jsonl 2> /out/scans.log
