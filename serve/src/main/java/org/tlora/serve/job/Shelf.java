/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.job;

import java.nio.file.Path;
import java.util.Optional;

/** The adapters that are served, where jobs put theirs. */
public interface Shelf {
  /** The base's name. */
  String base();

  /**
   * Serves an adapter from here on.
   *
   * @throws org.tlora.fault.InputFault if it cannot be
   */
  void add(String name, Path directory);

  /** Serves it no more, where it is there. */
  void drop(String name);

  /** Where an adapter that is served lies. */
  Optional<Path> directoryOf(String name);
}
