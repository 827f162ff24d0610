# Random programs from seed oracle.first on: oracle.seeds of them, oracle.steps steps each. (mode-random begins with seed 1.)
{ . /probe/mounts.sh; } > /out/mounts.log 2>&1
first=1
for a in $(cat /proc/cmdline); do case $a in oracle.first=*) first=${a#*=};; esac; done
i=$first
while [ $i -lt $((first + seeds)) ]; do
    timeout -s KILL 60 random $i $steps $(uname -r) >> /out/random.jsonl 2>> /out/random.log || echo "seed $i: $?" >> /out/random.log
    i=$((i + 1))
done
