/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.NamedOptions;
import org.tlora.cli.Commands.Output;
import org.tlora.cli.command.TrainCommand;
import org.tlora.cli.option.MethodOptions;
import org.tlora.cli.option.Recipes;
import org.tlora.format.Json;
import org.tlora.peft.method.PeftMethods;
import picocli.CommandLine;

/** The schema of run.yaml: it is that of the options, and files that train takes fit it. */
class SchemaTest {
  private static final Set<String> OF_THE_COMMAND_LINE =
      Set.of(
          "config",
          "recipe",
          "resume",
          "resume-anyway",
          "log-format",
          "until-input-ends",
          "stop-after",
          "debug",
          "help",
          "version");

  private static String text;
  private static JsonSchema validator;
  private static JsonNode properties;
  @TempDir private Path directory;

  @BeforeAll
  static void read() {
    Output printed = Commands.run("schema");
    assertEquals(0, printed.status(), printed.err());
    text = printed.out();
    ObjectNode schema = Json.parseObject(text, "schema");
    properties = schema.path("properties");
    JsonSchemaFactory drafts = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    Set<ValidationMessage> problems =
        drafts
            .getSchema(
                com.networknt.schema.SchemaLocation.of(SpecVersion.VersionFlag.V202012.getId()))
            .validate(schema);
    assertEquals(Set.of(), problems, "it is itself a schema");
    validator = drafts.getSchema(schema);
  }

  private static Set<String> problems(String yaml) throws IOException {
    JsonNode values = new YAMLMapper().readTree(yaml);
    Set<String> all = new TreeSet<>();
    validator.validate(values).forEach(m -> all.add(m.getMessage()));
    return all;
  }

  @Test
  void theFileInTheDocumentationIsWhatTheCommandPrints() throws IOException {
    Path root = Path.of(System.getProperty("tlora.root", ".."));
    assertEquals(text, Files.readString(root.resolve("docs/run.schema.json")), "tlora schema");
  }

  @Test
  void itsNamesAreThoseOfTheOptionsBothWays() {
    CommandLine train = new CommandLine(new TrainCommand());
    MethodOptions.addTo(train.getCommandSpec());
    Set<String> options = new TreeSet<>();
    train.getCommandSpec().options().forEach(o -> options.add(o.longestName().substring(2)));
    options.removeAll(OF_THE_COMMAND_LINE);
    Set<String> named = new TreeSet<>();
    properties.fieldNames().forEachRemaining(named::add);
    assertEquals(options, named);
    named.forEach(n -> assertFalse(properties.path(n).path("description").asText().isEmpty(), n));
  }

  @Test
  void namesThatOptionsTakeAreThoseOfTheRegistries() {
    NamedOptions.choices()
        .forEach(
            (name, known) -> {
              List<String> values = new ArrayList<>();
              properties.path(name).path("enum").forEach(v -> values.add(v.asText()));
              assertEquals(known, values, name);
            });
    assertEquals(
        PeftMethods.names().size(), properties.path("method").path("enum").size(), "a sample");
    assertTrue(properties.path("zero").path("enum").get(1).isInt(), "numbers are numbers");
  }

  /** A default that is written down is the option's: a file of all of them says nothing. */
  @Test
  void allDefaultsAreValues() throws IOException {
    ObjectNode all = Json.object();
    properties
        .properties()
        .forEach(
            e -> {
              if (e.getValue().has("default")) {
                all.set(e.getKey(), e.getValue().get("default"));
              }
            });
    assertEquals(Set.of(), problems(all.toString()));
    assertEquals("tlora", all.path("method").asText());
    assertEquals(2e-4, all.path("learning-rate").asDouble());
    assertEquals(8, all.path("batch-size").asInt());
    assertEquals("all-linear", all.path("target-modules").get(0).asText());
    assertFalse(all.path("no-shuffle").asBoolean(true));
    assertEquals(16, all.path("lora-plus-ratio").asDouble());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tlora --calibration-samples auto --train-a --init random --trainable-share 0.05",
        "lora+ --lora-plus-ratio 4 --labels regression --calibration-memory 1G --rank 2 --alpha 3",
        "adalora --rank 2 --adalora-beta1 0.5 --held-out 1 --save-every 5 --target-modules q_proj"
      })
  void filesThatTrainWritesFit(String options) throws IOException {
    SmallJob job = SmallJob.in(directory);
    List<String> line = new ArrayList<>(List.of("train", "--model", job.model().toString()));
    line.addAll(List.of("--data", job.data().toString(), "--template", "plain"));
    line.addAll(List.of("--output", directory.resolve("out").toString(), "--steps", "4"));
    line.addAll(List.of("--threads", "1", "--dtype", "float32", "--method"));
    line.addAll(List.of(options.split(" ")));
    Output run = Commands.run(line.toArray(String[]::new));
    assertEquals(0, run.status(), run.err());
    assertEquals(Set.of(), problems(Files.readString(directory.resolve("out/run.yaml"))));
  }

  /** As programs and the server write them, where all values are texts or lists. */
  @Test
  void filesOfProgramsFitWhereValuesOfMethodsAreTexts() throws IOException {
    assertEquals(
        Set.of(),
        problems(
            NamedOptions.yaml(
                Map.of(
                    "lora-plus-ratio", List.of("4"),
                    "train-a", List.of("true"),
                    "adalora-interval", List.of("3"),
                    "calibration-samples", List.of("auto"),
                    "target-modules", List.of("q_proj", "v_proj")))));
  }

  @Test
  void recipesFit() throws IOException {
    for (String recipe : Recipes.names()) {
      assertEquals(Set.of(), problems(Recipes.text(recipe)), recipe);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lerning-rate: 3                | lerning-rate
          config: a.yaml                 | config
          method: lroa                   | $.method:
          schedule: wavy                 | $.schedule:
          rank: many                     | $.rank:
          rank: 1.5                      | $.rank:
          learning-rate: fast            | $.learning-rate:
          no-shuffle: often              | $.no-shuffle:
          zero: 3                        | $.zero:
          lora-plus-ratio: -1            | $.lora-plus-ratio:
          lora-plus-ratio: much          | $.lora-plus-ratio:
          adalora-beta1: 1               | $.adalora-beta1:
          data: {a: b}                   | $.data:
          output: [a, b]                 | $.output:
          """)
  void whatTrainRefusesDoesNot(String yaml, String where) throws IOException {
    Set<String> problems = problems(yaml);
    assertEquals(1, problems.size(), problems.toString());
    assertTrue(problems.iterator().next().contains(where), problems.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: rows.jsonl",
        "data: [a.jsonl, b.jsonl]",
        "target-modules: q_proj",
        "labels: [0, 1]",
        "calibration-samples: 64",
        "save-every: 10m",
        "learning-rate: 1e-3",
        "epochs: 2",
        "seed: -1"
      })
  void otherFormsOfAValueFit(String yaml) throws IOException {
    assertEquals(Set.of(), problems(yaml));
  }

  @Test
  void otherCommandsHaveTheirOwn() {
    ObjectNode compare = Json.parseObject(Commands.run("schema", "compare").out(), "schema");
    assertTrue(compare.path("properties").has("methods"));
    assertFalse(compare.path("properties").has("method"));
  }
}
