/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.format.Gguf;
import org.tlora.format.ShardedSafetensors;
import org.tlora.model.DecoderConfig;
import org.tlora.model.EncoderConfig;
import org.tlora.model.family.Families;

/**
 * What a model's files hold, looked through before any weight is read.
 *
 * @param config its config.json with an architecture, or what a GGUF file's metadata amount to
 * @param decoder or null
 * @param encoder or null
 * @param weights the tensors that the architecture computes with, by its names
 * @param gguf the GGUF file, or null
 * @param headApart whether config.json says that output layer and embedding are one, and they
 *     differ
 * @param notices lines about what is not used or not as it is said to be
 */
record Checkpoint(
    ObjectNode config,
    DecoderConfig decoder,
    EncoderConfig encoder,
    WeightStore weights,
    Gguf gguf,
    boolean headApart,
    List<String> notices) {
  private static final int MOST_NAMES = 3;

  /**
   * Looks through a directory or a GGUF file.
   *
   * @param families of which the model may be
   * @throws InputFault if there is none, it is damaged, quantised, or of an unknown architecture
   */
  static Checkpoint open(Path path, Families families) {
    if (!Files.exists(path)) {
      throw new InputFault("model " + path + " does not exist");
    }
    if (Files.isDirectory(path)) {
      HubDirectory directory = HubDirectory.of(path, families); // before any weights are looked for
      return opened(ShardedSafetensors.open(path), directory::read);
    }
    if (path.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")) {
      return opened(Gguf.open(path), file -> GgufFile.read(path, file, families));
    }
    throw new InputFault("model " + path + " is neither a directory nor a .gguf file");
  }

  /** The files stay open for the weights, but where they are refused. */
  private static <F extends WeightStore> Checkpoint opened(F files, Function<F, Checkpoint> read) {
    try {
      return read.apply(files);
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /** The notices with one about tensors that nothing computes with, if there are any. */
  static List<String> withUnused(List<String> notices, Path path, List<String> unused) {
    if (unused.isEmpty()) {
      return List.copyOf(notices);
    }
    int named = Math.min(MOST_NAMES, unused.size());
    String more = unused.size() > named ? " and " + (unused.size() - named) + " more" : "";
    List<String> all = new ArrayList<>(notices);
    all.add(
        path
            + ": "
            + (unused.size() == 1 ? "1 tensor is" : unused.size() + " tensors are")
            + " not used: "
            + String.join(", ", unused.subList(0, named))
            + more);
    return List.copyOf(all);
  }
}
