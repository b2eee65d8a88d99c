#!/bin/sh
# Boots a systemd of its own on a copy of this machine's files, runs /mnt/story.sh in it as a service, and ends:
# `unshare --mount --pid --fork --cgroup --ipc --uts sh booted.sh ROOT SHARED`. Needs root. Nothing of it outlives it.
set -eu
root=$1 shared=$2
mount -t tmpfs layers "$root"
mkdir "$root/upper" "$root/work" "$root/machine"
machine=$root/machine
mount -t overlay machine -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$machine"
mount -t proc proc "$machine/proc"
mount -t sysfs sysfs "$machine/sys"
mount -t cgroup2 cgroup "$machine/sys/fs/cgroup"
mount -t tmpfs -o mode=755 dev "$machine/dev"
for device in null zero full random urandom tty; do cp -a "/dev/$device" "$machine/dev/"; done
mkdir "$machine/dev/shm" "$machine/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$machine/dev/pts"
ln -s pts/ptmx "$machine/dev/ptmx"
ln -s /proc/self/fd "$machine/dev/fd"
mount -t tmpfs run "$machine/run"
mount -t tmpfs -o mode=1777 tmp "$machine/tmp"
mkdir -p "$machine/mnt" "$machine/old"
mount --bind "$shared" "$machine/mnt"
rm -f "$machine"/etc/systemd/system/*.wants/* "$machine/usr/sbin/policy-rc.d" # images of containers have one that forbids services
cat >"$machine/etc/systemd/system/story.service" <<'END'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
TimeoutStartSec=infinity
Environment=PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
StandardOutput=file:/mnt/told
StandardError=file:/mnt/complaints
ExecStart=/bin/sh /mnt/story.sh
ExecStopPost=/bin/systemctl exit 0
END
cd "$machine"
pivot_root . old
umount -l old
mount --make-rshared /
container=lxc exec /lib/systemd/systemd --system --unit=story.service --log-target=null --show-status=no
