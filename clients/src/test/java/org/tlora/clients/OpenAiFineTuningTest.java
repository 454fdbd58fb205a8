/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobListEventsParams;
import com.openai.models.finetuning.jobs.checkpoints.FineTuningJobCheckpoint;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.LanguageModel;
import org.tlora.engine.DType;
import org.tlora.quickstart.TinyModels;
import org.tlora.serve.FineTuningOptions;
import org.tlora.serve.Server;
import org.tlora.serve.ServerOptions;
import org.tlora.testing.StartsProcess;

/** OpenAI's client for Java uploads rows, has them learned and asks what came of it. */
@StartsProcess
@DisabledOnOs(OS.WINDOWS)
class OpenAiFineTuningTest {
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
          + "{% if add_generation_prompt %}assistant: {% endif %}";
  private static final String ROW =
      "{\"messages\": [{\"role\": \"user\", \"content\": \"say lani\"},"
          + " {\"role\": \"assistant\", \"content\": \"lanilanilani\"}]}\n";

  @TempDir private static Path directory;
  private static LanguageModel model;
  private static Server server;
  private static OpenAIClient client; // looks at every field of what comes
  private static OpenAIClient lenient; // knows no method but OpenAI's own

  @BeforeAll
  static void start() throws IOException {
    Path files = directory.resolve("model");
    new TinyModels(files, DType.FLOAT32).close();
    Files.writeString(files.resolve("chat_template.jinja"), TEMPLATE);
    model = LanguageModel.of(files.toString()).dtype("float32").load();
    List<String> tlora =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "org.tlora.cli.Main");
    Map<String, String> always =
        Map.of("model", files.toString(), "dtype", "float32", "threads", "1");
    Map<String, String> usual = Map.of("rank", "4", "calibration-samples", "4");
    ServerOptions options =
        ServerOptions.builder()
            .name(TinyService.BASE)
            .fineTuning(
                new FineTuningOptions(directory.resolve("ft"), tlora, always, usual, 1 << 20))
            .build();
    server = Server.start(model, options, TinyService.QUIET);
    client = OpenAi.client(server.address() + "/v1");
    lenient =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.address() + "/v1")
            .apiKey("any")
            .maxRetries(0)
            .build();
  }

  @AfterAll
  static void end() {
    server.close();
    model.close();
  }

  private static FileObject upload() throws IOException {
    Path rows = Files.writeString(directory.resolve("rows.jsonl"), ROW.repeat(12));
    return client
        .files()
        .create(FileCreateParams.builder().file(rows).purpose(FilePurpose.FINE_TUNE).build());
  }

  private static JobCreateParams.Builder job(FileObject rows) {
    return JobCreateParams.builder()
        .model(TinyService.BASE)
        .trainingFile(rows.id())
        .suffix("mine")
        .seed(5);
  }

  private static JobCreateParams.Method method(String name, Map<String, Object> options) {
    return JobCreateParams.Method.builder()
        .type(JobCreateParams.Method.Type.of(name))
        .putAdditionalProperty(name, JsonValue.from(options))
        .build();
  }

  private static FineTuningJob ended(OpenAIClient asking, String id) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (true) {
      FineTuningJob now = asking.fineTuning().jobs().retrieve(id);
      if (now.finishedAt().isPresent()) {
        return now;
      }
      assertTrue(System.nanoTime() < end, now::toString);
      Thread.sleep(100);
    }
  }

  private static String says(String name) {
    return client
        .chat()
        .completions()
        .create(
            ChatCompletionCreateParams.builder()
                .model(name)
                .addUserMessage("say lani")
                .temperature(0)
                .maxCompletionTokens(12)
                .build())
        .choices()
        .get(0)
        .message()
        .content()
        .orElseThrow();
  }

  @Test
  void aFileIsSentListedReadAndDeleted() throws IOException {
    FileObject sent = upload();
    assertEquals("rows.jsonl", sent.filename());
    assertEquals(12L * ROW.length(), sent.bytes());
    assertEquals(sent, client.files().retrieve(sent.id()));
    assertTrue(client.files().list().autoPager().stream().anyMatch(f -> f.id().equals(sent.id())));
    try (var content = client.files().content(sent.id())) {
      String text = new String(content.body().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(ROW.repeat(12), text);
    }
    assertTrue(client.files().delete(sent.id()).deleted());
    assertThrows(NotFoundException.class, () -> client.files().retrieve(sent.id()));
  }

  @Test
  void aSupervisedJobIsTloraAndIsServedWhenItIsThrough() throws Exception {
    SupervisedHyperparameters hyperparameters =
        SupervisedHyperparameters.builder().nEpochs(6).batchSize(2).build();
    JobCreateParams.Method supervised =
        JobCreateParams.Method.builder()
            .type(JobCreateParams.Method.Type.SUPERVISED)
            .supervised(SupervisedMethod.builder().hyperparameters(hyperparameters).build())
            .build();
    FineTuningJob made =
        client.fineTuning().jobs().create(job(upload()).method(supervised).build());
    FineTuningJob done = ended(client, made.id());
    assertEquals(FineTuningJob.Status.SUCCEEDED, done.status(), done::toString);
    assertTrue(done.trainedTokens().orElseThrow() > 0);
    String name = done.fineTunedModel().orElseThrow();
    assertTrue(client.models().list().autoPager().stream().anyMatch(m -> m.id().equals(name)));
    assertNotEquals("", says(name));
    assertTrue(
        client.fineTuning().jobs().list().autoPager().stream()
            .anyMatch(j -> j.id().equals(made.id())));
    assertTrue(client.models().delete(name).deleted());
  }

  @Test
  void aMethodOfOursHasItsOwnOptionsAndPagesOfEvents() throws Exception {
    Map<String, Object> options =
        Map.of("steps", 9, "batch_size", 2, "learning_rate", 0.05, "save_every", "3");
    String id =
        lenient
            .fineTuning()
            .jobs()
            .create(job(upload()).method(method("lora", options)).build())
            .id();
    FineTuningJob done = ended(lenient, id);
    assertEquals(FineTuningJob.Status.SUCCEEDED, done.status(), done::toString);
    JobListEventsParams five = JobListEventsParams.builder().limit(5).build();
    List<FineTuningJobEvent> events =
        client.fineTuning().jobs().listEvents(id, five).autoPager().stream().toList();
    long steps = events.stream().filter(e -> e._data().toString().contains("train_loss")).count();
    assertEquals(9, steps, events::toString);
    assertEquals("Created fine-tuning job: " + id, events.get(events.size() - 1).message());
    List<FineTuningJobCheckpoint> checkpoints =
        client.fineTuning().jobs().checkpoints().list(id).autoPager().stream().toList();
    assertFalse(checkpoints.isEmpty());
    assertTrue(checkpoints.get(0).metrics().trainLoss().orElseThrow() > 0);
    assertNotEquals("", says(checkpoints.get(0).fineTunedModelCheckpoint()));
    assertNotEquals(says(TinyService.BASE), says(done.fineTunedModel().orElseThrow()));
  }

  @Test
  void aJobIsPausedGoesOnAndIsCancelled() throws Exception {
    Map<String, Object> endless = Map.of("steps", 100_000, "batch_size", 2);
    var jobs = lenient.fineTuning().jobs();
    String id = jobs.create(job(upload()).method(method("lora", endless)).build()).id();
    assertEquals("paused", jobs.pause(id).status().asString());
    assertFalse(jobs.resume(id).finishedAt().isPresent());
    assertEquals(FineTuningJob.Status.CANCELLED, jobs.cancel(id).status());
    assertEquals(FineTuningJob.Status.CANCELLED, ended(lenient, id).status());
    assertThrows(BadRequestException.class, () -> jobs.cancel(id));
  }

  @Test
  void whatCannotBeTrainedIsRefusedByItsField() throws IOException {
    JobCreateParams wrong = job(upload()).method(method("lora", Map.of("rnak", 8))).build();
    BadRequestException refused =
        assertThrows(BadRequestException.class, () -> lenient.fineTuning().jobs().create(wrong));
    assertTrue(refused.getMessage().contains("rank"), refused.getMessage());
    assertEquals("method", refused.param().orElseThrow());
  }
}
