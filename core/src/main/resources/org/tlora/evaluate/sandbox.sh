# Runs what comes on standard input as a Python program that can reach nothing: new namespaces hold it, this script
# makes the file system they see and gives up every right before the program starts.
#   sandbox.sh DIRECTORY PREFIX PYTHON CPU_SECONDS MEMORY_BYTES FILE_BYTES PROCESSES [USER_OPTIONS]
set -eu
root=$1 prefix=$2 python=$3 cpu=$4 memory=$5 file=$6 processes=$7 user=${8:-}
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
case $prefix in
  /usr | "") ;;
  *)
    mkdir "$root/python"
    mount --rbind "$prefix" "$root/python"
    mount -o remount,bind,ro "$root/python"
    python=/python/bin/${python##*/}
    ;;
esac
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
# a session of its own: a signal to the process group must not leave the namespace
exec setsid prlimit --as="$memory" --cpu="$cpu" --fsize="$file" --nproc="$processes" --nofile=64 --core=0 -- \
  setpriv $user --no-new-privs --inh-caps=-all --bounding-set=-all -- \
  env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp LANG=C.UTF-8 "$python" -I -S -
