/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.fault.UsageFault;
import org.tlora.run.RunEnd;
import org.tlora.run.RunStart;
import org.tlora.run.StepReport;

/** A run on its way to an MLflow server that has bad days. */
class MlflowTest {
  @TempDir private Path directory;
  private final List<String> said = new CopyOnWriteArrayList<>();
  private MlflowServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private MlflowSettings settings(int port) {
    return new MlflowSettings(
        "http://127.0.0.1:" + port,
        "Bearer secret",
        "tests",
        null,
        Duration.ofMillis(1500),
        Duration.ofMillis(5));
  }

  private MlflowTracking open(int port, long stepsTaken, boolean same) {
    Map<String, String> options = Map.of("rank", "4", "data", "x".repeat(900));
    return new MlflowTracking(
        new TrackedRun(directory, stepsTaken, same, options, said::add), settings(port));
  }

  private static void begin(MlflowTracking tracking) {
    tracking.started(new RunStart("lora", 10, 100, Map.of()));
  }

  private static void steps(MlflowTracking tracking, int from, int to) {
    for (int step = from; step < to; step++) {
      tracking.step(new StepReport(step, 100, Map.of("loss", 4.0 - step, "seconds.forward", 0.5)));
      if (step % 5 == 4) {
        tracking.evaluation(step, Map.of("eval_loss", 1.0 + step, "eval_pass@10", Double.NaN));
      }
    }
  }

  private static void end(MlflowTracking tracking) {
    tracking.ended(new RunEnd(20, false, null, Map.of()));
  }

  private static void await(BooleanSupplier what) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!what.getAsBoolean() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertTrue(what.getAsBoolean());
  }

  private void requireAll(int steps) {
    assertEquals(1, server.runs(), said.toString());
    assertEquals(steps, server.metric("loss").size(), said.toString());
    for (int step = 1; step <= steps; step++) {
      assertEquals(List.of(5.0 - step), server.metric("loss").get((long) step));
    }
    assertEquals(steps / 5, server.metric("eval_loss").size());
  }

  @Test
  void aRunHasItsOptionsNumbersFilesAndEnd() throws IOException {
    server = new MlflowServer(0);
    Path report = Files.writeString(directory.resolve("report.html"), "<p>é</p>");
    try (MlflowTracking tracking = open(server.port(), 0, true)) {
      begin(tracking);
      steps(tracking, 0, 10);
      tracking.best(5, "eval_loss", 5.0);
      end(tracking);
      tracking.written(report);
    }
    requireAll(10);
    assertEquals("4", server.parameters().get("rank"));
    assertEquals(500, server.parameters().get("data").length(), "as long as servers take it");
    assertEquals("10", server.parameters().get("trainable_parameters"));
    assertEquals("5", server.tags().get("best_step"));
    assertEquals(directory.getFileName().toString(), server.tags().get("mlflow.runName"));
    assertEquals("FINISHED", server.status());
    assertEquals("<p>é</p>", new String(server.file("7/run-1/artifacts/report.html"), UTF_8));
    assertEquals(2, server.metric("eval_pass_10").size(), "letters that it does not take");
    assertTrue(server.requests().stream().allMatch(r -> r.contains("Bearer secret")));
    assertEquals(List.of(), said);
  }

  @Test
  void aServerThatFailsNowAndThenGetsEverythingOnce() throws Exception {
    server = new MlflowServer(0);
    server.fail(503, 500, 429, 0, 502, 0, 500, 503); // 0: no answer in time
    try (MlflowTracking tracking = open(server.port(), 0, true)) {
      begin(tracking);
      steps(tracking, 0, 20);
      end(tracking);
      await(() -> server.status().equals("FINISHED"));
    }
    requireAll(20);
    assertEquals(0, server.failuresLeft());
  }

  /** The answer to runs/create is lost: the run that it made is found again. */
  @Test
  void aRunIsMadeOnce() throws IOException {
    server = new MlflowServer(0);
    server.loseAnswersTo("runs/create", 2);
    try (MlflowTracking tracking = open(server.port(), 0, true)) {
      begin(tracking);
      steps(tracking, 0, 5);
      end(tracking);
    }
    requireAll(5);
  }

  @Test
  void aServerThatIsAwayStopsNothingAndGetsAllWhenItIsBack() throws Exception {
    server = new MlflowServer(0);
    int port = server.port();
    server.close();
    long start = System.nanoTime();
    try (MlflowTracking tracking = open(port, 0, true)) {
      begin(tracking);
      steps(tracking, 0, 15);
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5), "it waits for nobody");
      await(() -> said.stream().anyMatch(s -> s.contains("is away")));
      server = new MlflowServer(port);
      await(() -> said.stream().anyMatch(s -> s.contains("is back")));
      steps(tracking, 15, 20);
      end(tracking);
    }
    requireAll(20);
    assertEquals(2, said.size(), said.toString());
  }

  @Test
  void whatIsNotSentWhenARunEndsIsSentByTheOneThatGoesOn() throws IOException {
    server = new MlflowServer(0);
    int port = server.port();
    server.close();
    try (MlflowTracking tracking = open(port, 0, true)) {
      begin(tracking);
      steps(tracking, 0, 12);
      tracking.ended(new RunEnd(12, true, null, Map.of()));
    }
    assertTrue(said.get(said.size() - 1).contains("wait in " + directory), said.toString());
    server = new MlflowServer(port);
    // steps 9 to 12 are taken again, and have been told before
    try (MlflowTracking tracking = open(port, 8, true)) {
      begin(tracking);
      steps(tracking, 8, 20);
      end(tracking);
    }
    requireAll(20);
    assertEquals("FINISHED", server.status());
    try (MlflowTracking tracking = open(port, 18, true)) {
      begin(tracking);
      steps(tracking, 18, 20);
    }
    requireAll(20);
    assertEquals("RUNNING", server.status());
  }

  @Test
  void aRunThatGoesOnOtherwiseTellsItsStepsAgain() throws IOException {
    server = new MlflowServer(0);
    try (MlflowTracking tracking = open(server.port(), 0, true)) {
      begin(tracking);
      steps(tracking, 0, 5);
    }
    try (MlflowTracking tracking = open(server.port(), 3, false)) {
      begin(tracking);
      tracking.step(new StepReport(3, 100, Map.of("loss", 77.0)));
    }
    assertEquals(List.of(1.0, 77.0), server.metric("loss").get(4L));
    assertEquals(1, server.runs());
  }

  @Test
  void whatTheServerRefusesIsSaidAndLeftOut() throws IOException {
    server = new MlflowServer(0);
    server.refuse("params", 400, "INVALID_PARAMETER_VALUE");
    try (MlflowTracking tracking = open(server.port(), 0, true)) {
      begin(tracking);
      steps(tracking, 0, 5);
      end(tracking);
    }
    requireAll(5);
    assertEquals(List.of("MLflow refuses params: status 400, INVALID_PARAMETER_VALUE it is"), said);
  }

  @Test
  void aServerThatDoesNotLetUsInIsSaidWithoutTheToken() throws IOException {
    server = new MlflowServer(0);
    server.refuse("", 403, "PERMISSION_DENIED");
    try (MlflowTracking tracking = open(server.port(), 0, true)) {
      begin(tracking);
      steps(tracking, 0, 5);
    }
    assertEquals(2, said.size(), said.toString());
    assertTrue(said.get(0).contains("does not let us in"), said.toString());
    assertFalse(said.toString().contains("secret"), said.toString());
    assertTrue(said.get(1).contains("7 entries"), said.toString());
  }

  @Test
  void filesOfAStoreThatIsNotBehindTheServerStayHere() throws IOException {
    server = new MlflowServer(0);
    server.artifactsIn("s3://bucket/7");
    Path report = Files.writeString(directory.resolve("report.html"), "x");
    try (MlflowTracking tracking = open(server.port(), 0, true)) {
      begin(tracking);
      end(tracking);
      tracking.written(report);
      tracking.written(report);
    }
    assertEquals(1, said.size(), said.toString());
    assertTrue(said.get(0).contains("s3://bucket/7"), said.toString());
  }

  @Test
  void theServerIsNamedByMlflowsOwnVariables() {
    UsageFault missing =
        assertThrows(UsageFault.class, () -> Trackers.check(List.of("mlflow"), Map.of()));
    assertTrue(missing.getMessage().contains("MLFLOW_TRACKING_URI"), missing.getMessage());
    assertThrows(
        UsageFault.class,
        () -> Trackers.check(List.of("mlflow"), Map.of("MLFLOW_TRACKING_URI", "file:/mlruns")));
    MlflowSettings user =
        MlflowSettings.of(
            Map.of(
                "MLFLOW_TRACKING_URI",
                "https://host/mlflow/",
                "MLFLOW_TRACKING_USERNAME",
                "u",
                "MLFLOW_TRACKING_PASSWORD",
                "p"));
    assertEquals("https://host/mlflow", user.server());
    assertEquals("Basic dTpw", user.authorization());
    assertFalse(user.toString().contains("dTpw"));
    JsonNode none = null;
    assertEquals(
        none, MlflowSettings.of(Map.of("MLFLOW_TRACKING_URI", "http://h")).authorization());
  }
}
