/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.fault.UsageFault;
import org.tlora.peft.method.PeftMethods;

/** Which settings a search tries, for how long, and which go on. */
class SearchTest {
  @Property
  void theLastRoundHasAllStepsAndSeveralSettings(
      @ForAll @IntRange(min = 1, max = 5) int rounds,
      @ForAll @IntRange(min = 2, max = 4) int factor,
      @ForAll @IntRange(min = 1, max = 40) int settings,
      @ForAll @LongRange(min = 1, max = 5000) long steps) {
    Halving halving = new Halving(rounds, factor);
    int needed = halving.roundsOf(settings);
    assertTrue(needed <= rounds);
    Map<Integer, Double> losses = new LinkedHashMap<>();
    for (int i = 0; i < settings; i++) {
      losses.put(i, 10.0 - i);
    }
    long before = 0;
    for (int round = rounds - needed; round < rounds; round++) {
      assertTrue(losses.size() > 1, "a choice between one is none");
      long now = halving.steps(round, steps);
      assertTrue(now >= before && now <= steps && now >= 1);
      before = now;
      List<Integer> kept = halving.kept(losses);
      assertEquals((losses.size() + factor - 1) / factor, kept.size());
      assertEquals(settings - 1, kept.get(0), "the least loss comes first");
      losses.keySet().retainAll(kept);
    }
    assertTrue(needed == 0 || before == steps, "what is chosen in the end has run to the end");
  }

  @Test
  void whatFailedDoesNotGoOn() {
    Map<String, Double> losses = new LinkedHashMap<>();
    losses.put("a", Double.POSITIVE_INFINITY);
    losses.put("b", 2.0);
    losses.put("c", Double.POSITIVE_INFINITY);
    losses.put("d", Double.POSITIVE_INFINITY);
    assertEquals(List.of("b"), Halving.USUAL.kept(losses));
    losses.put("b", Double.POSITIVE_INFINITY);
    assertEquals(List.of(), Halving.USUAL.kept(losses));
  }

  @Test
  void aGridHasAllPointsOfTheAxesThatAMethodHas() {
    Map<Axis, List<Double>> values = new LinkedHashMap<>();
    values.put(Axis.RANK, List.of(8.0, 4.0));
    values.put(Axis.LEARNING_RATE, List.of(1e-3, 1e-4, 1e-2));
    Grid grid = new Grid(values);
    List<Setting> all = grid.settings(PeftMethods.named("lora"));
    assertEquals(6, all.size());
    assertEquals("learning-rate=0.0001,rank=4", all.get(0).label());
    assertEquals(3, grid.settings(PeftMethods.named("full")).size(), "which has no rank");
    assertEquals(List.of(Axis.LEARNING_RATE, Axis.RANK), grid.ends(all.get(0)));
    Setting middle = new Setting(Map.of(Axis.LEARNING_RATE, 1e-3));
    assertEquals(List.of(), grid.ends(middle));
    Grid one = new Grid(Map.of(Axis.LEARNING_RATE, List.of(1e-3)));
    assertEquals(List.of(), one.ends(middle), "there is no other to go on to");
  }

  @ParameterizedTest
  @CsvSource({
    "learning-rate, 0, is no number above 0",
    "learning-rate, -1e-3, is no number above 0",
    "learning-rate, fast, is no number above 0",
    "learning-rate, 1e60, is no number above 0",
    "rank, 4.5, whole number",
    "alpha, 3, does not search",
    "learn-rate, 3, learning-rate",
  })
  void whatIsNoValueIsRefused(String axis, String value, String said) {
    UsageFault fault =
        assertThrows(
            UsageFault.class,
            () ->
                Grid.of(
                    List.of(Axis.LEARNING_RATE, Axis.RANK),
                    Map.of(axis, List.of(value)),
                    Jobs.any()));
    assertTrue(fault.getMessage().contains(said), fault.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "1e-5, 0.00001",
    "0.001, 0.001",
    "16, 16",
    "100000, 100000",
    "3.1622776601683795e-4, 0.000316228",
    "1e-12, 1E-12"
  })
  void valuesAreShort(double value, String text) {
    assertEquals(text, Setting.text(value));
  }

  @Test
  void usualValuesAreAroundThoseOfTheJob() {
    Grid grid = Grid.of(List.of(Axis.values()), Map.of(), Jobs.any());
    assertEquals(7, grid.values().get(Axis.LEARNING_RATE).size());
    assertEquals(List.of(8.0, 16.0, 32.0), grid.values().get(Axis.RANK));
    assertEquals(List.of(8.0, 16.0, 32.0, 64.0), grid.values().get(Axis.ALPHA));
  }

  @Test
  void foldersOfTrialsAreApart() {
    Entry entry = Entry.of(List.of("corda:corda-mode=kpm"), Jobs.any().peft()).get(0);
    Setting setting = new Setting(Map.of(Axis.LEARNING_RATE, 1e-3));
    List<String> folders = new ArrayList<>();
    folders.add(new Trial(entry, setting, 0, 4, 1).folder().toString());
    folders.add(new Trial(entry, setting, 1, 8, 1).folder().toString());
    folders.add(Trial.that(entry, setting, 16, 1).folder().toString());
    folders.add(Trial.that(entry, setting, 16, 2).folder().toString());
    assertEquals(4, folders.stream().distinct().count(), folders.toString());
  }
}
