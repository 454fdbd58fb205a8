/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.TakesLong;

/** Methods at their best, on the command line. */
class TunedComparisonTest {
  @TempDir private Path directory;
  private Path model;
  private Path output;

  @BeforeEach
  void unpackModelAndWriteData() throws IOException {
    model = directory.resolve("model");
    output = directory.resolve("best");
    new TinyModels(model, DType.FLOAT32).close();
    List<String> words = List.of("cat", "dog", "sun", "red", "blue", "ten");
    List<String> rows = new ArrayList<>();
    for (String a : words) {
      for (String b : words) {
        rows.add("{\"prompt\":\"" + a + " " + b + "\",\"response\":\"" + b + "\"}");
      }
    }
    Files.write(directory.resolve("rows.jsonl"), rows.subList(0, 28));
    Files.write(directory.resolve("test.jsonl"), rows.subList(27, 36)); // one of them is seen
  }

  private Output compare(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "compare",
                "--model",
                model.toString(),
                "--data",
                directory.resolve("rows.jsonl").toString(),
                "--template",
                "plain",
                "--rank",
                "4",
                "--steps",
                "8",
                "--batch-size",
                "4",
                "--calibration-samples",
                "3",
                "--output",
                output.toString()));
    arguments.addAll(Arrays.asList(more));
    return Commands.run(arguments.toArray(String[]::new));
  }

  private String[] tuned(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--methods",
                "lora,tlora",
                "--held-out",
                "8",
                "--tune",
                "learning-rate",
                "--grid",
                "learning-rate=1e-6,1e-3,2e-2",
                "--seeds",
                "1,2",
                "--test-data",
                directory.resolve("test.jsonl").toString()));
    all.addAll(Arrays.asList(more));
    return all.toArray(String[]::new);
  }

  private List<String> lines(String file) throws IOException {
    return Files.readAllLines(output.resolve(file));
  }

  @Test
  @TakesLong
  void eachMethodIsComparedAtItsBestAndGoesOnWhereItWas() throws IOException {
    Output result = compare(tuned("--baseline", "tlora"));
    assertEquals(0, result.status(), result.err());
    assertTrue(result.err().contains("1 of 9 rows of test.jsonl are also trained"), result.err());
    String table = Files.readString(output.resolve("comparison.md"));
    assertTrue(table.contains("## test loss (less is better)"), table);
    assertTrue(table.contains("| tlora (baseline) | learning-rate=0.02 (at the grid's end"), table);
    assertTrue(table.contains("5 runs"), "three settings, then two: " + table);
    List<String> search = lines("search.csv");
    assertEquals(1 + 2 * (3 + 2), search.size());
    assertEquals(
        4, search.stream().filter(l -> l.endsWith(",3,8")).count(), "the last have all steps");
    assertEquals(6, search.stream().filter(l -> l.endsWith(",2,4")).count());
    List<String> runs = lines("runs.csv");
    assertEquals(1 + 2 * 2, runs.size());
    assertTrue(runs.get(0).endsWith(",training_loss,test_loss"), runs.get(0));
    List<String> summary = lines("comparison.csv");
    assertEquals(3, summary.size());
    assertTrue(summary.get(1).startsWith("\"test loss\",lora,learning-rate=0.02,"), summary.get(1));
    assertTrue(Files.readString(output.resolve("comparison.html")).contains("Methods at their"));
    assertTrue(Files.exists(output.resolve("lora-seed-2/adapter_model.safetensors")));
    try (Stream<Path> all = Files.walk(output.resolve("search"))) {
      assertFalse(all.anyMatch(f -> f.toString().endsWith(".safetensors")), "nobody wants these");
    }
    assertFalse(Files.exists(output.resolve("calibration-seed-1.safetensors")));

    byte[] adapter = Files.readAllBytes(output.resolve("lora-seed-2/adapter_model.safetensors"));
    Files.delete(output.resolve("lora-seed-2/result.json")); // as if it had been cut before it
    Output again = compare(tuned("--baseline", "tlora"));
    assertEquals(0, again.status(), again.err());
    assertEquals(13, again.err().lines().filter(l -> l.endsWith("done before")).count());
    assertArrayEquals(
        adapter, Files.readAllBytes(output.resolve("lora-seed-2/adapter_model.safetensors")));
    assertEquals(withoutTimes(summary), withoutTimes(lines("comparison.csv")));

    Output other = compare(tuned("--baseline", "tlora", "--weight-decay", "0.1"));
    assertEquals(2, other.status(), other.err());
    assertTrue(other.err().contains("other settings"), other.err());
  }

  @Test
  @TakesLong
  void runsCanBeTakenApartAndComeToTheSame() throws IOException {
    String[] two = {"--grid", "learning-rate=1e-3,2e-2"}; // instead of three
    assertEquals(0, compare(tuned(two)).status());
    List<String> together = withoutTimes(lines("comparison.csv"));
    output = directory.resolve("apart");
    int rounds = 0;
    for (List<String> next = next(two); !next.isEmpty(); next = next(two)) {
      rounds++;
      for (String trial : next) {
        Output one = compare(tuned(two[0], two[1], "--trial", trial));
        assertEquals(0, one.status(), one.err());
      }
    }
    assertEquals(2, rounds, "one of the search, and what counts");
    assertEquals(together, withoutTimes(lines("comparison.csv")));
    Output none = compare(tuned("--trial", "search/lora/round-9/learning-rate=1"));
    assertEquals(2, none.status());
    assertTrue(none.err().contains("none of this search"), none.err());
  }

  private List<String> next(String... grid) {
    Output listed = compare(tuned(grid[0], grid[1], "--list-trials"));
    assertEquals(0, listed.status(), listed.err());
    return listed.out().lines().toList();
  }

  /** Values, intervals and chances. */
  private static List<String> withoutTimes(List<String> lines) {
    return lines.stream()
        .map(l -> String.join(",", Arrays.asList(l.split(",")).subList(0, 12)))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--methods lora --tune learning-rate --held-out 8 | rows that the search never sees",
        "--methods lora --tune learning-rate --test-data TEST | rows to evaluate on",
        "--methods lora --tune speed --held-out 8 --test-data TEST | not speed",
        "--methods lora --tune alpha --grid learning-rate=1 --held-out 8 --test-data TEST"
            + " | does not search",
        "--methods lora --grid learning-rate=1e-3 | go with --tune",
        "--methods lora --baseline lora | go with --tune",
        "--methods lora --grid nonsense --tune alpha | --grid looks like",
        "--methods lora --tune alpha --baseline dora --held-out 8 --test-data TEST | none of the",
        "--methods lora --tune learning-rate --learning-rate auto --held-out 8 --test-data TEST"
            + " | one of them finds it",
        "--methods lora --tune alpha --tune-factor 1 --held-out 8 --test-data TEST | --tune-factor",
        "--methods lora --tune alpha --calibration-cache c --held-out 8 --test-data TEST"
            + " | --calibration-cache",
      })
  void whatDoesNotGoTogetherIsRefusedBeforeARunBegins(String options, String said) {
    Output result =
        compare(options.replace("TEST", directory.resolve("test.jsonl").toString()).split(" "));
    assertEquals(2, result.status(), result.err());
    assertTrue(result.err().contains(said), result.err());
    assertFalse(Files.exists(output.resolve("search")));
  }

  @Test
  void aPlainComparisonMeasuresTheTestLossToo() throws IOException {
    Output result =
        compare("--methods", "lora", "--test-data", directory.resolve("test.jsonl").toString());
    assertEquals(0, result.status(), result.err());
    assertTrue(Files.readString(output.resolve("comparison.md")).contains("| test loss |"));
    assertTrue(lines("comparison.csv").get(0).contains(",held_out_loss,test_loss"));
    assertTrue(Files.exists(output.resolve("lora/figures.json")));
  }
}
