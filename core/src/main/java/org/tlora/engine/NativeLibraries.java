/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.Loader;
import org.tlora.fault.RunFault;

/**
 * Loads native libraries from JavaCPP's cache, one process at a time.
 *
 * <p>JavaCPP unpacks them there on first use. A second process that starts meanwhile finds half a
 * library by its name, maps it and dies of a bus error; so the cache is locked until everything is
 * loaded. The system lets go of the lock when a process ends, however it ends.
 */
final class NativeLibraries {
  /** The property that moves the cache; the default is below the user's home. */
  static final String CACHE = "org.bytedeco.javacpp.cachedir";

  private static final String LOCK = ".tlora.lock"; // JavaCPP takes .lock itself, file by file

  private NativeLibraries() {}

  /**
   * Runs something that loads libraries.
   *
   * @throws RunFault if one cannot be unpacked or loaded
   */
  static void load(Runnable loading) {
    Path cache = cache();
    try (FileChannel channel =
        FileChannel.open(
            cache.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock();
      unpackAndLoad(cache, loading);
    } catch (IOException | OverlappingFileLockException e) {
      // a cache that nobody can lock is one that nobody writes to, a read-only image; or another
      // class loader of this process holds the lock, and loads the same libraries
      unpackAndLoad(cache, loading);
    }
  }

  private static Path cache() {
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
