/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.Loader;
import org.tlora.fault.RunFault;

/**
 * Loads native libraries from JavaCPP's cache, one process at a time.
 *
 * <p>JavaCPP unpacks them there on first use. A second process that starts meanwhile finds half a
 * library by its name, maps it and dies of a bus error; so the cache is locked until everything is
 * loaded. The system lets go of the lock when a process ends, however it ends. Where the same jars
 * were unpacked before, processes load at the same time: there may be many of them on a machine.
 */
final class NativeLibraries {
  /** The property that moves the cache; the default is below the user's home. */
  static final String CACHE = "org.bytedeco.javacpp.cachedir";

  private static final String LOCK = ".tlora.lock"; // JavaCPP takes .lock itself, file by file

  private static final String UNPACKED = ".tlora.unpacked-"; // and of which jars

  private NativeLibraries() {}

  /**
   * Runs something that loads libraries.
   *
   * @throws RunFault if one cannot be unpacked or loaded
   */
  static void load(Runnable loading) {
    Path cache = cache();
    String jars = jars();
    Path unpacked = unpacked(cache, jars);
    boolean known = !jars.isEmpty() && Files.exists(unpacked);
    try (FileChannel channel =
        FileChannel.open(
            cache.resolve(LOCK),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      channel.lock(0, Long.MAX_VALUE, known);
      unpackAndLoad(cache, loading);
      if (!known) {
        Files.write(unpacked, new byte[0]);
      }
    } catch (IOException | OverlappingFileLockException e) {
      // a cache that nobody can lock is one that nobody writes to, a read-only image; or another
      // class loader of this process holds the lock, and loads the same libraries
      unpackAndLoad(cache, loading);
    }
  }

  /** Whether the libraries of this class path were unpacked before. */
  static boolean isUnpacked() {
    String jars = jars();
    return !jars.isEmpty() && Files.exists(unpacked(cache(), jars));
  }

  private static Path unpacked(Path cache, String jars) {
    return cache.resolve(UNPACKED + Integer.toHexString(jars.hashCode()));
  }

  /** What the class path has of JavaCPP's libraries, by name, size and time; may be nothing. */
  private static String jars() {
    StringBuilder all = new StringBuilder();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      File file = new File(entry);
      if (file.getName().matches("(pytorch|mkl|openblas|javacpp)-.*\\.jar")) {
        all.append(file.getName()).append(file.length()).append(file.lastModified());
      }
    }
    return all.toString();
  }

  /** Where libraries are unpacked. */
  static Path cache() {
    try {
      return Loader.getCacheDir().toPath();
    } catch (IOException e) {
      throw new RunFault(
          "no directory for native libraries can be written: " + advice(e.getMessage()), e);
    }
  }

  private static void unpackAndLoad(Path cache, Runnable loading) {
    try {
      loading.run();
    } catch (LinkageError e) {
      Throwable reason = e;
      while (reason.getCause() != null && reason.getCause() != reason) {
        reason = reason.getCause();
      }
      throw new RunFault(
          "the native libraries cannot be unpacked to "
              + cache
              + " and loaded: "
              + advice(reason.getMessage()),
          e);
    }
  }

  private static String advice(String reason) {
    return reason
        + "; they need 800 MB there, or in another place that TLORA_JAVA_OPTIONS=-D"
        + CACHE
        + "=DIR names";
  }
}
