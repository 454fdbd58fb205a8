/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.format.Json;
import org.tlora.golden.Shared;

/** What {@code tlora plan} prints, and that it takes the options of a training. */
class PlanCommandTest {
  @TempDir private Path directory;
  private Path model;
  private Path rows;

  @BeforeEach
  void prepare() throws IOException {
    model = Shared.path("golden/tiny-llama");
    rows = Commands.writeRows(directory.resolve("rows.jsonl"));
  }

  private Output plan(String... more) {
    List<String> all = new ArrayList<>(List.of("plan", "--model", model.toString()));
    all.addAll(List.of("--data", rows.toString(), "--template", "plain"));
    all.addAll(List.of("--method", "lora", "--rank", "4"));
    return Commands.runWith(all, more);
  }

  private JsonNode json(String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.add("--json");
    Output o = plan(all.toArray(String[]::new));
    assertEquals(0, o.status(), o.err());
    return Json.parse(o.out(), "plan");
  }

  @Test
  void peopleReadWhatARunWillTake() {
    Output o = plan("--steps", "5", "--batch-size", "2");
    assertEquals(0, o.status(), o.err());
    String text = o.out().replaceAll(" +", " ");
    assertTrue(text.startsWith("lora: "), text);
    assertTrue(text.contains(" trainable parameters ("), text);
    assertTrue(text.contains(" of 180,672)"), text);
    assertTrue(text.contains(" 5 steps, "), text);
    for (String line :
        List.of(" of memory at the peak (", "\n weights ", "\n jvm ", " on disk\n")) {
      assertTrue(text.contains(line), line + " in " + text);
    }
  }

  @Test
  void aProgramReadsTheSameAsJson() throws IOException {
    JsonNode plan = json("--steps", "5", "--batch-size", "2");
    long sum = 0;
    for (JsonNode part : plan.path("components")) {
      sum += part.asLong();
    }
    assertEquals(plan.path("peak_bytes").asLong(), sum);
    long types = 0;
    for (JsonNode type : plan.path("trainable_by_type")) {
      types += type.asLong();
    }
    assertEquals(plan.path("trainable_parameters").asLong(), types);
    assertEquals(5, plan.path("steps").asLong());
    assertTrue(plan.path("phases").path("training").path("seconds").asDouble() > 0);
    assertTrue(plan.path("available_bytes").asLong() > 0);
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(rows), files.toList(), "a plan writes nothing");
    }
  }

  @Test
  void theOptionsOfARunsFileAreItsOwn() throws IOException {
    Path output = directory.resolve("run");
    Output trained =
        Commands.train(model, rows, output, "--method", "lora", "--rank", "2", "--steps", "2");
    assertEquals(0, trained.status(), trained.err());
    Output o = run("plan", "--json", "--config", output.resolve("run.yaml").toString());
    assertEquals(0, o.status(), o.err());
    JsonNode plan = Json.parse(o.out(), "plan");
    assertEquals(2, plan.path("steps").asLong());
    long trainable = json("--rank", "2").path("trainable_parameters").asLong();
    assertEquals(trainable, plan.path("trainable_parameters").asLong());
  }

  @Test
  void settingsAreProposedThatFit() {
    Output plenty = plan("--fit", "64G");
    assertEquals(0, plenty.status(), plenty.err());
    assertTrue(plenty.out().startsWith("fits into 64.00 GiB as it is\n"), plenty.out());
    Output none = plan("--fit", "1M");
    assertEquals(0, none.status(), none.err());
    assertTrue(none.out().startsWith("nothing fits into 1 MiB: "), none.out());
    JsonNode fit = json("--fit", "1M").path("fit");
    assertFalse(fit.path("fits").asBoolean());
    assertTrue(fit.path("asked").path("peak_bytes").asLong() > fit.path("bytes").asLong());
  }

  @Test
  void whatATrainingWouldRefuseIsRefused() {
    assertEquals(2, plan("--rank", "0").status());
    Output modules = plan("--target-modules", "none_such");
    assertEquals(2, modules.status(), modules.err());
    Output missing = plan("--eval-data", directory.resolve("not-there.jsonl").toString());
    assertEquals(3, missing.status());
    assertEquals(1, missing.err().lines().filter(l -> l.startsWith("tlora: ")).count());
    Output size = plan("--fit", "much");
    assertEquals(2, size.status());
    assertTrue(size.err().contains("--fit"), size.err());
  }
}
