# A machine with two nodes: see numa.c. Only the mappings of oracle.part=MAPPING[,MAPPING...], if it is given.
{ . /probe/mounts.sh; } > /out/mounts.log 2>&1
part=
for a in $(cat /proc/cmdline); do case $a in oracle.part=*) part=${a#*=};; esac; done
if [ -z "$part" ]; then numa; else for m in $(echo $part | tr ',' ' '); do numa -m $m; done; fi > /out/numa.jsonl 2> /out/numa.log
