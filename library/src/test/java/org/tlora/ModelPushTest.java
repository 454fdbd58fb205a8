/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.hub.FakeHub;
import org.tlora.hub.FakeUploads;
import org.tlora.hub.Hub;
import org.tlora.hub.HubId;
import org.tlora.hub.HubListener;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.RunListener;

/** From training to a hub, and from there to whoever wants it. */
class ModelPushTest {
  private static final String TOKEN = "hf_abcdefghijklmnopqrstuvwxyz";

  @TempDir private Path directory;
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private FakeHub server;
  private Path model;
  private Path adapter;

  @BeforeEach
  void train() throws IOException {
    server = new FakeHub();
    server.requiredToken = TOKEN;
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    Path rows = directory.resolve("rows.jsonl");
    Files.writeString(rows, "{\"question\": \"Double lan.\", \"answer\": \"lanlan\"}\n");
    adapter = directory.resolve("first");
    try (LanguageModel base = LanguageModel.load(model.toString())) {
      base.train(
              Tuning.builder()
                  .data(rows.toString())
                  .template("plain")
                  .rank(2)
                  .steps(2)
                  .dtype("float32")
                  .output(adapter)
                  .build())
          .join();
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ModelPush push() {
    RunListener listener =
        new RunListener() {
          @Override
          public void message(String text) {
            told.add(text);
          }

          @Override
          public void upload(String file, long bytes, long total) {
            if (bytes == total) {
              told.add(file + " is there");
            }
          }
        };
    return ModelPush.of(adapter, "me/mine")
        .settings(server.settings(directory.resolve("cache"), TOKEN))
        .listener(listener);
  }

  private Map<String, byte[]> there() {
    return server.uploads.repositories.get("me/mine").branches.get("main");
  }

  @Test
  void whatIsPushedIsAnAdapterForWhoeverDownloadsIt() throws IOException {
    ModelPush.Result result = push().base("some/base").include("run.yaml").run();
    assertEquals(
        List.of("adapter_config.json", "adapter_model.safetensors", "run.yaml", "README.md"),
        result.changed());
    assertTrue(told.contains("uploading adapter_model.safetensors"), told.toString());
    assertTrue(told.contains("adapter_model.safetensors is there"), told.toString());
    for (String name : List.of("adapter_config.json", "run.yaml", "README.md")) {
      String text = new String(there().get(name), StandardCharsets.UTF_8);
      assertTrue(text.contains("some/base"), name + ": " + text);
      assertFalse(text.contains(directory.toString()), name + ": " + text);
    }
    server.files.putAll(there());
    Path downloaded =
        new Hub(server.settings(directory.resolve("cache"), TOKEN), HubListener.NONE)
            .model(HubId.model("me/mine").orElseThrow());
    assertArrayEquals(
        Files.readAllBytes(adapter.resolve("adapter_model.safetensors")),
        Files.readAllBytes(downloaded.resolve("adapter_model.safetensors")));
    try (LanguageModel base = LanguageModel.load(model.toString());
        TrainedAdapter again = base.adapter(downloaded.toString())) {
      base.attach(again);
      assertFalse(base.generate("Double lan.").isEmpty());
    }
    assertEquals(List.of(), push().base("some/base").include("run.yaml").run().changed());
  }

  @Test
  void whatWouldGoIsToldWithoutAskingAnybody() {
    List<ModelPush.File> files = push().base("some/base").plan();
    assertEquals(3, files.size());
    assertTrue(files.stream().allMatch(f -> f.bytes() > 0 && f.sha256().length() == 64));
    assertEquals(List.of(), server.requests);
  }

  @Test
  void aBaseMustBeOnTheHubUnlessSomebodyNamesIt() throws IOException {
    assertThrows(UsageFault.class, () -> push().run(), "a path");
    Path config = adapter.resolve("adapter_config.json");
    String text = Files.readString(config).replace(model.toString(), "some/base");
    Files.writeString(config, text);
    InputFault fault = assertThrows(InputFault.class, () -> push().run());
    assertTrue(fault.getMessage().contains("`base` OWNER/NAME"), fault.getMessage());
    assertTrue(server.uploads.repositories.isEmpty());
    server.uploads.repositories.put("some/base", new FakeUploads.Repository());
    push().run();
    assertEquals(3, there().size());
  }

  @Test
  void whatIsNoRepositoryIsRefused() {
    for (String no : List.of("mine", "me/mine@main", "me/mine/more", "")) {
      assertThrows(UsageFault.class, () -> ModelPush.of(adapter, no).plan(), no);
    }
    assertThrows(UsageFault.class, () -> push().base("base").plan());
    assertThrows(UsageFault.class, () -> push().branch("no branch").plan());
  }

  @Test
  void cardsTakeWhatSomebodyKnows() throws IOException {
    Path scores = directory.resolve("scores.jsonl");
    Files.writeString(scores, "{\"task\":\"words\",\"metric\":\"accuracy\",\"value\":0.5}\n");
    ModelCards.of(adapter).base("some/base").license("mit").languages("en").scores(scores).write();
    String card = Files.readString(adapter.resolve("README.md"));
    for (String line :
        List.of(
            "base_model: \"some/base\"", "license: \"mit\"", "- \"en\"", "| words | accuracy |")) {
      assertTrue(card.contains(line), line + " in " + card);
    }
    push().base("some/base").run();
    String pushed = new String(there().get("README.md"), StandardCharsets.UTF_8);
    assertTrue(pushed.contains("- name: \"me/mine\""), pushed);
    assertTrue(pushed.contains("| words | accuracy |"), pushed);
    Files.writeString(adapter.resolve("README.md"), "# mine\n");
    assertThrows(UsageFault.class, () -> ModelCards.of(adapter).license("mit").write());
  }
}
