/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import java.util.Map;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;
import org.tlora.pretrained.PretrainedModel;

/** {@code config.json} of a model whose weights are there, if few. */
public final class ModelConfigFuzz {
  private static final FuzzDirectory DIRECTORY = withWeights();

  private ModelConfigFuzz() {}

  private static FuzzDirectory withWeights() {
    FuzzDirectory directory = new FuzzDirectory();
    try (Scope scope = new Scope()) {
      Tensor embedding = Tensor.zeros(Device.CPU, DType.FLOAT32, 8, 4);
      Tensor norm = Tensor.zeros(Device.CPU, DType.FLOAT32, 4);
      Safetensors.write(
          directory.path().resolve("model.safetensors"),
          Map.of(
              "model.embed_tokens.weight", Safetensors.Source.of(embedding),
              "model.norm.weight", Safetensors.Source.of(norm)),
          Map.of());
    }
    return directory;
  }

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    DIRECTORY.write("config.json", data);
    try (PretrainedModel model = PretrainedModel.open(DIRECTORY.path())) {
      if (model.isEncoder()) {
        model.encoder();
        model.labels();
      } else {
        model.decoder();
        model.generationEos();
        model.load(DType.FLOAT32).close();
      }
    } catch (InputFault e) {
      // one clear line
    }
  }
}
