/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.nio.file.Path;
import java.util.Arrays;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.disk.AdapterKeys.Module;
import org.tlora.peft.disk.AdapterKeys.Part;

/** Reads what an adapter of HF PEFT holds for one module, as its configuration says to take it. */
final class LayerTensors {
  /** A size that nobody knows, where there is no model. */
  static final long ANY = -1;

  private final PeftConfig config;
  private final Safetensors tensors;
  private final Path file;
  private final boolean fixedHalf;

  LayerTensors(PeftConfig config, Safetensors tensors, Path file) {
    this.config = config;
    this.tensors = tensors;
    this.file = file;
    fixedHalf = "true".equals(tensors.metadata().get(AdapterDirectory.FIXED_HALF));
  }

  /**
   * The module's adapter, or null where its rank is zero; owned by the caller.
   *
   * @param name of the module, as the model has it
   * @param lookup whether tokens are looked up in it
   * @param in inputs of the module, or {@link #ANY}
   * @param out outputs, or {@link #ANY}
   * @throws InputFault if something is missing, does not fit, or has no use
   */
  StoredLayer read(String name, Module module, boolean lookup, long in, long out) {
    String nameOfA = module.name(lookup ? Part.EMBEDDING_A : Part.A);
    String nameOfB = module.name(lookup ? Part.EMBEDDING_B : Part.B);
    if (nameOfA == null || nameOfB == null) {
      throw new InputFault(
          file
              + ": of "
              + name
              + " there is "
              + String.join(", ", module.tensors().values())
              + ", but no "
              + (nameOfA == null ? "lora_A" : "lora_B"));
    }
    refuseUnused(module, lookup);
    long[] a = tensors.shape(nameOfA);
    long[] b = tensors.shape(nameOfB);
    boolean product = a.length == 2 && b.length == 2 && a[0] == b[1];
    if (!product || (in != ANY && a[1] != in) || (out != ANY && b[0] != out)) {
      throw new InputFault(misfit(name, a, b, in, out));
    }
    requireRank(name, module, a[0]);
    if (a[0] == 0) {
      return null;
    }
    return new StoredLayer(
        tensors.load(nameOfA, DType.FLOAT32),
        tensors.load(nameOfB, DType.FLOAT32),
        config.usesBias() ? vector(module, Part.B_BIAS, "lora_bias", b[0], b[0]) : null,
        config.isAdaLora() ? vector(module, Part.E, "AdaLoRA", a[0], a[0], 1) : null,
        config.usesDora() ? vector(module, Part.MAGNITUDE, "use_dora", b[0], b[0]) : null,
        config.scaling(a[0], name, module.path()),
        fixedHalf ? a[0] / 2 : 0);
  }

  private static String misfit(String name, long[] a, long[] b, long in, long out) {
    String shapes =
        String.format(
            "adapter of %s: shapes %s and %s ", name, Arrays.toString(a), Arrays.toString(b));
    return in == ANY || out == ANY
        ? shapes + "are no A and B of one rank"
        : shapes + String.format("do not fit a layer of %d inputs and %d outputs", in, out);
  }

  /** Parts that the configuration has no use for would be left out of the numbers. */
  private void refuseUnused(Module module, boolean lookup) {
    module
        .tensors()
        .forEach(
            (part, name) -> {
              boolean used =
                  switch (part) {
                    case A, B -> !lookup;
                    case EMBEDDING_A, EMBEDDING_B -> lookup;
                    case B_BIAS -> config.usesBias();
                    case E -> config.isAdaLora();
                    case MAGNITUDE -> config.usesDora();
                    case TOKENS -> false;
                  };
              if (!used) {
                throw new InputFault(
                    file + ": the configuration has no use for the tensor " + name);
              }
            });
  }

  private void requireRank(String name, Module module, long rank) {
    long configured = config.rank(name, module.path());
    if (configured >= 0 && configured != rank) {
      throw new InputFault(
          file.resolveSibling(AdapterDirectory.CONFIG)
              + ": rank "
              + configured
              + " for "
              + name
              + ", but its tensors have "
              + rank);
    }
    if (fixedHalf && rank % 2 != 0) {
      throw new InputFault(file + ": rank " + rank + " of " + name + " has no half");
    }
  }

  private Tensor vector(Module module, Part part, String why, long size, long... shape) {
    String name = module.name(part);
    if (name == null) {
      throw new InputFault(
          file + ": " + why + ", but there is no " + part.tensor() + " of " + module.path());
    }
    long elements = Arrays.stream(tensors.shape(name)).reduce(1, (x, y) -> x * y);
    if (elements != size) {
      throw new InputFault("adapter tensor " + name + " should have " + size + " elements");
    }
    return tensors.load(name, DType.FLOAT32).view(shape);
  }
}
