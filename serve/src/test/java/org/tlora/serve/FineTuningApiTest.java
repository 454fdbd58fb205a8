/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;

/** Files and jobs as clients see them; what trains here is a program that fails at once. */
class FineTuningApiTest {
  private static final String FILES = "/v1/files";
  private static final String JOBS = "/v1/fine_tuning/jobs";
  private static final String ROWS = "{\"prompt\": \"say lani\", \"response\": \"lanilani\"}\n";
  @TempDir private static Path directory;
  private static TinyService service;
  private static Server server;
  private static Client client;
  private static String file;

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
    server = service.start(service.options().fineTuning(options(directory.resolve("ft"))));
    client = new Client(server);
    file = client.upload(FILES, "fine-tune", "rows.jsonl", ROWS.repeat(3)).id();
  }

  private static FineTuningOptions options(Path root) {
    List<String> failing = List.of("sh", "-c", "echo WARNING: no; echo it is broken >&2; exit 9");
    return new FineTuningOptions(root, failing, Map.of("model", "nowhere"), Map.of(), 1000);
  }

  @AfterAll
  static void end() {
    server.close();
    service.close();
  }

  private static String job(String more) {
    return "{\"model\":\"tiny\",\"training_file\":\"" + file + "\"" + more + "}";
  }

  @Test
  void aFileIsKeptListedReadAndDeleted() throws IOException {
    Client.Reply sent = client.upload(FILES, "fine-tune", "../../etc/a b;$x.jsonl", ROWS);
    ObjectNode one = sent.json();
    assertEquals("a_b__x.jsonl", one.path("filename").asText());
    assertEquals(ROWS.length(), one.path("bytes").asInt());
    String path = FILES + "/" + sent.id();
    assertEquals(one, client.get(path).json());
    assertEquals(ROWS, client.get(path + "/content").text());
    assertTrue(ids(client.get(FILES + "?purpose=fine-tune")).contains(sent.id()));
    assertFalse(ids(client.get(FILES + "?purpose=other")).contains(sent.id()));
    assertTrue(client.delete(path).json().path("deleted").asBoolean());
    assertEquals(404, client.get(path).status());
    assertEquals(404, client.get(FILES + "/..%2f..%2fjobs.db/content").status());
    try (Stream<Path> all = Files.walk(directory.resolve("ft").resolve("files"))) {
      assertFalse(all.anyMatch(p -> p.toString().contains(sent.id())));
    }
  }

  private static List<String> ids(Client.Reply page) {
    return page.json().path("data").findValuesAsText("id");
  }

  @Test
  void whatIsNoFileForTrainingIsRefused() throws IOException {
    assertEquals(400, client.upload(FILES, "assistants", "a.jsonl", ROWS).status());
    assertEquals("purpose", client.upload(FILES, "vision", "a.jsonl", ROWS).error("param"));
    Client.Reply large = client.upload(FILES, "fine-tune", "a.jsonl", ROWS.repeat(30));
    assertEquals(413, large.status(), large.text());
    assertEquals("body_too_large", large.error("code"));
    assertEquals(415, client.post(FILES, "{}").status());
    Client.Reply broken =
        client.form(
            FILES, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n");
    assertEquals(400, broken.status(), broken.text());
    Client.Reply unbounded =
        client.send(
            client
                .request(FILES)
                .header("Content-Type", "multipart/form-data")
                .POST(HttpRequest.BodyPublishers.ofString("--x--")));
    assertEquals(400, unbounded.status(), unbounded.text());
    Client.Reply empty = client.form(FILES, "--x--\r\n");
    assertEquals("file", empty.error("param"), empty.text());
    try (Stream<Path> all = Files.list(directory.resolve("ft").resolve("files"))) {
      assertFalse(all.anyMatch(p -> p.toString().endsWith(".partial")));
    }
  }

  @Test
  void aPreviewShowsWhatIsLearned() {
    JsonNode row =
        client.get(FILES + "/" + file + "/preview?rows=1&template=plain").json().at("/rows/0");
    assertEquals("prompt-response", row.path("format").asText());
    StringBuilder learned = new StringBuilder();
    for (JsonNode part : row.path("parts")) {
      learned.append(part.path("learned").asBoolean() ? part.path("text").asText() : "");
    }
    assertTrue(learned.toString().startsWith("lanilani"), learned.toString());
    assertEquals(
        400, client.get(FILES + "/" + file + "/preview?rows=0").status(), "rows is out of range");
    assertEquals(400, client.get(FILES + "/" + file + "/preview?template=no").status());
  }

  @Test
  void whatCannotBePreviewedIsNamedAsItsOwnerNamesIt() {
    String bytes = client.upload(FILES, "fine-tune", "bytes.jsonl", "no object\n").id();
    Client.Reply reply = client.get(FILES + "/" + bytes + "/preview");
    assertEquals(400, reply.status(), reply.text());
    assertEquals("file_id", reply.error("param"));
    assertTrue(reply.error("message").startsWith("bytes.jsonl"), reply.text());
    assertFalse(reply.text().contains(directory.toString()), reply.text());
  }

  @Test
  void aJobThatFailsSaysWhy() throws InterruptedException {
    ObjectNode made = client.post(JOBS, job(",\"metadata\":{\"team\":\"a\"}")).json();
    assertEquals("fine_tuning.job", made.path("object").asText());
    String path = JOBS + "/" + made.path("id").asText();
    ObjectNode now = failed(path);
    assertEquals("it is broken", now.at("/error/message").asText());
    assertEquals("error", client.get(path + "/events").json().at("/data/0/level").asText());
    assertTrue(now.path("fine_tuned_model").isNull());
    assertEquals("supervised", now.at("/method/type").asText()); // OpenAI's word for TLoRA
    assertTrue(ids(client.get(JOBS + "?metadata[team]=a")).contains(made.path("id").asText()));
    assertFalse(ids(client.get(JOBS + "?metadata[team]=b")).contains(made.path("id").asText()));
    assertEquals(400, client.post(path + "/cancel", "{}").status());
    assertEquals(400, client.post(path + "/pause", "{}").status());
    assertEquals(404, client.get(path + "/report").status());
    assertEquals(0, client.get(path + "/checkpoints").json().path("data").size());
  }

  private static ObjectNode failed(String path) throws InterruptedException {
    ObjectNode now = client.get(path).json();
    for (int i = 0; i < 400 && !now.path("status").asText().equals("failed"); i++) {
      Thread.sleep(50);
      now = client.get(path).json();
    }
    assertEquals("failed", now.path("status").asText());
    return now;
  }

  @Test
  void eventsComeInPages() throws InterruptedException {
    String id = client.post(JOBS, job("")).json().path("id").asText();
    failed(JOBS + "/" + id);
    String path = JOBS + "/" + id + "/events";
    ObjectNode first = client.get(path + "?limit=2").json();
    assertTrue(first.path("has_more").asBoolean());
    String after = first.path("last_id").asText();
    ObjectNode second = client.get(path + "?limit=1&after=" + after).json();
    assertEquals("Created fine-tuning job: " + id, second.at("/data/0/message").asText());
    assertFalse(second.path("has_more").asBoolean());
    assertEquals(400, client.get(path + "?after=x").status());
    assertEquals(400, client.get(path + "?limit=0").status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"method\":{\"type\":\"dpo\"};method.type",
        "\"method\":{\"type\":\"full\"};method.type",
        "\"method\":{\"type\":\"nothing\"};method",
        "\"method\":{\"type\":\"lora\",\"tlora\":{}};method",
        "\"method\":{\"type\":\"lora\",\"lora\":{\"rank\":\"many\"}};method",
        "\"method\":{\"type\":\"lora\",\"lora\":{\"rank\":-1}};method",
        "\"method\":{\"type\":\"lora\",\"lora\":{\"rnak\":8}};method",
        "\"method\":{\"type\":\"lora\",\"lora\":{\"train_a\":true}};method",
        "\"method\":{\"type\":\"lora\",\"lora\":{\"output\":\"/etc\"}};method.lora.output",
        "\"method\":{\"type\":\"lora\",\"lora\":{\"new_tokens\":[\"a\"]}};method.lora.new_tokens",
        "\"method\":{\"type\":\"lora\",\"lora\":{\"calibration_data\":\"/etc/passwd\"}};"
            + "calibration_data",
        "\"hyperparameters\":{\"learning_rate_multiplier\":-1};"
            + "hyperparameters.learning_rate_multiplier",
        "\"hyperparameters\":{\"learning_rate_multiplier\":1,\"learning_rate\":1};"
            + "hyperparameters.learning_rate",
        "\"suffix\":\"a/b\";suffix",
        "\"metadata\":{\"a\":1};metadata",
        "\"integrations\":[{\"type\":\"wandb\"}];integrations",
        "\"validation_file\":\"file-none\";validation_file",
      })
  void whatCannotBeTrainedIsRefused(String field, String param) {
    Client.Reply reply = client.post(JOBS, job("," + field));
    assertEquals(400, reply.status(), reply.text());
    assertEquals(param, reply.error("param"), reply.text());
  }

  @Test
  void modelsAndFilesMustBeThere() {
    assertEquals(404, client.post(JOBS, job("").replace("tiny", "other")).status());
    assertEquals(400, client.post(JOBS, job("").replace(file, "file-other")).status());
    assertEquals(404, client.get(JOBS + "/ftjob-other").status());
    assertEquals(404, client.delete("/v1/models/lani").status()); // no job has made it
  }

  @Test
  void aDirectoryIsOneServersAlone() throws IOException {
    assertEquals(
        RunFault.class, failure(options(directory.resolve("ft"))).getClass(), "it is in use");
    Path other = Files.createDirectories(directory.resolve("other"));
    Files.writeString(other.resolve("jobs.db"), "this is no database at all, but a text");
    assertEquals(InputFault.class, failure(options(other)).getClass());
  }

  private static Exception failure(FineTuningOptions options) {
    try (Server second = service.start(service.options().fineTuning(options))) {
      throw new AssertionError(second.address());
    } catch (InputFault | RunFault | UsageFault e) {
      return e;
    }
  }

  @Test
  void withoutTheOptionThereIsNothing() {
    try (Server plain = service.start()) {
      Client other = new Client(plain);
      assertEquals(404, other.get(JOBS).status());
      assertEquals(404, other.get(FILES).status());
    }
    assertEquals("ok", Json.parseObject(client.get("/health").text(), "").path("status").asText());
  }
}
