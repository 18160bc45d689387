#!/bin/sh
# Pid 1 of a guest (guest.py starts it). The root is the machine's own file system, read-only by hostfs; over it lies an
# overlay in memory, so whatever the guest writes is thrown away, except in the folders named in WORK/mounts.
#
# WORK (kernel parameter lab.work) is a folder of the machine, seen in the guest as /run/lab. It holds
#   run      the command, an executable script; its exit status is written to WORK/status
#   mounts   lines "FOLDER<tab>TARGET": folders of the machine that the guest really writes to
#   modules  names to load, one a line
#   units/   present: systemd runs as pid 1 with these units; enabled lists those to enable
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# Started from a user namespace, the machine's files belong to nobody, and its set-uid `mount` would run as nobody.
if [ "$(stat -c %u /bin/mount)" != 0 ] && [ -z "${LAB_PRIVILEGES:-}" ]; then
    LAB_PRIVILEGES=kept exec setpriv --no-new-privs /bin/sh "$0"
fi

say() { echo "lab: $*"; }

mount -t proc proc /proc
work= disk=
for word in $(cat /proc/cmdline); do
    case $word in
        lab.work=*) work=${word#lab.work=} ;;
        lab.disk=*) disk=${word#lab.disk=} ;;
    esac
done

new=/mnt/root
mount -t tmpfs -o size=75% tmpfs /mnt
mkdir /mnt/upper /mnt/work $new
# The machine has no /lib/modules for this kernel, and nothing can be written yet to make one.
insmod "/usr/lib/uml/modules/$(uname -r)/kernel/fs/overlayfs/overlay.ko"
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay $new
mount -t proc proc $new/proc
mount -t sysfs sysfs $new/sys
mount -t devtmpfs devtmpfs $new/dev
mkdir -p $new/dev/pts $new/dev/shm $new/lib/modules
mount -t devpts devpts $new/dev/pts
mount -t tmpfs tmpfs $new/dev/shm
mount -t tmpfs -o mode=755,nosuid,noexec tmpfs $new/run
mount -t tmpfs -o mode=1777 tmpfs $new/tmp
mkdir -p $new/run/lab
mount -t hostfs none $new/run/lab -o "$work"
# A repository or virtual environment under /tmp would be hidden by the fresh /tmp: WORK/mounts names those, too.
while IFS='	' read -r folder target; do
    mkdir -p "$new$target"
    mount -t hostfs none "$new$target" -o "$folder" || say "cannot mount $folder"
done <$new/run/lab/mounts

if [ -n "$disk" ]; then
    mkdir -p "$new$disk"
    mount -t ext4 /dev/ubda "$new$disk" || say "cannot mount the disk"
fi

ln -s /proc/self/fd $new/dev/fd 2>/dev/null
mount --bind /usr/lib/uml/modules $new/lib/modules
# Before any module: no tunl0, sit0 and the like that come by themselves and stand in the tests' way.
echo 2 >/proc/sys/net/core/fb_tunnels_only_for_init_net
mkdir -p $new/etc/modprobe.d
cat >$new/etc/modprobe.d/lab.conf <<-OPTIONS
	options bonding max_bonds=0
	options dummy numdummies=0
	options ifb numifbs=0
OPTIONS
# The names are a wish: what this kernel lacks, the tests will find out and say.
chroot $new modprobe --quiet --all $(cat $new/run/lab/modules) 2>/dev/null
chroot $new ip link set lo up
echo guest >/proc/sys/kernel/hostname
echo guest >$new/etc/hostname
: >$new/run/lab/booted

if [ -d $new/run/lab/units ]; then
    : >$new/etc/fstab
    rm -rf $new/etc/systemd/system
    mkdir -p $new/etc/systemd/system
    # What a throw-away guest gains nothing from, and pays seconds for.
    for unit in systemd-hwdb-update systemd-firstboot systemd-machine-id-commit systemd-random-seed systemd-binfmt \
        systemd-udevd systemd-udev-trigger systemd-udev-settle systemd-timesyncd systemd-update-utmp systemd-sysusers \
        systemd-update-done systemd-journal-flush systemd-journal-catalog-update systemd-pstore systemd-modules-load \
        systemd-repart systemd-boot-system-token systemd-ask-password-console.path systemd-tmpfiles-clean.timer \
        sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
        dev-hugepages.mount dev-mqueue.mount proc-sys-fs-binfmt_misc.automount getty.target; do
        case $unit in *.*) ;; *) unit=$unit.service ;; esac
        ln -s /dev/null $new/etc/systemd/system/$unit
    done
    echo 0123456789abcdef0123456789abcdef >$new/etc/machine-id
    cp $new/run/lab/units/* $new/etc/systemd/system/
    cat >$new/etc/systemd/system/lab.target <<-TARGET
	[Unit]
	Requires=basic.target
	Wants=network-pre.target network.target multi-user.target lab-command.service
	After=basic.target
	AllowIsolate=yes
	TARGET
    cat >$new/etc/systemd/system/lab-command.service <<-SERVICE
	[Unit]
	After=basic.target network.target
	[Service]
	Type=oneshot
	TimeoutStartSec=infinity
	StandardOutput=tty
	StandardError=tty
	TTYPath=/dev/console
	ExecStart=/bin/sh /run/lab/run-and-halt
	SERVICE
    rm -rf $new/lib/systemd/system/*.target.wants/systemd-udevd* $new/lib/systemd/system/multi-user.target.wants/* \
        $new/etc/init.d $new/etc/rc?.d $new/etc/rcS.d
    chroot $new systemctl --quiet enable $(cat $new/run/lab/enabled) || say "cannot enable a unit"
    exec chroot $new /lib/systemd/systemd --unit=lab.target --log-target=console --show-status=no
fi
exec chroot $new /bin/sh /run/lab/run-and-halt
