/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.cli.Commands.Output;
import org.tlora.cli.command.TrainCommand;
import org.tlora.cli.option.MethodOptions;
import org.tlora.cli.option.NumberOption;
import org.tlora.cli.option.Recipes;
import org.tlora.cli.option.RunYaml;
import picocli.CommandLine;

/** Recipes: the paper's numbers, that each runs, and that everything else wins against them. */
class RecipesTest {
  private static final List<String> OF_THE_PAPER = List.of("math", "code", "chat", "commonsense");

  @TempDir private static Path shared;
  private static SmallJob job;
  @TempDir private Path directory;

  @BeforeAll
  static void prepare() throws IOException {
    job = SmallJob.in(shared);
  }

  static List<String> names() {
    return Recipes.names();
  }

  private static JsonNode yaml(String text) throws IOException {
    return new YAMLMapper().readTree(text);
  }

  @Test
  void allFilesAreListedAndPrinted() throws IOException {
    Path root = Path.of(System.getProperty("tlora.root", ".."));
    Set<String> files = new TreeSet<>();
    try (Stream<Path> all =
        Files.list(root.resolve("cli/src/main/resources/org/tlora/cli/recipes"))) {
      all.forEach(f -> files.add(f.getFileName().toString().replace(".yaml", "")));
    }
    assertEquals(files, new TreeSet<>(Recipes.names()));
    List<String> lines = Commands.run("recipes").out().lines().toList();
    assertEquals(Recipes.names(), lines.stream().map(l -> l.split(" ")[0]).toList());
    lines.forEach(l -> assertTrue(l.length() > 30 && l.length() < 110, l));
    Output one = Commands.run("recipes", "math");
    assertEquals(Recipes.text("math"), one.out());
  }

  @ParameterizedTest
  @MethodSource("names")
  void eachSaysWhereItsNumbersComeFrom(String name) {
    String comment = Recipes.text(name).lines().filter(l -> l.startsWith("#")).toList().toString();
    assertTrue(
        comment.contains(OF_THE_PAPER.contains(name) ? "TLoRA paper" : "docs/results/"), comment);
  }

  @ParameterizedTest
  @CsvSource({
    "math, 128, 128, 2e-5, cosine",
    "code, 128, 128, 2e-5, cosine",
    "chat, 128, 128, 2e-5, cosine",
    "commonsense, 32, 32, 1e-4, linear"
  })
  void thePapersNumbers(String name, int rank, int batch, double rate, String schedule)
      throws IOException {
    JsonNode values = yaml(Recipes.text(name));
    assertEquals("tlora", values.path("method").asText());
    assertEquals(rank, values.path("rank").asInt());
    assertFalse(values.has("alpha"), "which is the rank then");
    assertEquals(batch, values.path("batch-size").asInt());
    assertEquals(8, values.path("micro-batch-size").asInt());
    assertEquals(rate, values.path("learning-rate").asDouble());
    assertEquals(schedule, values.path("schedule").asText());
    assertEquals(0.03, values.path("warmup-ratio").asDouble());
    assertEquals(512, values.path("cutoff-length").asInt());
    assertEquals(1, values.path("epochs").asInt());
    assertEquals(0, values.path("dropout").asInt(-1));
  }

  private Path rows(String name) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      rows.append(
          switch (name) {
            case "glue" ->
                "{\"sentence\": \"the film %d\", \"label\": \"%s\"}\n"
                    .formatted(i, i % 2 == 0 ? "good" : "bad");
            case "code-small" -> "{\"text\": \"Add %d.\", \"code\": \"x + %d\"}\n".formatted(i, i);
            case "commonsense-small", "commonsense" ->
                "{\"instruction\": \"Is it %d?\", \"input\": \"\", \"output\": \"no\"}\n"
                    .formatted(i);
            default ->
                "{\"question\": \"Which is %d?\", \"answer\": \"This. #### %d\"}\n".formatted(i, i);
          });
    }
    return Files.writeString(directory.resolve("rows.jsonl"), rows);
  }

  private Output train(String recipe, String... more) throws IOException {
    Path model = job.model();
    if (recipe.equals("glue")) {
      model = directory.resolve("encoder");
      TinyEncoder.write(model, false);
    }
    List<String> line = new ArrayList<>(List.of("train", "--threads", "1", "--recipe", recipe));
    line.addAll(List.of("--model", model.toString(), "--data", rows(recipe).toString()));
    line.addAll(List.of("--output", directory.resolve("out").toString()));
    line.addAll(List.of(more));
    return Commands.run(line.toArray(String[]::new));
  }

  /** As the command line takes them: every option is one, with a value that it takes. */
  @ParameterizedTest
  @MethodSource("names")
  void eachIsParsed(String name) throws IOException {
    CommandLine train = new CommandLine(new TrainCommand());
    MethodOptions.addTo(train.getCommandSpec());
    train.registerConverter(double.class, new NumberOption());
    train.setDefaultValueProvider(Recipes.of(name, train.getCommandSpec()));
    train.parseArgs("--model", "m", "--data", "d", "--output", "o");
    Set<String> parsed = new TreeSet<>();
    yaml(RunYaml.text(train.getCommandSpec())).fieldNames().forEachRemaining(parsed::add);
    yaml(Recipes.text(name)).fieldNames().forEachRemaining(n -> assertTrue(parsed.contains(n), n));
  }

  /** As they are, but for their length; the paper's are of a rank that the tiny model has not. */
  @ParameterizedTest
  @ValueSource(strings = {"math-small", "code-small", "commonsense-small", "glue", "commonsense"})
  void eachRunsForTwoSteps(String name) throws IOException {
    List<String> more = new ArrayList<>(List.of("--steps", "2", "--calibration-samples", "4"));
    if (OF_THE_PAPER.contains(name)) {
      more.addAll(List.of("--rank", "4", "--batch-size", "8", "--dtype", "float32"));
    }
    Output run = train(name, more.toArray(String[]::new));
    assertEquals(0, run.status(), run.err());
    assertFalse(run.err().contains("does nothing"), run.err());
    JsonNode resolved = yaml(Files.readString(directory.resolve("out/run.yaml")));
    yaml(Recipes.text(name))
        .properties()
        .forEach(
            e -> {
              boolean other =
                  Set.of("steps", "calibration-samples", "rank", "batch-size", "epochs", "dtype")
                      .contains(e.getKey());
              JsonNode is = resolved.path(e.getKey());
              String value = is.isArray() ? is.get(0).asText() : is.asText();
              boolean number = e.getValue().isNumber();
              assertTrue(
                  other
                      || (number
                          ? is.asDouble() == e.getValue().asDouble()
                          : value.equals(e.getValue().asText())),
                  e.getKey() + " is " + value);
            });
    assertFalse(resolved.has("recipe"), "a run has its options themselves");
  }

  /** Where one of several options says what another one in the recipe says. */
  @Test
  void whatStandsForAnOptionOfTheRecipeTakesItsPlace() throws IOException {
    Output run =
        train(
            "math-small",
            "--epochs",
            "0.05",
            "--eval-data",
            rows("math-small").toString(),
            "--trainable-share",
            "0.05",
            "--calibration-samples",
            "4");
    assertEquals(0, run.status(), run.err());
    assertFalse(run.err().contains("does nothing"), run.err());
    JsonNode resolved = yaml(Files.readString(directory.resolve("out/run.yaml")));
    assertEquals(0, resolved.path("steps").asInt(-1), "60 in the recipe");
    assertEquals(0, resolved.path("held-out").asInt(-1), "32 in the recipe");
    assertFalse(resolved.has("rank"), "16 in the recipe");
  }

  /** The same between the command line and a file that has all options, as a run leaves it. */
  @Test
  void stepsOfAFileGiveWayToEpochsOfTheCommandLine() throws IOException {
    assertEquals(0, train("math-small", "--steps", "2", "--method", "lora").status());
    Path file = directory.resolve("out/run.yaml");
    Output again =
        Commands.run(
            "train",
            "--config",
            file.toString(),
            "--epochs",
            "0.5",
            "--output",
            directory.resolve("again").toString());
    assertEquals(0, again.status(), again.err());
    JsonNode resolved = yaml(Files.readString(directory.resolve("again/run.yaml")));
    assertEquals(0, resolved.path("steps").asInt(-1));
    assertEquals(
        1,
        again.err().lines().filter(l -> l.startsWith("done after 1 steps")).count(),
        again.err());
  }

  @Test
  void aCommandWithoutAMethodTakesTheRest() throws IOException {
    Output run =
        Commands.run(
            "compare",
            "--recipe",
            "math-small",
            "--methods",
            "lora",
            "--steps",
            "1",
            "--model",
            job.model().toString(),
            "--data",
            rows("math-small").toString(),
            "--output",
            directory.resolve("compared").toString());
    assertEquals(0, run.status(), run.err());
  }
}
