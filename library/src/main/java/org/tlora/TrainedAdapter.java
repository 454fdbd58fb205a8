/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import org.tlora.model.AdapterSet;

/**
 * An adapter in memory, for the model that read it. It changes nothing by itself: {@link
 * LanguageModel#attach} lets the texts that follow run with it. Safe for threads; closed by whoever
 * read it, also while texts still run with it.
 */
public final class TrainedAdapter implements AutoCloseable {
  private final Path directory;
  private final AdapterSet layers;

  TrainedAdapter(Path directory, AdapterSet layers) {
    this.directory = directory;
    this.layers = layers;
  }

  /** Where it was read from. */
  public Path directory() {
    return directory;
  }

  AdapterSet layers() {
    return layers;
  }

  /** Frees it as soon as no text runs with it. */
  @Override
  public void close() {
    layers.close();
  }
}
