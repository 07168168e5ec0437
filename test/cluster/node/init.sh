#!/bin/sh
# init.sh DIR KUBECONFIG NAME ADDRESS PATH: process 1 of a node, in namespaces of its own. What it mounts goes with them.
set -e
dir=$1 kubeconfig=$2 name=$3 address=$4
PATH=$5:$PATH

# Its number outside, as long as /proc is the one of outside.
read -r pid _ </proc/self/stat
# Nothing of it reaches the machine, everything reaches the containers that want it so.
mount --make-rprivate /
mount --make-rshared /
mount -t proc proc /proc
echo "$name" >/proc/sys/kernel/hostname
mount -t tmpfs -o mode=0755 run /run
mount -t tmpfs -o mode=0755 lib /var/lib
mount --bind "$dir/log" /var/log
mkdir -p /run/containerd /run/netns /var/lib/containerd /var/lib/kubelet

# The kubelet sets what it wants of the kernel for the whole machine: here it only believes so.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
	[ -e /proc/sys/$setting ] || continue
	mkdir -p "/run/sysctl/$(dirname $setting)"
	cat /proc/sys/$setting >/run/sysctl/$setting
	mount --bind /run/sysctl/$setting /proc/sys/$setting
done

# Runs a program as systemd would: one that was killed is started again. One that gives up takes the node with it, and its log says why.
daemon() {
	log=$dir/$1.log
	code=137
	while [ $code -gt 128 ]; do
		code=0
		"$@" >>"$log" 2>&1 || code=$?
	done
	kill -TERM 1
}

ulimit -n "$(ulimit -Hn)"
daemon containerd --config "$dir/containerd.toml" &
containerd=$!
until [ -S /run/containerd/containerd.sock ]; do
	kill -0 $containerd
	sleep 0.05
done
daemon kubelet --config="$dir/kubelet.yaml" --kubeconfig="$kubeconfig" --hostname-override="$name" --node-ip="$address" --v=2 &
echo "$pid" >"$dir/pid"
# It reaps what containers leave behind.
exec pause
