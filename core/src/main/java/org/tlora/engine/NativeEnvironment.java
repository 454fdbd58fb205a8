/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The process's environment as native libraries see it. Some read their settings there, and only
 * while they are loaded, which in a program that uses this as a library is the only chance to make
 * them; the Java platform has no way to set a variable of its own process.
 */
final class NativeEnvironment {
  /** POSIX: a null-terminated array of texts {@code NAME=value}. */
  private static final String SYMBOL = "environ";

  private NativeEnvironment() {}

  /**
   * Sets a variable that nobody has set. What was there stays where it is, and so does what is made
   * here, since it may be read at any time. On systems without {@code environ} nothing happens.
   */
  static void setUnlessThere(String name, String value) {
    if (System.getenv(name) != null || !System.getProperty("os.name").startsWith("Linux")) {
      return;
    }
    Pointer symbol = Loader.addressof(SYMBOL);
    if (symbol == null || symbol.isNull()) {
      return;
    }
    PointerPointer<Pointer> variable = new PointerPointer<>(symbol);
    PointerPointer<Pointer> old = new PointerPointer<>(variable.get(0));
    long count = 0;
    while (!old.isNull() && old.get(count) != null) {
      count++;
    }
    PointerPointer<Pointer> all = new PointerPointer<>(Pointer.malloc((count + 2) * Long.BYTES));
    for (long i = 0; i < count; i++) {
      all.put(i, old.get(i));
    }
    all.put(count, text(name + "=" + value));
    all.put(count + 1, (Pointer) null);
    variable.put(0, all); // whole, so that whoever reads meanwhile finds the old or the new one
  }

  private static Pointer text(String text) {
    byte[] bytes = (text + "\0").getBytes(StandardCharsets.UTF_8);
    Pointer memory = Pointer.malloc(bytes.length);
    new BytePointer(memory).capacity(bytes.length).put(bytes, 0, bytes.length);
    return memory;
  }
}
