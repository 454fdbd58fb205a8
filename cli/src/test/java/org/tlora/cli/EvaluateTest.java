/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.evaluate.judge.FakeJudge;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;

/** Tasks through the command line: samples, resuming, repeats, likelihood, comparing. */
class EvaluateTest {
  private static final String TASK =
      """
      name: games
      prompt: "{question}"
      max-new-tokens: 16
      stop: ["\\n"]
      grader:
        kind: pattern
        pattern: "[a-z]+"
        gold: answer
      category: kind
      choices:
        prompt: "{question}"
        fixed: [ekonab, banoke]
        gold: answer
        names: [ekonab, banoke]
      """;

  @TempDir private static Path shared;
  private static Path model;
  @TempDir private Path directory;
  private Path task;
  private Path rows;

  @BeforeAll
  static void unpackModel() {
    model = shared.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
  }

  @BeforeEach
  void writeTask() throws IOException {
    task = Files.writeString(directory.resolve("games.yaml"), TASK);
    StringBuilder lines = new StringBuilder();
    for (String[] row :
        new String[][] {
          {"Write banoke backwards.", "ekonab", "backwards"},
          {"Repeat banoke.", "ekonab", "repeat"},
          {"Write banoke backwards.", "ekonab", "backwards"},
          {"Repeat banoke.", "banoke", "repeat"}
        }) {
      ObjectNode json = Json.object().put("question", row[0]).put("answer", row[1]);
      lines.append(Json.compact(json.put("kind", row[2]))).append('\n');
    }
    rows = Files.writeString(directory.resolve("rows.jsonl"), lines.toString());
  }

  private Output evaluate(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("evaluate", "--task", task.toString(), "--model", "" + model));
    arguments.addAll(List.of("--task-data", rows.toString(), "--dtype", "float32"));
    return Commands.runWith(arguments, more);
  }

  private static JsonNode score(Output result) {
    assertEquals(0, result.status(), result.err());
    return Json.parse(result.out(), "the score");
  }

  @Test
  void scoresHaveErrorsCategoriesAndSpeed() throws IOException {
    Path samples = directory.resolve("samples.jsonl");
    JsonNode score = score(evaluate("--samples", samples.toString()));
    assertEquals("games", score.path("task").asText());
    int right = 0;
    List<String> lines = Files.readAllLines(samples);
    assertEquals(4, lines.size());
    for (String line : lines) {
      right += Json.parse(line, "a sample").path("correct").asBoolean() ? 1 : 0;
    }
    assertTrue(right >= 2 && right < 4, "it knows how to write backwards: " + lines);
    assertEquals(right / 4.0, score.path("value").asDouble());
    assertEquals(
        Math.sqrt(right / 4.0 * (1 - right / 4.0) / 3), score.path("stderr").asDouble(), 1e-9);
    assertEquals(1.0, score.path("categories").path("backwards").path("value").asDouble());
    assertTrue(score.path("tokens_per_second").asDouble() > 0);
    assertFalse(Files.exists(directory.resolve("samples.jsonl.partial")));
  }

  @Test
  void anInterruptedEvaluationIsTakenUp() throws IOException {
    Path samples = directory.resolve("samples.jsonl");
    Path partial = directory.resolve("samples.jsonl.partial");
    String good = Files.readString(rows);
    Files.writeString(rows, good + "{\"question\":\"Spell mo.\",\"kind\":\"spell\"}\n");
    String[] one = {"--samples", samples.toString(), "--batch-size", "1"};
    Output stopped = evaluate(one);
    assertEquals(3, stopped.status(), "the last row has no answer to grade against");
    List<String> left = new ArrayList<>(Files.readAllLines(partial));
    assertEquals(5, left.size(), "the settings and four samples");
    ObjectNode marked = (ObjectNode) Json.parse(left.get(1), "a sample");
    left.set(1, Json.compact(marked.put("completion", "taken up")));
    left.set(3, left.get(3).replace("Write banoke", "Another prompt"));
    left.set(4, left.get(4).substring(0, 20)); // cut off in the middle of a line
    Files.writeString(partial, String.join("\n", left));

    Files.writeString(rows, good);
    score(evaluate(one));
    List<String> whole = Files.readAllLines(samples);
    assertEquals(4, whole.size());
    assertEquals("taken up", Json.parse(whole.get(0), "a sample").path("completion").asText());
    assertTrue(whole.get(2).contains("Write banoke"), "another prompt's sample is no sample");
    assertFalse(Files.exists(partial));

    Files.writeString(partial, left.get(0).replace("generated", "likelihood") + "\n");
    Output other = evaluate(one);
    assertEquals(2, other.status());
    assertTrue(other.err().contains("other settings"), other.err());
  }

  @Test
  void repeatsGivePassAtK() throws IOException {
    Path samples = directory.resolve("samples.jsonl");
    JsonNode score =
        score(evaluate("--repeats", "10", "--temperature", "0.8", "--samples", samples.toString()));
    assertEquals(4, score.path("count").asInt());
    assertEquals(40, Files.readAllLines(samples).size());
    assertTrue(score.path("pass@10").asDouble() >= score.path("value").asDouble());
    Output greedy = evaluate("--repeats", "2");
    assertEquals(2, greedy.status());
    assertTrue(greedy.err().contains("--temperature"), greedy.err());
  }

  @Test
  void choicesByLikelihoodHaveTwoScores() throws IOException {
    Path samples = directory.resolve("samples.jsonl");
    JsonNode score = score(evaluate("--scoring", "likelihood", "--samples", samples.toString()));
    assertEquals("acc", score.path("metric").asText());
    assertEquals(0.75, score.path("value").asDouble(), "it repeats and writes backwards");
    assertTrue(score.has("acc_norm") && score.has("acc_bytes"));
    JsonNode line = Json.parse(Files.readAllLines(samples).get(0), "a sample");
    assertEquals(2, line.path("log_likelihoods").size());
    Output none = evaluate("--task", "gsm8k", "--scoring", "likelihood");
    assertEquals(2, none.status());
  }

  /** By characters, as lm-evaluation-harness has it: other letters have more bytes. */
  @Test
  void lengthsAreThoseOfCharacters() throws IOException {
    String choices = "fixed: [\"\\U0001F600\\U0001F601\\U0001F602\", abcdef]";
    Files.writeString(task, TASK.replace("fixed: [ekonab, banoke]", choices));
    Path samples = directory.resolve("samples.jsonl");
    Files.writeString(rows, "{\"question\":\"Spell mo.\",\"answer\":\"ekonab\",\"kind\":\"k\"}\n");
    score(evaluate("--scoring", "likelihood", "--samples", samples.toString()));
    JsonNode line = Json.parse(Files.readAllLines(samples).get(0), "a sample");
    double faces = line.path("log_likelihoods").get(0).asDouble();
    double letters = line.path("log_likelihoods").get(1).asDouble();
    int norm = faces / 3 > letters / 6 ? 0 : 1;
    int bytes = faces / 12 > letters / 6 ? 0 : 1;
    assertEquals(norm, line.path("extracted_norm").asInt());
    assertEquals(bytes, line.path("extracted_bytes").asInt());
    assertEquals(norm == 0, line.path("acc_norm").asBoolean());
    assertEquals(bytes == 0, line.path("acc_bytes").asBoolean());
  }

  @Test
  void answersAreReadLenientlyOnRequest() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String said : List.of("#### 18", "So \\boxed{18}.", "It is 17", "The answer is: 18")) {
      ObjectNode row = Json.object().put("question", "q").put("answer", "#### 18");
      lines.append(Json.compact(row.put("completion", said))).append('\n');
    }
    Path given = Files.writeString(directory.resolve("given.jsonl"), lines.toString());
    List<String> command =
        List.of("evaluate", "--task", "gsm8k", "--completions", given.toString());
    JsonNode published = score(Commands.runWith(command));
    assertEquals("published", published.path("grading").asText());
    assertEquals(0.25, published.path("value").asDouble());
    assertEquals(0.75, published.path("value_lenient").asDouble());
    JsonNode lenient = score(Commands.runWith(command, "--grading", "lenient"));
    assertEquals("lenient", lenient.path("grading").asText());
    assertEquals(0.75, lenient.path("value").asDouble());
    assertEquals(0.25, lenient.path("value_published").asDouble());
    Output no = Commands.runWith(command, "--grading", "kind");
    assertEquals(2, no.status());
    assertTrue(no.err().contains("published or lenient"), no.err());
    assertEquals(2, evaluate("--scoring", "likelihood", "--grading", "lenient").status());
    assertEquals(2, Commands.runWith(command, "--repeats", "2").status());
    assertEquals(2, run("evaluate", "--task", "cola", "--grading", "lenient").status());
  }

  /**
   * Infinite, no number, or beyond float32: refused by the option's name before a model is read.
   */
  @ParameterizedTest
  @CsvSource({
    "--temperature,NaN",
    "--temperature,Infinity",
    "--temperature,1e39",
    "--temperature,1e400",
    "--temperature,-1",
    "--top-p,NaN",
    "--top-p,0",
    "--top-p,1e39",
    "--repetition-penalty,NaN",
    "--repetition-penalty,Infinity",
    "--repetition-penalty,1e39",
    "--repetition-penalty,0",
    "--frequency-penalty,NaN",
    "--frequency-penalty,-Infinity",
    "--min-p,NaN",
    "--min-p,2"
  })
  void numbersThatAreNoneAreRefusedByName(String option, String value) {
    List<String> generate = List.of("generate", "--model", "" + model, "--prompt", "Spell mo.");
    List<Output> all = new ArrayList<>(List.of(Commands.runWith(generate, option, value)));
    if (!value.equals("-1")) { // which greedy choice has no use for
      all.add(Commands.runWith(generate, option, value, "--greedy"));
    }
    if (option.equals("--temperature") || option.equals("--top-p")) {
      all.add(evaluate(option, value));
    }
    for (Output output : all) {
      assertEquals(2, output.status(), output.err());
      assertTrue(output.err().contains(option + " must be"), output.err());
    }
  }

  @Test
  void twoEvaluationsAreCompared() throws IOException {
    Path a = directory.resolve("a.jsonl");
    Path b = directory.resolve("b.jsonl");
    score(evaluate("--samples", a.toString()));
    Files.writeString(b, Files.readString(a).replaceFirst("\"correct\":true", "\"correct\":false"));
    JsonNode c = score(run("evaluate", "--compare", a.toString(), b.toString()));
    assertEquals(-0.25, c.path("difference").asDouble());
    assertEquals("[1]", Json.compact(c.path("lost")));
    assertEquals(1.0, c.path("p_value").asDouble(), 1e-9, "one flip says nothing");
    Output no = run("evaluate", "--compare", a.toString(), rows.toString());
    assertEquals(3, no.status());
    assertTrue(no.err().contains("is no sample"), no.err());
  }

  /** Two turns through the model's own chat template, rated by a judge that fails at first. */
  /** They were passed over, or a negative limit ended with a trace. */
  @ParameterizedTest
  @CsvSource({
    "--repeats,3",
    "--temperature,0.7",
    "--top-p,0.5",
    "--scoring,likelihood",
    "--limit,-1",
    "--batch-size,0"
  })
  void whatAJudgeHasNoUseForIsRefused(String option, String value) {
    Output refused = evaluate("--task", "mt-bench", option, value);
    assertEquals(2, refused.status(), refused.err());
    assertTrue(refused.err().contains(option), refused.err());
  }

  private Path chatModel() throws IOException {
    Path chat = directory.resolve("chat");
    new TinyModels(chat, DType.FLOAT32).close();
    Path config = chat.resolve("tokenizer_config.json");
    ObjectNode json = Json.readObject(config);
    json.put(
        "chat_template",
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: ");
    Files.writeString(config, Json.pretty(json));
    return chat;
  }

  @Test
  void mtBenchIsAnsweredAndJudged() throws IOException {
    Path chat = chatModel();
    Path questions =
        Files.writeString(
            directory.resolve("questions.jsonl"),
            """
            {"question_id": 1, "category": "stem", "turns": ["Spell wu.", "Again?"]}
            {"question_id": 2, "category": "extraction", "turns": ["Repeat mo.", "Why?"]}
            """);
    StringBuilder prompts = new StringBuilder();
    for (String name : List.of("single-v1", "single-v1-multi-turn")) {
      ObjectNode prompt = Json.object().put("name", name).put("system_prompt", "Judge.");
      String places = name.endsWith("turn") ? "{question_2} {answer_2}" : "{question} {answer}";
      prompts.append(Json.compact(prompt.put("prompt_template", "Rate: " + places))).append('\n');
    }
    Path judgePrompts = Files.writeString(directory.resolve("prompts.jsonl"), prompts.toString());
    Path samples = directory.resolve("mt.jsonl");
    try (FakeJudge judge = new FakeJudge(p -> "[[6]]")) {
      judge.failures.addAll(List.of(500, 0));
      Output result =
          run(
              "evaluate",
              "--task",
              "mt-bench",
              "--model",
              chat.toString(),
              "--dtype",
              "float32",
              "--task-data",
              questions.toString(),
              "--judge-url",
              judge.url(),
              "--judge-model",
              "fake",
              "--judge-prompts",
              judgePrompts.toString(),
              "--judge-references",
              questions.toString(),
              "--judge-patience",
              "1",
              "--judge-prices",
              "10,30",
              "--samples",
              samples.toString());
      JsonNode score = score(result);
      assertEquals(6, score.path("value").asDouble());
      assertEquals(4, score.path("count").asInt());
      assertEquals(400, score.path("judge_prompt_tokens").asLong());
      assertEquals((400 * 10 + 40 * 30) / 1e6, score.path("judge_cost").asDouble(), 1e-12);
      assertTrue(result.err().contains("spent"), result.err());
    }
    assertEquals(8, Files.readAllLines(samples).size(), "four answers, four judgments");
    Output none = evaluate("--task", "mt-bench");
    assertEquals(2, none.status());
    assertTrue(none.err().contains("--judge-url"), none.err());
  }

  /** What FastChat's judge reads; nothing is judged here. */
  @Test
  void answersGoToFastChatWithoutAJudge() throws IOException {
    Path chat = chatModel();
    Path questions = directory.resolve("questions.jsonl");
    Files.writeString(
        questions,
        """
        {"question_id": 82, "category": "writing", "turns": ["Say ekonab.", "Again."]}
        {"question_id": 81, "category": "writing", "turns": ["Say banoke.", "Once more."]}
        """);
    Path answers = directory.resolve("my-model.jsonl");
    String[] options = {
      "evaluate",
      "--task",
      "mt-bench",
      "--model",
      chat.toString(),
      "--dtype",
      "float32",
      "--task-data",
      questions.toString(),
      "--samples-format",
      "fastchat"
    };
    List<String> all = new ArrayList<>(List.of(options));
    assertTrue(run(options).err().contains("--samples-format needs --samples"));
    all.addAll(List.of("--samples", answers.toString()));
    assertEquals(4, score(run(all.toArray(String[]::new))).path("answers").asInt());
    List<JsonNode> lines =
        Files.readAllLines(answers).stream().map(l -> Json.parse(l, "an answer")).toList();
    assertEquals(List.of(81, 82), lines.stream().map(l -> l.path("question_id").asInt()).toList());
    for (JsonNode line : lines) {
      assertEquals("my-model", line.path("model_id").asText());
      assertEquals(36, line.path("answer_id").asText().length());
      assertEquals(2, line.path("choices").path(0).path("turns").size(), "both turns");
      assertTrue(line.path("tstamp").isDouble());
    }
  }

  @Test
  @StartsProcess
  void programsGoToEvalPlusInItsOwnForm() throws IOException {
    Path rows =
        Files.writeString(
            directory.resolve("mbpp.jsonl"),
            """
            {"task_id": 11, "text": "Twice.", "code": "def twice(x):\\n    return 2 * x", \
            "test_list": ["assert twice(2) == 4"], \
            "completion": "def twice(x):\\n    return x + x"}
            """);
    Path samples = directory.resolve("samples.jsonl");
    Output graded =
        run(
            "evaluate",
            "--task",
            "mbpp",
            "--completions",
            rows.toString(),
            "--samples",
            samples.toString(),
            "--samples-format",
            "evalplus");
    assertEquals(1, score(graded).path("value").asInt(), graded.err());
    JsonNode line = Json.parse(Files.readString(samples).strip(), "a sample");
    assertEquals("Mbpp/11", line.path("task_id").asText());
    assertEquals("def twice(x):\n    return x + x", line.path("solution").asText());
    assertEquals(2, line.size());
    Output two =
        run(
            "evaluate",
            "--task",
            "mbpp,gsm8k",
            "--completions",
            rows.toString(),
            "--samples",
            samples.toString(),
            "--samples-format",
            "evalplus");
    assertEquals(2, two.status());
    assertTrue(two.err().contains("--samples-format evalplus is for one task"), two.err());
  }
}
