/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tlora.format.Json;

/**
 * What keeps a program from the machine, best first: bubblewrap, or namespaces of our own making
 * through util-linux.
 */
enum Confinement {
  /** {@code bwrap}. */
  BUBBLEWRAP {
    @Override
    List<String> command(Guest guest) {
      List<String> c = new ArrayList<>(List.of("bwrap", "--die-with-parent", "--new-session"));
      c.addAll(List.of("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"));
      if (guest.root()) { // needed to become nobody, and given up then
        for (String right : List.of("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")) {
          c.addAll(List.of("--cap-add", right));
        }
      } else {
        c.add("--unshare-user");
      }
      for (String d : SYSTEM) {
        Path path = Path.of("/" + d);
        try {
          if (Files.isSymbolicLink(path)) {
            c.addAll(List.of("--symlink", Files.readSymbolicLink(path).toString(), "/" + d));
            continue;
          }
        } catch (IOException e) {
          throw new IllegalStateException(path + ": " + Json.reason(e), e);
        }
        c.addAll(List.of("--ro-bind-try", "/" + d, "/" + d));
      }
      if (!guest.pythonIsOfSystem()) {
        c.addAll(List.of("--ro-bind", guest.prefix(), "/python"));
      }
      for (String d : List.of("/dev", "/etc")) {
        c.addAll(List.of("--perms", "0755", "--dir", d));
      }
      c.addAll(List.of("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"));
      for (String device : List.of("/dev/null", "/dev/zero", "/dev/urandom")) {
        c.addAll(List.of("--dev-bind", device, device));
      }
      c.addAll(List.of("--proc", "/proc", "--perms", "1777", "--size", "" + DISK_BYTES));
      c.addAll(List.of("--tmpfs", "/tmp", "--ro-bind", guest.script().toString(), "/run.py"));
      c.addAll(List.of("--remount-ro", "/", "--chdir", "/tmp", "--"));
      c.addAll(guest.limits());
      if (guest.root()) {
        c.addAll(guest.withoutRights());
      }
      c.addAll(guest.python());
      return c;
    }
  },
  /** {@code unshare} and {@code sandbox.sh}. */
  NAMESPACES {
    @Override
    List<String> command(Guest guest) {
      List<String> c = new ArrayList<>(List.of("unshare"));
      if (!guest.root()) {
        c.addAll(List.of("--user", "--map-root-user"));
      }
      c.addAll(
          List.of("--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "sh"));
      c.add(guest.directory().resolve("sandbox.sh").toString());
      c.add(guest.directory().resolve("root").toString());
      c.add(guest.pythonIsOfSystem() ? "" : guest.prefix());
      c.add(guest.script().toString());
      // a session of its own: a signal to the process group must not leave the namespace
      c.add("setsid");
      c.addAll(guest.limits());
      c.addAll(guest.withoutRights());
      c.addAll(guest.python());
      return c;
    }
  };

  private static final List<String> SYSTEM = List.of("usr", "bin", "sbin", "lib", "lib32", "lib64");
  private static final long DISK_BYTES = 32L << 20;
  private static final long MEMORY_BYTES = 1L << 30;
  private static final long FILE_BYTES = 8L << 20;
  private static final int PROCESSES = 24;

  /** Its name in messages. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The whole command that runs a guest. */
  abstract List<String> command(Guest guest);

  /**
   * A Python script and what it may have.
   *
   * @param directory of the sandbox, with {@code root}, an empty directory, and {@code sandbox.sh}
   * @param script becomes {@code /run.py}
   * @param prefix of the Python that runs it
   * @param executable of that Python
   * @param root whether this is the superuser; then the guest becomes {@code user}
   * @param user a number that belongs to nobody
   * @param seconds of processor time
   */
  record Guest(
      Path directory,
      Path script,
      String prefix,
      String executable,
      boolean root,
      int user,
      int seconds) {
    /** Another script, as another user. */
    Guest as(Path other, int number) {
      return new Guest(directory, other, prefix, executable, root, number, seconds);
    }

    boolean pythonIsOfSystem() {
      return prefix.isEmpty() || prefix.equals("/usr");
    }

    private List<String> limits() {
      return List.of(
          "prlimit",
          "--as=" + MEMORY_BYTES,
          "--cpu=" + seconds,
          "--fsize=" + FILE_BYTES,
          "--nproc=" + PROCESSES,
          "--nofile=64",
          "--core=0",
          "--");
    }

    private List<String> withoutRights() {
      List<String> c = new ArrayList<>(List.of("setpriv"));
      if (root) {
        c.addAll(List.of("--reuid=" + user, "--regid=" + user, "--clear-groups"));
      }
      c.addAll(List.of("--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--"));
      return c;
    }

    private List<String> python() {
      String name = Path.of(executable).getFileName().toString();
      String python = pythonIsOfSystem() ? executable : "/python/bin/" + name;
      return List.of(
          "env",
          "-i",
          "PATH=/usr/local/bin:/usr/bin:/bin",
          "HOME=/tmp",
          "LANG=C.UTF-8",
          python,
          "-I",
          "-S",
          "/run.py");
    }
  }
}
