#!/bin/sh
# keep.sh DIR KUBECONFIG NAME ADDRESS CGROUP PATH: a node for as long as it is wanted. On TERM everything in it is killed, and the machine is as it was.
dir=$1 kubeconfig=$2 name=$3 address=$4 cgroup=$5 path=$6

hierarchies() {
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		echo /sys/fs/cgroup
	else
		for tasks in /sys/fs/cgroup/*/cgroup.procs; do dirname "$tasks"; done
	fi
}

tidy() {
	ip address delete "$address/32" dev lo
	for hierarchy in $(hierarchies); do
		# The kernel ends what was in the namespaces a moment after their first process.
		tries=0
		while [ -e "$hierarchy/$cgroup" ] && [ $tries -lt 100 ]; do
			find "$hierarchy/$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.05
			tries=$((tries + 1))
		done
	done
	rm -f "$dir/pid"
}

ip address add "$address/32" dev lo || exit 1
for hierarchy in $(hierarchies); do
	mkdir -p "$hierarchy/$cgroup"
	# Nothing may enter an empty cpuset.
	for set in cpus mems; do
		[ -e "$hierarchy/cpuset.$set" ] && cat "$hierarchy/cpuset.$set" >"$hierarchy/$cgroup/cpuset.$set"
	done
done

namespaces='' ended=''
trap 'ended=yes; [ -z "$namespaces" ] || kill -KILL $namespaces' TERM
unshare --mount --pid --uts --ipc --fork --kill-child=KILL /bin/sh "$(dirname "$0")/init.sh" "$dir" "$kubeconfig" "$name" "$address" "$path" &
namespaces=$!
[ -z "$ended" ] || kill -KILL $namespaces
wait $namespaces
status=$?
tidy
exit $status
