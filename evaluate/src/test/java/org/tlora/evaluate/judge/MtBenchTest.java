/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Row;
import org.tlora.evaluate.SampleLog;
import org.tlora.fault.RunFault;
import org.tlora.golden.Shared;
import org.tlora.testing.TakesLong;
import org.tlora.text.chat.Message;

/** MT-Bench on the published questions, prompts and references, with a judge on this machine. */
class MtBenchTest {
  @TempDir private Path directory;

  private static List<Row> published(String name) {
    return RowFiles.read(DataFile.of(Shared.path("data/mt_bench-" + name + ".jsonl")));
  }

  private static ChatEndpoint endpoint(FakeJudge judge, String key) {
    return new ChatEndpoint(judge.url(), "fake", key, Duration.ofMillis(1));
  }

  private static MtBench bench(SampleLog log) {
    return new MtBench(
        published("question"),
        JudgePrompts.of(published("judge_prompts")),
        published("reference-gpt-4"),
        log);
  }

  private static MtBench.Answers answers(String first, String second) {
    Map<Long, List<String>> all = new LinkedHashMap<>();
    for (long id = 81; id <= 160; id++) {
      all.put(id, List.of(first + " " + id, second + " " + id));
    }
    return new MtBench.Answers(all, List.of());
  }

  @Test
  void everyAnswerIsRatedWithThePublishedPrompts() throws IOException {
    try (FakeJudge judge =
        new FakeJudge(p -> p.contains("### User:") ? "So-so. [[4]]" : "Good. Rating: [[8.5]]")) {
      MtBench.Result result =
          bench(SampleLog.none()).rate(answers("one", "two"), endpoint(judge, null), 8, l -> {});
      assertEquals(160, judge.asked.size());
      assertEquals(6.25, result.score().path("value").asDouble(), 1e-12);
      assertEquals(8.5, result.score().path("turn_1").asDouble());
      assertEquals(4, result.score().path("turn_2").asDouble());
      assertEquals(8, result.score().path("categories").size());
      assertEquals(20, result.score().path("categories").path("math").path("count").asInt());
      long withReference =
          judge.asked.stream().filter(r -> r.toString().contains("Reference")).count();
      assertEquals(60, withReference, "math, reasoning and coding, both turns");
      assertTrue(judge.asked.stream().allMatch(r -> r.path("temperature").asInt(-1) == 0));
      assertTrue(judge.asked.stream().noneMatch(r -> r.toString().contains("{question")));
      assertTrue(judge.asked.stream().anyMatch(r -> r.toString().contains("two 160")));
    }
  }

  @Test
  void failuresAreRepeatedAndRefusalsAreNot() throws IOException {
    try (FakeJudge judge = new FakeJudge(p -> "[[5]]")) {
      judge.failures.addAll(List.of(500, 0, 429, 1, 503));
      List<Message> hello = List.of(Message.of("system", "s"), Message.of("user", "u"));
      ChatEndpoint.Answer answer = endpoint(judge, "secret-key").ask(hello);
      assertEquals("[[5]]", answer.text());
      assertEquals(100, answer.promptTokens());
      assertEquals(6, judge.keys.size());
      assertTrue(judge.keys.stream().allMatch(k -> k.equals("Bearer secret-key")));
      judge.failures.add(401);
      RunFault fault = assertThrows(RunFault.class, () -> endpoint(judge, "secret-key").ask(hello));
      assertTrue(fault.getMessage().contains("TLORA_JUDGE_KEY"), fault.getMessage());
      assertFalse(fault.getMessage().contains("secret-key"));
      for (int i = 0; i < 7; i++) {
        judge.failures.add(500);
      }
      fault = assertThrows(RunFault.class, () -> endpoint(judge, null).ask(hello));
      assertTrue(fault.getMessage().contains("status 500"), fault.getMessage());
    }
  }

  /** What was judged before the endpoint gave up is not paid for again. */
  @TakesLong
  @Test
  void anInterruptedRunIsTakenUpWithoutTheKeyOnDisk() throws IOException {
    Shared.path("data/mt_bench-question.jsonl"); // where it is absent, skipped here: not as a fault
    Path file = directory.resolve("mt.jsonl");
    Map<String, String> settings = Map.of("judge", "fake");
    try (FakeJudge judge = new FakeJudge(p -> "[[7]]")) {
      try (SampleLog log = SampleLog.open(file, settings)) {
        assertThrows(
            RunFault.class,
            () ->
                bench(log)
                    .rate(
                        answers("one", "two"),
                        endpoint(judge, "secret-key"),
                        1,
                        l -> {
                          if (judge.asked.size() == 50) {
                            judge.failures.addAll(Collections.nCopies(200, 403));
                          }
                        }));
      }
      assertEquals(50, judge.asked.size());
      judge.failures.clear();
      try (SampleLog log = SampleLog.open(file, settings)) {
        MtBench.Result result =
            bench(log).rate(answers("one", "two"), endpoint(judge, "secret-key"), 4, l -> {});
        assertEquals(160, judge.asked.size(), "110 more");
        assertEquals(7, result.score().path("value").asDouble());
        log.finish(result.lines());
      }
    }
    assertEquals(160, Files.readAllLines(file).size());
    try (Stream<Path> files = Files.list(directory)) {
      for (Path f : files.toList()) {
        assertFalse(Files.readString(f).contains("secret-key"), f.toString());
      }
    }
  }

  @TakesLong
  @Test
  void comparisonsHoldInBothOrdersOrAreTies() throws IOException {
    // prefers "strong" wherever it stands, but for question 81, where it likes what comes first
    try (FakeJudge judge =
        new FakeJudge(
            p ->
                p.contains("qqstrong 81 ") || p.contains("qqstrong 81\n")
                    ? "[[A]]"
                    : p.indexOf("qqstrong") < p.indexOf("qqweak") ? "[[A]]" : "[[B]]")) {
      MtBench.Result result =
          bench(SampleLog.none())
              .compare(
                  answers("qqstrong", "qqstrong"),
                  answers("qqweak", "qqweak").byQuestion(),
                  endpoint(judge, null),
                  4,
                  l -> {});
      assertEquals(320, judge.asked.size());
      assertEquals(158, result.score().path("wins").asInt());
      assertEquals(2, result.score().path("ties").asInt());
      assertEquals(159.0 / 160, result.score().path("value").asDouble(), 1e-12);
    }
  }

  @Test
  void ratingsAreReadAsPublished() {
    assertEquals(10, MtBenchJudge.rating("Rating: [[10]]"));
    assertEquals(7.5, MtBenchJudge.rating("I give it [7.5]."));
    assertEquals(-1, MtBenchJudge.rating("Seven of ten"));
    assertEquals("C", MtBenchJudge.winner("... [[C]]"));
    assertEquals("error", MtBenchJudge.winner("A"));
  }
}
