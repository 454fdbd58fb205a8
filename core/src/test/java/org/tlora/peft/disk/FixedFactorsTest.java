/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.autograd.Tape;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Adaptation;
import org.tlora.model.Adapter;
import org.tlora.model.Dropout;
import org.tlora.model.Dropouts;
import org.tlora.model.Layout;
import org.tlora.model.Linear;
import org.tlora.model.Pass;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.quickstart.TinyModels;

/**
 * Methods that start from a part of the weight take that part out of the base in the published
 * code: dropout, which is on the adapter's input, does not reach it.
 */
class FixedFactorsTest {
  private static final Layout LAYOUT = Layout.of(6);
  private static final Dropout DROPOUT = Dropouts.of(7L, LAYOUT);

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5})
  void whatIsTakenOutOfTheBaseIsNeverDropped(double dropout) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        Scope scope = new Scope();
        Random random = new Random(Device.CPU, 3)) {
      Linear layer = tiny.model().linears().get(0);
      Tensor a = random.normal(0, 1, 4, layer.inFeatures());
      Tensor b = random.normal(0, 1, layer.outFeatures(), 4);
      Tensor product = b.mm(a); // before the adapter owns them
      LowRankAdapter adapter =
          LowRankAdapter.outOfBase(layer.name(), a.copy(), b.copy(), 0.5, dropout);
      adapter.a().fillInPlace(0);
      adapter.b().fillInPlace(0);
      Tensor x = random.normal(0, 1, 6, layer.inFeatures());
      Tensor y = Tensor.zeros(Device.CPU, DType.FLOAT32, 6, layer.outFeatures());
      Pass pass = new Pass(Tape.recording(), LAYOUT, Adaptation.NONE, null, DROPOUT, false);
      try (Adapter.Gradient way = adapter.forward(pass, layer, x, y, true)) {
        assertArrayEquals(x.mm(product.t()).mul(-0.5).toFloats(), y.toFloats(), 1e-4f, "y");
        Tensor dy = random.normal(0, 1, 6, layer.outFeatures());
        Tensor dx = Tensor.zeros(Device.CPU, DType.FLOAT32, 6, layer.inFeatures());
        way.backward(dy, dy, dx);
        assertArrayEquals(dy.mm(product).mul(-0.5).toFloats(), dx.toFloats(), 1e-4f, "dx");
      }
      adapter.close();
    }
  }

  /** With dropout, y is that of the base less what was taken out, and the trained product of it. */
  @Test
  void theTrainedPartIsDroppedAsThePublishedCodeDropsIt() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4)) {
      Linear layer = tiny.model().linears().get(0);
      Tensor a = random.normal(0, 1, 4, layer.inFeatures());
      Tensor b = random.normal(0, 1, layer.outFeatures(), 4);
      Tensor x = random.normal(0, 1, 6, layer.inFeatures());
      Pass pass = new Pass(Tape.off(), LAYOUT, Adaptation.NONE, null, DROPOUT, false);
      Tensor alone = Tensor.zeros(Device.CPU, DType.FLOAT32, 6, layer.outFeatures());
      try (LowRankAdapter plain =
          new LowRankAdapter(layer.name(), a.copy(), b.copy(), 0.5, 0.5, true)) {
        plain.forward(pass, layer, x, alone, false);
      }
      Tensor both = Tensor.zeros(Device.CPU, DType.FLOAT32, 6, layer.outFeatures());
      try (LowRankAdapter fixed =
          LowRankAdapter.outOfBase(layer.name(), a.copy(), b.copy(), 0.5, 0.5)) {
        fixed.forward(pass, layer, x, both, false);
      }
      Tensor expected = alone.addInPlace(x.mm(b.mm(a).t()), -0.5);
      assertArrayEquals(expected.toFloats(), both.toFloats(), 1e-4f);
    }
  }
}
