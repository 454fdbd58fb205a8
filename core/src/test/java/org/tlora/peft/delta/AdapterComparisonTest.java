/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.combine.WrittenAdapters;
import org.tlora.peft.delta.AdapterDifference.SettingDifference;

class AdapterComparisonTest {
  private static final String Q = "model.layers.0.self_attn.q_proj";
  private static final String V = "model.layers.0.self_attn.v_proj";

  @TempDir private Path directory;

  private WrittenAdapters adapter(String name, int rank, String... modules) {
    return WrittenAdapters.at(directory.resolve(name), name.hashCode(), rank, modules);
  }

  private static StoredLayer layer(Random random, int rank, double scaling) {
    return new StoredLayer(
        random.normal(0, 1, rank, 9), random.normal(0, 1, 6, rank), null, null, scaling, 0);
  }

  /** Also where a rank is greater than a side of the matrix. */
  @Property(tries = 40)
  void normsAreThoseOfTheWholeMatrices(
      @ForAll @IntRange(min = 1, max = 11) int first,
      @ForAll @IntRange(min = 1, max = 11) int second,
      @ForAll long seed) {
    try (Random random = new Random(Device.CPU, seed);
        StoredLayer a = layer(random, first, 2);
        StoredLayer b = layer(random, second, -0.5);
        Scope scope = new Scope()) {
      ModuleDifference d = ThinProduct.compared("m", a, b);
      Tensor x = a.b().to(DType.FLOAT64).mm(a.a().to(DType.FLOAT64)).mulInPlace(2);
      Tensor y = b.b().to(DType.FLOAT64).mm(b.a().to(DType.FLOAT64)).mulInPlace(-0.5);
      assertEquals(x.norm64(), d.distance().normA(), 1e-9 * x.norm64());
      assertEquals(y.norm64(), d.distance().normB(), 1e-9 * y.norm64());
      double off = x.sub(y).norm64();
      assertEquals(off, d.distance().difference(), 1e-9 * off);
      assertEquals(off / x.norm64(), d.distance().relative(), 1e-8);
      double cosine = x.mul(y).sum().item() / (x.norm64() * y.norm64());
      assertEquals(cosine, d.distance().cosine(), 1e-9);
      int most = 6; // the lesser side
      assertEquals(Math.min(Math.min(first, second), most), d.inputAngles().size());
      assertEquals(d.inputAngles().size(), d.outputAngles().size());
      double before = 0;
      for (double angle : d.inputAngles()) {
        assertTrue(angle >= before - 1e-9 && angle <= 90 + 1e-9);
        before = angle;
      }
    }
  }

  /** Rows e₁ and e₂ against cos 30° e₁ + sin 30° e₃ and e₂; columns f₁, f₂ against f₃, f₄. */
  @Test
  void anglesAreThoseBetweenTheSpaces() {
    float c = (float) Math.cos(Math.PI / 6);
    try (StoredLayer a = of(new float[] {1, 0, 0, 0, 3, 0}, new float[] {1, 0, 0, 1, 0, 0, 0, 0});
        StoredLayer b =
            of(new float[] {c, 0, 0.5f, 0, 1, 0}, new float[] {0, 0, 0, 0, 1, 0, 0, 1})) {
      ModuleDifference d = ThinProduct.compared("m", a, b);
      assertEquals(0, d.inputAngles().get(0), 1e-4);
      assertEquals(30, d.inputAngles().get(1), 1e-4);
      assertEquals(List.of(90.0, 90.0), d.outputAngles());
      assertEquals(0, d.distance().cosine(), 1e-12);
    }
  }

  private static StoredLayer of(float[] a, float[] b) {
    return new StoredLayer(
        Tensor.ofFloats(Device.CPU, a, 2, 3),
        Tensor.ofFloats(Device.CPU, b, 4, 2),
        null,
        null,
        1,
        0);
  }

  @Test
  void anAdapterIsNotApartFromItself() {
    Path a = adapter("a", 3, Q, V).write();
    AdapterDifference d = AdapterComparison.of(a, a);
    assertEquals(2, d.modules().size());
    assertEquals(0, d.total().relative(), 1e-12);
    assertEquals(1, d.total().cosine(), 1e-12);
    d.modules().forEach(m -> m.inputAngles().forEach(angle -> assertEquals(0, angle, 1e-4)));
    assertEquals(List.of(), d.besides());
    assertEquals(List.of(), d.settings());
    assertEquals(List.of(), d.notes());
  }

  @Test
  void modulesThatOneLacksCountAsZero() {
    Path a = adapter("a", 3, Q).write();
    Path b = adapter("b", 2, Q, V).write();
    AdapterDifference d = AdapterComparison.of(a, b);
    ModuleDifference q = d.modules().get(0);
    ModuleDifference v = d.modules().get(1);
    assertEquals(0, v.rankA());
    assertEquals(2, v.rankB());
    assertEquals(0, v.distance().normA());
    assertEquals(v.distance().normB(), v.distance().difference());
    assertTrue(Double.isNaN(v.distance().relative()) && Double.isNaN(v.distance().cosine()));
    assertEquals(List.of(), v.inputAngles());
    assertEquals(
        q.distance().squareDifference() + v.distance().squareDifference(),
        d.total().squareDifference(),
        1e-9);
  }

  @Test
  void aDeltaOfZeroHasNoDirection() {
    try (StoredLayer a = of(new float[6], new float[8]);
        StoredLayer b = of(new float[] {1, 0, 0, 0, 1, 0}, new float[] {1, 0, 0, 1, 0, 0, 0, 0})) {
      ModuleDifference d = ThinProduct.compared("m", a, b);
      assertEquals(List.of(), d.inputAngles());
      assertTrue(Double.isNaN(d.distance().relative()));
      assertEquals(Math.sqrt(2), d.distance().difference(), 1e-12);
    }
  }

  @Test
  void configurationsAndTensorsBesideProductsAreCompared() {
    Path a =
        adapter("a", 2, Q)
            .tensor("lm_head.weight", 1, 5, 4)
            .tensor("model.norm.weight", 2, 4)
            .tensor("model.embed_tokens.weight", 2, 3, 4)
            .with("lora_dropout", "0.0")
            .with("use_rslora", "false")
            .with("target_modules", "[\"q_proj\",\"v_proj\"]")
            .write();
    Path b =
        adapter("b", 2, Q)
            .tensor("lm_head.weight", 1, 5, 4)
            .tensor("model.norm.weight", 3, 4)
            .tensor("model.embed_tokens.weight", 2, 4, 4)
            .tensor("score.weight", 2, 4)
            .with("lora_dropout", "0")
            .with("use_rslora", "true")
            .with("target_modules", "[\"v_proj\",\"q_proj\"]")
            .write();
    AdapterDifference d = AdapterComparison.of(a, b);
    assertEquals(
        List.of(new SettingDifference("use_rslora", null, "true")),
        d.settings(),
        "0.0 is 0, and names have no order");
    assertEquals(
        List.of("embed_tokens.weight", "norm.weight", "score.weight"),
        d.besides().stream().map(AdapterDifference.BesideDifference::name).toList());
    assertEquals("[3, 4] in A, [4, 4] in B", d.besides().get(0).remark());
    assertTrue(d.besides().get(1).distance().relative() > 0);
    assertEquals("only in B", d.besides().get(2).remark());
    assertNull(d.besides().get(2).distance());
  }

  @Test
  void ofDoraProductsAndMagnitudesAreComparedAndALineSaysSo() {
    Path a =
        adapter("a", 2, Q)
            .tensor(Q + ".lora_magnitude_vector", 1, 10)
            .with("use_dora", "true")
            .write();
    Path b = adapter("b", 2, Q).write();
    AdapterDifference d = AdapterComparison.of(a, b);
    assertTrue(d.notes().get(0).contains("DoRA"), d.toString());
    assertTrue(d.besides().get(0).name().endsWith("lora_magnitude_vector"));
  }

  @Test
  void modelsOfOtherSizesCannotBeCompared() {
    Path a = adapter("a", 2, Q).write();
    Path b = adapter("b", 2, Q).tensor(Q + ".lora_B.weight", 1, 11, 2).write();
    String refused = assertThrows(InputFault.class, () -> AdapterComparison.of(a, b)).getMessage();
    assertTrue(refused.contains(Q), refused);
  }
}
