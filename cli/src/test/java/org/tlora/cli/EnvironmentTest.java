/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.runIn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.cli.Commands.Output;

/** Options from the environment: what they win against, that they are said, and what is none. */
class EnvironmentTest {
  private static final String SAID = "options from the environment: ";

  @TempDir private static Path shared;
  private static SmallJob job;
  @TempDir private Path directory;

  @BeforeAll
  static void prepare() throws IOException {
    job = SmallJob.in(shared);
  }

  private static String value(Path output, String key) throws IOException {
    return Files.readAllLines(output.resolve("run.yaml")).stream()
        .filter(l -> l.startsWith(key + ":"))
        .findFirst()
        .map(l -> l.substring(key.length() + 1).strip().replace("\"", ""))
        .orElse("");
  }

  private Map<String, String> environment(String... more) {
    Map<String, String> all = new TreeMap<>();
    all.put("TLORA_MODEL", job.model().toString());
    all.put("TLORA_DATA", job.data().toString());
    all.put("TLORA_OUTPUT", directory.resolve("out").toString());
    all.put("TLORA_METHOD", "lora");
    all.put("TLORA_THREADS", "1");
    for (String variable : more) {
      String[] both = variable.split("=", 2);
      all.put(both[0], both[1]);
    }
    return all;
  }

  /** Command line, environment, file, recipe, default. */
  @Test
  void oneSourceWinsAgainstTheNext() throws IOException {
    Path file = directory.resolve("c.yaml");
    Files.writeString(file, "template: plain\nrank: 3\nseed: 3\nlearning-rate: 0.3\nkeep: 3\n");
    Map<String, String> environment =
        environment(
            "TLORA_RANK=4",
            "TLORA_SEED=4",
            "TLORA_STEPS=1",
            "TLORA_HELD_OUT=1",
            "TLORA_CUTOFF_LENGTH= ");
    Output run =
        runIn(
            environment,
            "train",
            "--seed",
            "5",
            "--config",
            file.toString(),
            "--recipe",
            "math-small");
    assertEquals(0, run.status(), run.err());
    Path out = directory.resolve("out");
    assertEquals("5", value(out, "seed"), "the command line");
    assertEquals("4", value(out, "rank"), "the environment");
    assertEquals("1", value(out, "steps"), "the environment, not the recipe");
    assertEquals("0.3", value(out, "learning-rate"), "the file");
    assertEquals("plain", value(out, "template"), "the file");
    assertEquals("4", value(out, "batch-size"), "the recipe");
    assertEquals("512", value(out, "cutoff-length"), "the default: a blank is nothing");
    assertTrue(
        run.err()
            .contains(
                SAID
                    + "--model (TLORA_MODEL), --data (TLORA_DATA), --threads (TLORA_THREADS),"
                    + " --held-out (TLORA_HELD_OUT), --rank (TLORA_RANK), --steps (TLORA_STEPS),"
                    + " --output (TLORA_OUTPUT), --method (TLORA_METHOD)\n"),
        run.err());
  }

  @Test
  void flagsListsFilesAndConfigComeFromThereToo() throws IOException {
    Path second = Files.copy(job.data(), directory.resolve("b, c.jsonl"));
    Path file = Files.writeString(directory.resolve("c.yaml"), "template: plain\nbatch-size: 2\n");
    Output run =
        runIn(
            environment(
                "TLORA_DATA=" + job.data() + "\n" + second + "\n",
                "TLORA_TARGET_MODULES=q_proj,v_proj",
                "TLORA_NO_SHUFFLE=true",
                "TLORA_DEBUG=false",
                "TLORA_CONFIG=" + file,
                "TLORA_RECIPE=math-small",
                "TLORA_HELD_OUT=1",
                "TLORA_STEPS=1"),
            "train");
    assertEquals(0, run.status(), run.err());
    Path out = directory.resolve("out");
    String yaml = Files.readString(out.resolve("run.yaml"));
    assertTrue(yaml.contains("- \"" + job.data() + "\"\n- \"" + second + "\"\n"), yaml);
    assertTrue(yaml.contains("- \"q_proj\"\n- \"v_proj\"\n"), yaml);
    assertEquals("true", value(out, "no-shuffle"));
    assertEquals("2", value(out, "batch-size"), "of the file");
    assertEquals("float32", value(out, "dtype"), "of the recipe");
    assertTrue(yaml.lines().noneMatch(l -> l.matches("(config|recipe).*")), yaml);
  }

  @Test
  void anOptionOfAllCommandsComesFromThereToo() {
    Output run = runIn(Map.of("TLORA_DEBUG", "true"), "generate", "--model", "absent");
    assertEquals(2, run.status());
    assertTrue(run.err().contains("\tat "), run.err());
  }

  @Test
  void aRunIsResumedByTheEnvironment() {
    Map<String, String> environment = environment("TLORA_STEPS=2", "TLORA_TEMPLATE=plain");
    assertEquals(0, runIn(environment, "train").status());
    environment.keySet().retainAll(Set.of("TLORA_OUTPUT"));
    environment.put("TLORA_RESUME", "true");
    Output again = runIn(environment, "train");
    assertEquals(0, again.status(), again.err());
    assertTrue(again.err().contains("options that are not given are those of"), again.err());
  }

  @Test
  void commandsTakeThoseThatTheyHave() {
    Map<String, String> environment =
        Map.of(
            "TLORA_MODEL",
            job.model().toString(),
            "TLORA_LEARNING_RATE",
            "7",
            "TLORA_GREEDY",
            "true");
    Output text = runIn(environment, "generate", "--prompt", "a", "--max-new-tokens", "1");
    assertEquals(0, text.status(), text.err());
    assertEquals(SAID + "--model (TLORA_MODEL), --greedy (TLORA_GREEDY)\n", text.err());
    Output other = runIn(environment, "recipes");
    assertEquals("", other.err(), "it has none of them");
  }

  @ParameterizedTest
  @CsvSource({
    "TLORA_STEPS, many, 'many' is not a long",
    "TLORA_SCHEDULE, coside, did you mean cosine?",
    "TLORA_LEARNING_RATE, 1e99, must be auto or a number that float32 can hold",
    "TLORA_NO_SHUFFLE, often, 'often' is not a boolean",
    "TLORA_RECIPE, mth, did you mean math?",
    "TLORA_CONFIG, absent.yaml, absent.yaml cannot be read"
  })
  void wrongValuesAreRefusedAsOnTheCommandLine(String variable, String value, String said) {
    Output refused = runIn(environment(variable + "=" + value), "train");
    assertEquals(2, refused.status(), refused.err());
    assertTrue(refused.err().contains(said), refused.err());
    assertTrue(refused.err().contains("(" + variable + ")"), "and where from: " + refused.err());
    assertEquals(2, refused.err().lines().count(), refused.err());
  }

  @Test
  void variablesThatNothingUsesAreNamedWithoutTheirValues() {
    Map<String, String> environment =
        Map.of(
            "TLORA_LERNING_RATE", "secret-1",
            "TLORA_HUB_TOKEN", "secret-2",
            "TLORA_JUDGE_KEY", "secret-3",
            "TLORA_JAVA_OPTIONS", "secret-4",
            "OTHER", "secret-5");
    Output run = runIn(environment, "recipes");
    assertEquals(0, run.status());
    assertEquals(
        """
        the variable TLORA_HUB_TOKEN is used by nothing
        the variable TLORA_LERNING_RATE is used by nothing; did you mean TLORA_LEARNING_RATE?
        """,
        run.err());
    assertEquals("", runIn(environment, "--version").err(), "nothing is run");
    assertEquals("", runIn(environment, "train", "--help").err(), "nothing is run");
  }

  /** A service that is called tlora must not set the port of what is started in its name space. */
  @Test
  void whatKubernetesLeavesIsNoOption() {
    Map<String, String> environment =
        Map.of(
            "TLORA_PORT", "tcp://10.0.0.7:8080",
            "TLORA_PORT_8080_TCP", "tcp://10.0.0.7:8080",
            "TLORA_PORT_8080_TCP_ADDR", "10.0.0.7",
            "TLORA_SERVICE_HOST", "10.0.0.7",
            "TLORA_SERVICE_PORT_HTTP", "8080",
            "TLORA_SERVE_PORT", "tcp://10.0.0.7:8080",
            "TLORA_SERVE_SERVICE_PORT", "8080");
    Output run = runIn(environment, "serve", "--model", "absent");
    assertEquals(3, run.status(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    Output port = runIn(Map.of("TLORA_PORT", "99999"), "serve", "--model", "absent");
    assertTrue(port.err().contains(SAID + "--port (TLORA_PORT)"), port.err());
  }

  @Test
  void programsAreToldInTheirForm() {
    Output run = runIn(environment("TLORA_NIX=1"), "train", "--log-format", "json", "--steps", "x");
    List<String> lines = run.err().lines().toList();
    assertEquals(3, lines.size(), run.err());
    assertTrue(lines.get(0).startsWith("{\"event\":\"message\",\"text\":\"the variable TLORA_NIX"));
    assertTrue(lines.get(1).startsWith("{\"event\":\"message\",\"text\":\"" + SAID), run.err());
    assertTrue(lines.get(2).startsWith("{\"event\":\"error\""), run.err());
  }

  /** Of processes that share a command, one says it. */
  @Test
  void theFirstOfAGroupSpeaks() {
    Map<String, String> second =
        environment("RANK=1", "WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1", "TLORA_STEPS=many");
    Output run = runIn(second, "train");
    assertEquals(2, run.status());
    assertFalse(run.err().contains(SAID), run.err());
  }

  /** What the program reads itself is no mistyped option. */
  @Test
  void theProgramsOwnVariablesAreKnown() throws IOException {
    Path root = Path.of(System.getProperty("tlora.root", ".."));
    Set<String> read = new TreeSet<>(names(root.resolve("tlora")));
    for (String module : List.of("core", "evaluate", "library", "serve", "cli", "vector")) {
      try (Stream<Path> files = Files.walk(root.resolve(module + "/src"))) {
        for (Path f : files.filter(p -> p.toString().endsWith(".java")).toList()) {
          Matcher get = Pattern.compile("getenv\\(\"(TLORA_\\w+)\"").matcher(Files.readString(f));
          get.results().forEach(m -> read.add(m.group(1)));
        }
      }
    }
    read.add("TLORA_JUDGE_KEY"); // by a constant
    Map<String, String> environment = new TreeMap<>();
    read.forEach(name -> environment.put(name, "x"));
    assertEquals("", runIn(environment, "recipes").err());
    assertTrue(read.contains("TLORA_JAVA_OPTIONS"), read.toString());
  }

  private static Set<String> names(Path script) throws IOException {
    Set<String> all = new TreeSet<>();
    Matcher m = Pattern.compile("\\$\\{(TLORA_\\w+)").matcher(Files.readString(script));
    m.results().forEach(r -> all.add(r.group(1)));
    return all;
  }
}
