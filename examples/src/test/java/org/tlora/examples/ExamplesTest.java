/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.quickstart.TinyModels;

/** Every example runs, on the tiny model that is part of the program. */
class ExamplesTest {
  @TempDir private Path directory;
  private String model;
  private String data;

  @BeforeEach
  void prepare() throws IOException {
    Path files = directory.resolve("model");
    new TinyModels(files, DType.FLOAT32).close();
    Files.writeString(
        files.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: ");
    model = files.toString();
    StringBuilder rows = new StringBuilder();
    for (String word : new String[] {"lan", "nike", "bo", "kela", "mir", "soto", "ban", "ruki"}) {
      rows.append("{\"instruction\": \"Double ").append(word).append(".\", \"response\": \"");
      rows.append(word).append(word).append("\"}\n");
    }
    data = Files.writeString(directory.resolve("rows.jsonl"), rows).toString();
  }

  private String output(String name) {
    return directory.resolve(name).toString();
  }

  private static String printed(Executable program) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, UTF_8)) {
      System.setOut(out);
      program.execute();
    } catch (Throwable e) {
      throw new AssertionError(e);
    } finally {
      System.setOut(before);
    }
    return bytes.toString(UTF_8);
  }

  @Test
  void theFirstFineTuningTrainsAnswersAndMerges() {
    String said = printed(() -> FirstFineTuning.main(new String[] {model, data, output("first")}));
    assertTrue(said.startsWith("2 steps, last loss "), said);
    assertTrue(Files.exists(directory.resolve("first-merged/model.safetensors")), said);
  }

  @Test
  void aListenerSeesEveryStep() {
    String said = printed(() -> CustomListener.main(new String[] {model, data, output("watched")}));
    assertTrue(said.contains("step 0: loss "), said);
    assertTrue(said.contains("low enough") || said.contains("held out: "), said);
  }

  @Test
  void aMethodOfOnesOwnTrains() {
    String said = printed(() -> CustomMethod.main(new String[] {model, data, output("own")}));
    assertTrue(said.startsWith("lora-fa: "), said);
    assertTrue(Files.exists(directory.resolve("own/adapter_model.safetensors")));
  }

  @Test
  void aModelOfAFamilyOfOnesOwnTrainsAndIsWritten() throws IOException {
    Path config = Path.of(model, "config.json");
    String text =
        Files.readString(config)
            .replace("LlamaForCausalLM", "HouseForCausalLM")
            .replace("\"llama\"", "\"house\"")
            .replace("hidden_size", "width")
            .replace("num_hidden_layers", "depth");
    Files.writeString(config, text);
    String said = printed(() -> CustomFamily.main(new String[] {model, data, output("house")}));
    assertTrue(said.startsWith("house: last loss "), said);
    assertTrue(Files.exists(directory.resolve("house-merged/model.safetensors")), said);
    assertTrue(Files.exists(directory.resolve("house.gguf")), said);
  }

  @Test
  void aTaskOfOnesOwnIsScored() {
    String said = printed(() -> CustomTask.main(new String[] {model, data}));
    assertTrue(said.contains("doubling: ") && said.contains("of 8 rows"), said);
  }

  @Test
  void aConversationIsStreamed() {
    String said = printed(() -> StreamingChat.main(new String[] {model, "Double lan.", "Again."}));
    assertTrue(said.contains("> Double lan.\n") && said.contains("> Again.\n"), said);
  }

  @Test
  void aConversationGoesThroughLangChain4j() {
    String said =
        printed(() -> LangChain4jChat.main(new String[] {model, "Double lan.", "Again."}));
    assertTrue(said.contains("> Double lan.\n") && said.contains("> Again.\n"), said);
    assertTrue(said.contains("(model: "), said);
  }
}
