/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which names are meant by mistyped ones, and which are too far away to guess. */
class NearestTest {
  private static final List<String> OPTIONS =
      List.of(
          "learning-rate",
          "batch-size",
          "micro-batch-size",
          "steps",
          "rank",
          "epochs",
          "seed",
          "calibration-samples",
          "calibration-memory",
          "eval-data",
          "eval-every");
  private static final List<String> METHODS = List.of("lora", "dora", "olora", "lora+", "tlora");

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          lerning-rate,         learning-rate
          learningrate,         learning-rate
          learning_rate,        learning-rate
          Learning-Rate,        learning-rate
          laerning-rate,        learning-rate
          learning-rates,       learning-rate
          bach-size,            batch-size
          stepps,               steps
          step,                 steps
          setps,                steps
          rnak,                 rank
          calibration-sample,   calibration-samples
          eval-dat,             eval-data
          learn,                learning-rate
          calibration,          -
          eval,                 -
          lr,                   -
          x,                    -
          '',                   -
          max-length,           -
          temperature,          -
          """)
  void options(String given, String meant) {
    assertEquals(Optional.ofNullable(meant), Nearest.of(given, OPTIONS));
  }

  @ParameterizedTest
  @CsvSource({
    "lroa, lora",
    "tlroa, tlora",
    "TLoRA, tlora",
    "Lora, lora",
    "lora-, lora",
    "pissa, -"
  })
  void shortNames(String given, String meant) {
    assertEquals(
        meant.equals("-") ? Optional.empty() : Optional.of(meant), Nearest.of(given, METHODS));
  }

  @Property(tries = 300)
  void oneLetterMoreLessOrOtherIsForgiven(
      @ForAll @IntRange(max = 10) int which,
      @ForAll @IntRange(max = 100) int where,
      @ForAll @IntRange(max = 2) int how) {
    String name = OPTIONS.get(which);
    int at = where % name.length();
    String mistyped =
        switch (how) {
          case 0 -> name.substring(0, at) + name.substring(at + 1);
          case 1 -> name.substring(0, at) + "q" + name.substring(at);
          default -> name.substring(0, at) + "q" + name.substring(at + 1);
        };
    assertEquals(Optional.of(name), Nearest.of(mistyped, OPTIONS), mistyped);
  }

  /** Names come out of files, and may be as long. */
  @ParameterizedTest
  @CsvSource({"1000000", "40"})
  void whatIsMuchLongerIsNone(int length) {
    assertEquals("", Nearest.question("s".repeat(length), OPTIONS));
    assertEquals("; did you mean steps?", Nearest.question("stepps", OPTIONS));
  }
}
