/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import org.junit.jupiter.api.Test;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.Batch;

class LabelsTest {
  @Test
  void rowsShowWhatTheyAreLabelledWith() {
    assertEquals(List.of("2", "9", "10"), Labels.observed(Set.of("10", "9", "2"), "x").classes());
    assertEquals(List.of("no", "yes"), Labels.observed(Set.of("yes", "no"), "x").classes());
    assertEquals(List.of("1", "a"), Labels.observed(Set.of("a", "1"), "x").classes());
    assertTrue(Labels.observed(Set.of("1", "2.5"), "x").isRegression());
    assertTrue(Labels.observed(Set.of("5.000", "3.800"), "x").isRegression());
    assertThrows(InputFault.class, () -> Labels.observed(Set.of("only"), "x"));
  }

  @Test
  void labelsHaveNumbers() {
    Labels classes = Labels.named(List.of("b", "a"));
    assertEquals(0, classes.valueOf("b", "row 1"));
    InputFault fault = assertThrows(InputFault.class, () -> classes.valueOf("c", "row 7"));
    assertEquals("row 7: label 'c' is none of b, a", fault.getMessage());
    Labels numbers = Labels.named(List.of("regression"));
    assertEquals(2.5, numbers.valueOf("2.5", "x"));
    assertThrows(InputFault.class, () -> numbers.valueOf("NaN", "x"));
    assertThrows(InputFault.class, () -> numbers.valueOf("many", "x"));
    assertThrows(UsageFault.class, () -> Labels.named(List.of("a", "a")));
    assertThrows(UsageFault.class, () -> Labels.named(List.of("a")));
  }

  @Property(tries = 100)
  void whatIsWrittenIsRead(
      @ForAll @Size(min = 2, max = 9) @UniqueElements List<@NotEmpty String> names) {
    Labels labels = new Labels(names);
    assertEquals(labels, Labels.read(labels.write(), "x"));
    assertEquals(Labels.NUMBERS, Labels.read(Labels.NUMBERS.write(), "x"));
  }

  @Property(tries = 100)
  void rowsComeBackFromTheirContents(
      @ForAll @Size(max = 20) List<Integer> tokens, @ForAll int from, @ForAll double label) {
    int[] ids = tokens.stream().mapToInt(Integer::intValue).toArray();
    LabelledTokens row = new LabelledTokens(ids, from, label);
    LabelledTokens again = (LabelledTokens) Encoded.of(row.contents());
    assertArrayEquals(ids, again.ids());
    assertEquals(from, again.secondFrom());
    assertEquals(label, again.label());
  }

  /** A row's label is learned from its first token, and its second text starts where it starts. */
  @Test
  void labelledRowsArePacked() {
    Batch batch =
        Batch.of(
            List.of(
                new LabelledTokens(new int[] {1, 2, 3}, 2, 1),
                new LabelledTokens(new int[] {4, 5}, 2, 0)));
    assertArrayEquals(new int[] {0, 3}, batch.targets());
    assertArrayEquals(new int[] {1, 0}, batch.classes());
    assertArrayEquals(new int[] {2, 2}, batch.secondFrom());
  }
}
