/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.cli.Commands.Output;
import org.tlora.format.Json;

/** What init writes runs as it is; what it asks, and that it writes over nothing. */
class InitTest {
  private static final String TERMINAL = "tlora.input";

  @TempDir private static Path shared;
  private static SmallJob job;
  @TempDir private Path directory;
  private Path file;

  @BeforeAll
  static void prepare() throws IOException {
    job = SmallJob.in(shared);
  }

  @BeforeEach
  void name() {
    file = directory.resolve("run.yaml");
  }

  private Output init(String... more) {
    List<String> line = new ArrayList<>(List.of("init", "--file", file.toString()));
    line.addAll(List.of(more));
    return Commands.run(line.toArray(String[]::new));
  }

  private Output asked(String answers, String... more) {
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(answers.getBytes(StandardCharsets.UTF_8)));
      System.setProperty(TERMINAL, "true");
      return init(more);
    } finally {
      System.clearProperty(TERMINAL);
      System.setIn(before);
    }
  }

  private JsonNode written() throws IOException {
    return new YAMLMapper().readTree(Files.readString(file));
  }

  private void fitsItsSchema() throws IOException {
    String first = Files.readAllLines(file).get(0);
    assertEquals("# yaml-language-server: $schema=run.schema.json", first);
    JsonNode schema = Json.readObject(directory.resolve("run.schema.json"));
    assertEquals(
        Set.of(),
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(schema)
            .validate(written()));
  }

  /** With every # gone that a value stands behind, it is still a file of options. */
  private void whatIsOfferedFitsToo() throws IOException {
    String all = Files.readString(file).replaceAll("(?m)^# ((?!yaml-)[a-z-]+: \\S+)$", "$1");
    assertTrue(all.contains("\nquantize: \"nf4\"\n") || all.contains("\nmethod: \"full\""), all);
    Files.writeString(file, all);
    fitsItsSchema();
  }

  @ParameterizedTest
  @CsvSource({"tlora, plenty", "lora, short", "full, short"})
  void whatItWritesRunsAsItIs(String method, String memory) throws IOException {
    Path output = directory.resolve("out");
    Output init =
        init(
            "--yes",
            "--model",
            job.model().toString(),
            "--data",
            job.data().toString(),
            "--method",
            method,
            "--output",
            output.toString(),
            "--memory",
            memory);
    assertEquals(0, init.status(), init.err());
    assertEquals("", init.out());
    assertTrue(init.err().contains("tlora train --config " + file), init.err());
    fitsItsSchema();
    assertEquals(memory.equals("short"), written().has("micro-batch-size"));
    Output run = Commands.run("train", "--threads", "1", "--config", file.toString());
    assertEquals(0, run.status(), run.err());
    assertFalse(run.err().contains("does nothing"), run.err());
    assertTrue(Files.exists(output.resolve("run.yaml")));
    whatIsOfferedFitsToo();
  }

  @Test
  void rowsToBeginWithAreWrittenWhereThereAreNone() throws IOException {
    Output init = init("--yes", "--model", job.model().toString(), "--output", directory + "/o");
    assertEquals(0, init.status(), init.err());
    String data = written().path("data").asText();
    assertTrue(data.endsWith("rows.jsonl") || data.startsWith("data"), data);
    if (data.endsWith("rows.jsonl")) { // else one that lies where tests are run
      assertTrue(init.err().contains("rows to begin with"), init.err());
    }
    Output run = Commands.run("train", "--threads", "1", "--config", file.toString());
    assertEquals(0, run.status(), run.err());
  }

  @Test
  void answersAreTakenFromATerminal() throws IOException {
    String answers = job.model() + "\nabsent.jsonl\n" + job.data() + "\nlroa\nlora\n\nshort\n";
    Output init = asked(answers);
    assertEquals(0, init.status(), init.err());
    assertEquals("", init.out(), "questions are no results");
    assertTrue(init.err().contains("absent.jsonl: no such file"), init.err());
    assertTrue(init.err().contains("did you mean lora?"), init.err());
    assertEquals(job.model().toString(), written().path("model").asText());
    assertEquals(job.data().toString(), written().path("data").asText());
    assertEquals("lora", written().path("method").asText());
    assertEquals("out/run", written().path("output").asText());
    assertEquals(1, written().path("micro-batch-size").asInt());
    Output given =
        asked(
            "\n",
            "--force",
            "--model",
            "m",
            "--data",
            "" + job.data(),
            "--method",
            "lora",
            "--output",
            "o",
            "--memory",
            "plenty");
    assertEquals(0, given.status(), given.err());
    assertFalse(given.err().contains("Model"), "what is given is not asked: " + given.err());
  }

  @Test
  void whereNobodyCanAnswerItSaysSo() {
    Output none = init();
    assertEquals(2, none.status());
    assertEquals(1, none.err().lines().count(), none.err());
    assertTrue(none.err().contains("no terminal: add --yes"), none.err());
    Output ended = asked("");
    assertEquals(2, ended.status());
    assertTrue(ended.err().contains("standard input has ended before 'Model'"), ended.err());
    assertFalse(Files.exists(file));
  }

  @Test
  void nothingIsWrittenOver() throws IOException {
    Files.writeString(file, "mine");
    Output refused = init("--yes");
    assertEquals(2, refused.status());
    assertTrue(refused.err().contains("is there already; --force"), refused.err());
    assertEquals("mine", Files.readString(file));
    Files.delete(file);
    Path schema = Files.writeString(directory.resolve("run.schema.json"), "{}");
    assertEquals(2, init("--yes").status(), "nor another schema");
    assertFalse(Files.exists(file));
    Output forced = init("--yes", "--force", "--data", job.data().toString());
    assertEquals(0, forced.status(), forced.err());
    assertTrue(Files.readString(schema).contains("$id"));
    assertEquals(0, init("--yes", "--force", "--data", job.data().toString()).status());
    Files.delete(file);
    assertEquals(0, init("--yes", "--data", job.data().toString()).status(), "its own, again");
  }

  @ParameterizedTest
  @CsvSource({
    "--method, tlroa, did you mean tlora?",
    "--memory, shor, did you mean short?",
    "--data, absent.jsonl, no such file",
    "--data, absent.jsonl@2, no such file"
  })
  void wrongAnswersInAdvanceAreRefused(String option, String value, String said) {
    Output refused = init("--yes", option, value);
    assertEquals(2, refused.status(), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains(said), refused.err());
    assertFalse(Files.exists(file));
  }
}
