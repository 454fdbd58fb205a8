# Runs a Python script that can reach nothing: new namespaces hold it, this script makes the file system they see, and
# the command behind it gives up every right before the program starts.
#   sandbox.sh DIRECTORY PREFIX SCRIPT COMMAND...
# PREFIX is where Python is, as /python inside; empty: it is the system's. SCRIPT is /run.py inside.
set -eu
root=$1 prefix=$2 script=$3
shift 3
mount --make-rprivate /
mount -t tmpfs -o size=32m,nr_inodes=2048,mode=755 tmpfs "$root"
for d in usr bin sbin lib lib32 lib64; do
  if [ -L "/$d" ]; then
    ln -s "$(readlink "/$d")" "$root/$d"
  elif [ -d "/$d" ]; then
    mkdir "$root/$d"
    mount --rbind "/$d" "$root/$d"
    mount -o remount,bind,ro "$root/$d"
  fi
done
if [ -n "$prefix" ]; then
  mkdir "$root/python"
  mount --rbind "$prefix" "$root/python"
  mount -o remount,bind,ro "$root/python"
fi
cp "$script" "$root/run.py"
chmod 444 "$root/run.py"
mkdir "$root/proc" "$root/dev" "$root/tmp" "$root/old" "$root/etc"
for f in null zero urandom; do
  : > "$root/dev/$f"
  mount --bind "/dev/$f" "$root/dev/$f"
done
[ ! -e /etc/ld.so.cache ] || cp /etc/ld.so.cache "$root/etc/"
mount -t proc -o ro,nosuid,nodev,noexec proc "$root/proc" 2> /dev/null || true
chmod 1777 "$root/tmp"
cd "$root"
pivot_root . old
umount -l /old
rmdir /old
cd /tmp
exec "$@"
