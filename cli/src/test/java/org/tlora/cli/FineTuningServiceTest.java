/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;

/** Fine-tuning through a server that may be killed at any moment. */
@StartsProcess
@DisabledOnOs(OS.WINDOWS)
class FineTuningServiceTest {
  private static final String JOBS = "/v1/fine_tuning/jobs";
  private static final Set<String> OVER = Set.of("succeeded", "failed", "cancelled");

  @TempDir private Path directory;
  private String address;

  @BeforeEach
  void model() {
    new TinyModels(directory.resolve("model"), DType.FLOAT32).close();
  }

  /** A server in a process of its own; its address is the first line of what it says. */
  private Child serve() throws IOException, InterruptedException {
    Path log = directory.resolve("log");
    Files.deleteIfExists(log);
    Child server =
        Child.start(
            log,
            List.of(
                "serve",
                "--model",
                directory.resolve("model").toString(),
                "--name",
                "tiny",
                "--port",
                "0",
                "--dtype",
                "float32",
                "--fine-tuning",
                directory.resolve("ft").toString(),
                "--training-threads",
                "1"));
    server.waitForBytes(log, "http://127.0.0.1:1\n".length());
    address = server.log().lines().filter(l -> l.startsWith("http")).findFirst().orElseThrow();
    return server;
  }

  private ObjectNode send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> got =
          HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertEquals(200, got.statusCode(), got.body());
      return Json.parseObject(got.body(), "the answer");
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private ObjectNode get(String path) {
    return send(HttpRequest.newBuilder(URI.create(address + path)));
  }

  private ObjectNode post(String path, String type, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(address + path))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private ObjectNode post(String path, String body) {
    return post(path, "application/json", body);
  }

  private String upload() {
    String rows = "{\"prompt\": \"say lani\", \"response\": \"lanilanilani\"}\n".repeat(12);
    String part = "--x\r\nContent-Disposition: form-data; name=";
    return post(
            "/v1/files",
            "multipart/form-data; boundary=x",
            part
                + "\"purpose\"\r\n\r\nfine-tune\r\n"
                + part
                + "\"file\"; filename=\"rows.jsonl\"\r\n\r\n"
                + rows
                + "\r\n--x--\r\n")
        .path("id")
        .asText();
  }

  private String job(String method, int steps, String more) {
    return post(
            JOBS,
            String.format(
                "{\"model\":\"tiny\",\"training_file\":\"%s\",\"seed\":5,\"suffix\":\"mine\","
                    + "\"method\":{\"type\":\"%s\",\"%s\":{\"rank\":4,\"steps\":%d,"
                    + "\"batch_size\":2,\"learning_rate\":0.05,\"template\":\"plain\"%s}}}",
                upload(), method, method, steps, more))
        .path("id")
        .asText();
  }

  private ObjectNode until(String job, Predicate<ObjectNode> holds) throws InterruptedException {
    ObjectNode now = get(JOBS + "/" + job);
    for (int i = 0; i < 2400 && !holds.test(now); i++) {
      assertFalse(OVER.contains(now.path("status").asText()), now.toString());
      Thread.sleep(50);
      now = get(JOBS + "/" + job);
    }
    assertTrue(holds.test(now), now + " " + get(JOBS + "/" + job + "/events?limit=50"));
    return now;
  }

  private ObjectNode end(String job, String status) throws InterruptedException {
    return until(job, j -> j.path("status").asText().equals(status));
  }

  private void awaitStep(String job, int step) throws InterruptedException {
    until(job, j -> steps(job).stream().anyMatch(s -> s >= step));
  }

  private List<Long> steps(String job) {
    List<Long> all = new ArrayList<>();
    for (JsonNode event : get(JOBS + "/" + job + "/events?limit=2000").path("data")) {
      if (event.at("/data/train_loss").isNumber()) {
        all.add(event.at("/data/step").asLong());
      }
    }
    return all;
  }

  private Path output(String job) {
    return directory.resolve("ft").resolve("jobs").resolve(job).resolve("output");
  }

  private static byte[] weights(Path output) throws IOException {
    return Files.readAllBytes(output.resolve("adapter_model.safetensors"));
  }

  /** The same job by the command line, in one piece. */
  private byte[] undisturbed(String job) throws IOException, InterruptedException {
    Path alone = directory.resolve("alone");
    String options = output(job).resolveSibling("job.yaml").toString();
    List<String> arguments = List.of("train", "--config", options, "--output", alone.toString());
    Child whole = Child.start(directory.resolve("log-alone"), arguments);
    assertEquals(0, whole.status(), whole.log());
    return weights(alone);
  }

  private String said(String model) {
    String body =
        "{\"model\":\"" + model + "\",\"prompt\":\"say lani\",\"temperature\":0,\"max_tokens\":12}";
    return post("/v1/completions", body).at("/choices/0/text").asText();
  }

  @Test
  void whatAJobMakesIsServedUnderItsName() throws Exception {
    Child server = serve();
    String id = job("tlora", 12, ",\"save_every\":\"6\",\"calibration_samples\":4");
    ObjectNode done = end(id, "succeeded");
    String model = done.path("fine_tuned_model").asText();
    assertTrue(model.matches("ft:tiny:mine:[a-z0-9]{8}"), model);
    assertTrue(done.path("trained_tokens").asLong() > 0);
    assertEquals(List.of(12L, 11L, 10L, 9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L), steps(id));
    String tuned = said(model);
    assertNotEquals(said("tiny"), tuned);
    JsonNode checkpoints = get(JOBS + "/" + id + "/checkpoints").path("data");
    assertEquals(1, checkpoints.size());
    assertEquals(6, checkpoints.get(0).path("step_number").asInt());
    assertTrue(checkpoints.get(0).at("/metrics/train_loss").asDouble() > 0);
    assertNotEquals("", said(checkpoints.get(0).path("fine_tuned_model_checkpoint").asText()));
    String results = done.at("/result_files/0").asText();
    assertTrue(get("/v1/files/" + results).path("bytes").asInt() > 100);
    String further =
        post(
                JOBS,
                String.format(
                    "{\"model\":\"%s\",\"training_file\":\"%s\",\"method\":{\"type\":\"lora\","
                        + "\"lora\":{\"rank\":4,\"steps\":2,\"template\":\"plain\"}}}",
                    model, done.path("training_file").asText()))
            .path("id")
            .asText();
    assertTrue(end(further, "succeeded").path("fine_tuned_model").asText().startsWith("ft:tiny::"));
    server.signal("TERM");
    assertEquals(143, server.status());

    serve();
    assertEquals(tuned, said(model)); // also after a restart
    send(HttpRequest.newBuilder(URI.create(address + "/v1/models/" + model)).DELETE());
    assertFalse(get("/v1/models").toString().contains(model));
    assertFalse(Files.exists(output(id)));
  }

  @Test
  void aJobThatWasPausedAndAServerThatWasKilledHaveTheBitsOfOneThatNeverWas() throws Exception {
    Child server = serve();
    String id = job("lora", 300, ",\"save_every\":\"20\",\"dropout\":0.1");
    awaitStep(id, 10);
    assertEquals("paused", post(JOBS + "/" + id + "/pause", "{}").path("status").asText());
    String second = job("lora", 4, "");
    end(second, "succeeded"); // it does not wait for one that is paused
    assertEquals("paused", get(JOBS + "/" + id).path("status").asText());
    post(JOBS + "/" + id + "/resume", "{}");
    awaitStep(id, 60);
    server.kill();

    Child again = serve();
    awaitStep(id, 120);
    again.signal("TERM"); // its job stops with it, and is not lost
    assertEquals(143, again.status());
    serve();
    assertEquals(300, steps(id, end(id, "succeeded")).size());
    assertArrayEquals(undisturbed(id), weights(output(id)));
  }

  private List<Long> steps(String job, ObjectNode done) {
    assertEquals(job, done.path("id").asText());
    return steps(job);
  }

  @Test
  void aJobThatIsCancelledEndsAndTheNextBegins() throws Exception {
    serve();
    String id = job("lora", 100_000, "");
    String next = job("lora", 3, "");
    awaitStep(id, 2);
    assertEquals("cancelled", post(JOBS + "/" + id + "/cancel", "{}").path("status").asText());
    end(next, "succeeded");
    ObjectNode cancelled = get(JOBS + "/" + id);
    assertEquals("cancelled", cancelled.path("status").asText());
    assertTrue(cancelled.path("fine_tuned_model").isNull());
  }

  @Test
  void aJobWhoseRowsCannotBeReadSaysWhatIsWrongWithThem() throws Exception {
    serve();
    String id = job("lora", 3, ",\"prompt_field\":\"question\",\"response_field\":\"answer\"");
    ObjectNode failed = end(id, "failed");
    String why = failed.at("/error/message").asText();
    assertTrue(why.contains("rows.jsonl") && why.contains("question"), why);
    assertFalse(why.contains(directory.toString()), why);
  }
}
