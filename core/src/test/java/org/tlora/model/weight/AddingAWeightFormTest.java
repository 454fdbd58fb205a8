/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.weight;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.Encoded;
import org.tlora.docs.WorkedExample;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.objective.CrossEntropy;
import org.tlora.quickstart.TinyModels;
import org.tlora.train.HeldOutLoss;

/** The worked example of docs/adding-a-weight-form.md holds a matrix, and a model. */
class AddingAWeightFormTest {
  @TempDir private Path directory;
  private BiFunction<Tensor, DType, Weight> form;

  @BeforeEach
  void compile() throws Exception {
    Constructor<?> constructor =
        WorkedExample.compiled("adding-a-weight-form.md", 0, directory.resolve("example"))
            .getConstructor(Tensor.class, DType.class);
    form =
        (dense, type) -> {
          try {
            return (Weight) constructor.newInstance(dense, type);
          } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
          }
        };
  }

  @Test
  void productsAreThoseOfTheRowsThatItShows() {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4);
        Weight weight = form.apply(random.normal(0, 0.1, 30, 17), DType.FLOAT32)) {
      Tensor dense = weight.rows(0, weight.outFeatures());
      assertEquals(DType.FLOAT32, dense.dtype());
      Tensor x = random.normal(0, 1, 5, weight.inFeatures());
      Tensor dy = random.normal(0, 1, 5, weight.outFeatures());
      assertArrayEquals(x.mm(dense.t()).toFloats(), weight.product(x).toFloats(), 1e-5f);
      assertArrayEquals(dy.mm(dense).toFloats(), weight.transposedProduct(dy).toFloats(), 1e-5f);
      assertArrayEquals(dense.narrow(0, 3, 4).toFloats(), weight.rows(3, 4).toFloats());
      assertEquals(2 * 30 * 17, weight.bytes());
    }
  }

  @Test
  void aModelIsHeldInItAndComputesAlmostTheSame() {
    try (TinyModels tiny = new TinyModels(directory.resolve("model"), DType.FLOAT32)) {
      List<Encoded> rows = tiny.rows(8);
      long bytes = tiny.model().weightBytes();
      double exact = loss(tiny, rows);
      tiny.model().convert(form, AdapterSet.empty());
      assertFalse(tiny.model().isDense());
      assertTrue(tiny.model().weightBytes() < 0.6 * bytes, "tables stay as they are");
      assertEquals(exact, loss(tiny, rows), 0.02 * exact);
    }
  }

  private static double loss(TinyModels tiny, List<Encoded> rows) {
    return HeldOutLoss.of(tiny.model(), Adaptation.NONE, new CrossEntropy(), rows, 8);
  }
}
