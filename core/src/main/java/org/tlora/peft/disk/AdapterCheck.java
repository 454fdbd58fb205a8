/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.nio.file.Path;
import java.util.Arrays;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.fault.InputFault;
import org.tlora.format.FiniteWeights;
import org.tlora.format.OwnFiles;
import org.tlora.format.Safetensors;
import org.tlora.peft.disk.AdapterKeys.Module;
import org.tlora.peft.disk.AdapterKeys.Part;

/** Whether an adapter in PEFT's format is whole, as far as that is seen without its base. */
public final class AdapterCheck {
  private final PeftConfig config;
  private final Safetensors tensors;
  private final Path file;

  private AdapterCheck(PeftConfig config, Safetensors tensors, Path file) {
    this.config = config;
    this.tensors = tensors;
    this.file = file;
  }

  /**
   * Makes sure of it: configuration and weights are there and read, every A has its B of the same
   * rank, which is the one that the configuration says, and all numbers are finite.
   *
   * @throws InputFault if not; the message names the key or the tensor
   */
  public static void requireWhole(Path directory) {
    if (MlxAdapter.isOne(directory)) {
      throw new InputFault(
          directory + " holds an adapter of MLX: only PEFT's format is for others");
    }
    PeftConfig config = PeftConfig.read(OwnFiles.of(directory, AdapterDirectory.CONFIG));
    Path file = OwnFiles.of(directory, AdapterDirectory.WEIGHTS);
    try (Safetensors tensors = Safetensors.open(file)) {
      if (tensors.names().isEmpty()) {
        throw new InputFault(file + " holds no adapter");
      }
      new AdapterCheck(config, tensors, file).run();
    }
  }

  private void run() {
    AdapterKeys.of(tensors.names(), file.toString()).modules().forEach(this::check);
    FiniteWeights finite = new FiniteWeights(tensors, file.toString());
    for (String name : tensors.names()) {
      try (Scope scope = new Scope()) {
        finite.load(name, DType.FLOAT32);
      }
    }
  }

  private void check(Module module) {
    pair(module, Part.A, Part.B);
    pair(module, Part.EMBEDDING_A, Part.EMBEDDING_B);
  }

  private void pair(Module module, Part first, Part second) {
    String a = module.name(first);
    String b = module.name(second);
    if (a == null && b == null) {
      return;
    }
    if (a == null || b == null) {
      String there = a == null ? b : a;
      throw new InputFault(
          file + ": tensor " + there + " has no " + (a == null ? first : second).tensor());
    }
    long[] of = tensors.shape(a);
    long[] to = tensors.shape(b);
    if (of.length != 2 || to.length != 2 || of[0] != to[1]) {
      throw new InputFault(
          file
              + ": tensors "
              + a
              + " "
              + Arrays.toString(of)
              + " and "
              + b
              + " "
              + Arrays.toString(to)
              + " make no product");
    }
    long said = config.rank(module.path());
    if (said >= 0 && said != of[0]) {
      throw new InputFault(
          file + ": tensor " + a + " has rank " + of[0] + ", adapter_config.json says " + said);
    }
  }
}
