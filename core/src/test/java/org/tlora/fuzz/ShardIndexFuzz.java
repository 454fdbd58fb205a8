/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import java.util.Map;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;
import org.tlora.format.ShardedSafetensors;

/** {@code model.safetensors.index.json} beside one shard. */
public final class ShardIndexFuzz {
  private static final FuzzDirectory DIRECTORY = withShard();

  private ShardIndexFuzz() {}

  private static FuzzDirectory withShard() {
    FuzzDirectory directory = new FuzzDirectory();
    try (Scope scope = new Scope()) {
      Tensor a = Tensor.zeros(Device.CPU, DType.FLOAT32, 2, 2);
      Safetensors.write(
          directory.path().resolve("one.safetensors"),
          Map.of("a", Safetensors.Source.of(a)),
          Map.of());
    }
    return directory;
  }

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    DIRECTORY.write("model.safetensors.index.json", data);
    try (ShardedSafetensors weights = ShardedSafetensors.open(DIRECTORY.path())) {
      for (String name : weights.names()) {
        weights.load(name, DType.FLOAT32).close();
      }
    } catch (InputFault e) {
      // one clear line
    }
  }
}
