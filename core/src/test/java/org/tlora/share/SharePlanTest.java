/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.golden.Shared;
import org.tlora.hub.UploadFile;
import org.tlora.peft.disk.GoldenAdapters;
import org.tlora.quickstart.TinyModels;

/** What goes to others, and what is nobody else's business. */
class SharePlanTest {
  private static final String TOKEN = "hf_" + "a1B2".repeat(8);

  @TempDir private Path directory;
  private Path adapter;

  @BeforeEach
  void adapter() {
    adapter = directory.resolve("adapter");
    writeAdapter("some/base");
  }

  private void writeAdapter(String base) {
    GoldenAdapters.rewrite(
        "without-untied", adapter, t -> {}, c -> c.put("base_model_name_or_path", base));
  }

  private static SharePlan.Wishes wishes(String base, String... include) {
    return new SharePlan.Wishes("me/mine", base, List.of(include), false, TOKEN);
  }

  private SharePlan plan(String... include) {
    return SharePlan.of(adapter, wishes(null, include));
  }

  private static List<String> names(SharePlan plan) {
    return plan.files().stream().map(UploadFile::path).toList();
  }

  private static String text(SharePlan plan, String name) {
    UploadFile file =
        plan.files().stream().filter(f -> f.path().equals(name)).findFirst().orElseThrow();
    return new String(file.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void anAdapterIsConfigurationWeightsTokenizerAndCard() throws IOException {
    for (String name :
        List.of("run.yaml", "report.html", "tokenizer.json", ".hidden", "notes.txt")) {
      Files.writeString(adapter.resolve(name), "{}");
    }
    Files.createDirectories(adapter.resolve("checkpoints/step-3"));
    SharePlan plan = plan();
    assertEquals(
        List.of("adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "README.md"),
        names(plan));
    assertEquals("some/base", plan.base());
    assertTrue(
        plan.notes().contains("left out: checkpoints, notes.txt, report.html, run.yaml"),
        plan.notes().toString());
    String card = text(plan, "README.md");
    assertTrue(card.contains("base_model: \"some/base\""), card);
    assertTrue(card.contains("PeftModel.from_pretrained(base, \"me/mine\")"), card);
    assertFalse(Files.exists(adapter.resolve("README.md")), "the directory is only read");
  }

  @Test
  void aBaseThatNobodyElseHasIsRefusedOrNamed() {
    for (String base : List.of("/home/me/base", "../base", "base.gguf", "", directory.toString())) {
      writeAdapter(base);
      UsageFault fault = assertThrows(UsageFault.class, this::plan, base);
      assertTrue(fault.getMessage().contains("`base` OWNER/NAME"), fault.getMessage());
      SharePlan plan = SharePlan.of(adapter, wishes("some/base"));
      String config = text(plan, "adapter_config.json");
      assertTrue(config.contains("\"base_model_name_or_path\" : \"some/base\""), config);
      String note = "adapter_config.json: base_model_name_or_path " + base + " becomes some/base";
      assertTrue(plan.notes().contains(note), plan.notes().toString());
    }
  }

  @Test
  void placesOfThisMachineAreTakenOutOfARun() throws IOException {
    Files.writeString(
        adapter.resolve("run.yaml"),
        """
        model: "/models/tiny"
        data: [/home/me/a.jsonl@2, b.jsonl, 'C:\\data\\c.jsonl']
        output: /srv/out/first
        rank: 8
        tracking-uri: http://me:secret@host:5000/x
        """);
    SharePlan plan = SharePlan.of(adapter, wishes("some/base", "run.yaml"));
    String run = text(plan, "run.yaml");
    assertTrue(run.contains("model: \"some/base\""), run);
    assertTrue(run.contains("- \"a.jsonl@2\"\n- \"b.jsonl\"\n- \"c.jsonl\""), run);
    assertTrue(run.contains("output: \"first\""), run);
    assertTrue(run.contains("rank: 8"), run);
    assertTrue(run.contains("http://host:5000/x"), run);
    assertFalse(plan.notes().toString().contains("secret"), plan.notes().toString());
    assertTrue(
        plan.notes().contains("run.yaml: output /srv/out/first becomes first"),
        plan.notes().toString());
    Files.writeString(adapter.resolve("run.yaml"), "rank: 8 # as it is\n");
    assertEquals("rank: 8 # as it is\n", text(plan("run.yaml"), "run.yaml"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<p>see /home/somebody/rows.jsonl</p>",
        "C:\\\\Users\\\\somebody",
        "key = hf_Zz09Zz09Zz09Zz09Zz09Zz09",
        "http://me:secret@host/",
        "TOKEN",
        "DIRECTORY"
      })
  void whatElseHoldsSuchThingsIsRefused(String text) throws IOException {
    String held = text.replace("TOKEN", TOKEN).replace("DIRECTORY", adapter.toString());
    Files.writeString(adapter.resolve("report.html"), "<html>\n" + held + "\n");
    UsageFault fault = assertThrows(UsageFault.class, () -> plan("report.html"));
    assertTrue(fault.getMessage().startsWith("report.html, line 2 holds "), fault.getMessage());
    for (String secret : List.of(TOKEN, "secret", "Zz09Zz09")) {
      assertFalse(fault.getMessage().contains(secret), fault.getMessage());
    }
    Files.writeString(adapter.resolve("report.html"), "<html>\nhttps://host/home\n");
    assertTrue(names(plan("report.html")).contains("report.html"));
  }

  @Test
  void onlyFilesOfTheDirectoryGo() throws IOException {
    assertTrue(
        assertThrows(UsageFault.class, () -> plan("absent.txt"))
            .getMessage()
            .contains("absent.txt"));
    assertThrows(InputFault.class, () -> plan("../elsewhere.txt"));
    Path elsewhere = Files.writeString(directory.resolve("elsewhere.txt"), "x");
    Files.createSymbolicLink(adapter.resolve("linked.txt"), elsewhere);
    assertThrows(InputFault.class, () -> plan("linked.txt"));
  }

  @Test
  void whatIsNotWholeDoesNotGo() throws IOException {
    Files.writeString(adapter.resolve("adapter_model.safetensors"), "nonsense");
    assertThrows(InputFault.class, this::plan);
    assertThrows(InputFault.class, () -> SharePlan.of(directory, wishes(null)));
    assertThrows(InputFault.class, () -> SharePlan.of(directory.resolve("no"), wishes(null)));
  }

  @Test
  void aReadmeOfSomebodysOwnGoesAsItIs() throws IOException {
    Files.writeString(adapter.resolve("README.md"), "# mine\n");
    SharePlan plan = plan();
    assertEquals("# mine\n", text(plan, "README.md"));
    assertTrue(plan.notes().toString().contains("somebody's own"), plan.notes().toString());
    Files.writeString(adapter.resolve("README.md"), "# mine, with " + TOKEN + "\n");
    assertThrows(UsageFault.class, this::plan);
  }

  @Test
  void checkpointsGoAsTheyAre() throws IOException {
    Path step = adapter.resolve("checkpoints/step-3");
    Files.createDirectories(step);
    Files.copy(adapter.resolve("adapter_config.json"), step.resolve("adapter_config.json"));
    Files.writeString(step.resolve("manifest.json"), "{}");
    Files.writeString(adapter.resolve("checkpoints/stray"), "{}");
    SharePlan.Wishes all = new SharePlan.Wishes("me/mine", null, List.of(), true, null);
    List<String> names = names(SharePlan.of(adapter, all));
    assertTrue(names.contains("checkpoints/step-3/manifest.json"), names.toString());
    assertTrue(names.contains("checkpoints/step-3/adapter_config.json"), names.toString());
    assertFalse(names.contains("checkpoints/stray"), names.toString());
    Files.writeString(
        step.resolve("adapter_config.json"),
        Json.pretty(Json.object().put("base_model_name_or_path", "/models/tiny")));
    UsageFault fault = assertThrows(UsageFault.class, () -> SharePlan.of(adapter, all));
    assertTrue(fault.getMessage().contains("cannot be changed"), fault.getMessage());
  }

  @Test
  void aModelIsItsConfigurationWeightsAndTokenizer() throws IOException {
    Path model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    String config = Files.readString(model.resolve("config.json"));
    Files.writeString(
        model.resolve("config.json"),
        config.replaceFirst("\\{", "{ \"_name_or_path\": \"/models/tiny\","));
    SharePlan plan = SharePlan.of(model, wishes("some/base"));
    List<String> names = names(plan);
    assertTrue(
        names.containsAll(List.of("config.json", "model.safetensors", "tokenizer.json")),
        names.toString());
    assertTrue(text(plan, "config.json").contains("\"_name_or_path\" : \"some/base\""));
    assertTrue(text(plan, "README.md").contains("library_name: \"transformers\""));
    assertTrue(text(plan, "README.md").contains("base_model: \"some/base\""));
  }

  @Test
  void filesOfLlamaCppGoWithTheirModelfiles() throws IOException {
    Path gguf = directory.resolve("gguf");
    Files.createDirectories(gguf);
    Files.copy(Shared.path("golden/next/gguf-base/tiny.gguf"), gguf.resolve("tiny.gguf"));
    Files.writeString(gguf.resolve("Modelfile"), "FROM ./tiny.gguf\n");
    SharePlan plan = SharePlan.of(gguf, wishes("some/base"));
    assertEquals(List.of("Modelfile", "tiny.gguf", "README.md"), names(plan));
    String card = text(plan, "README.md");
    assertTrue(card.contains("base_model_relation: \"quantized\""), card);
    assertTrue(card.contains("llama-cli -m me/mine/FILE.gguf"), card);
  }
}
