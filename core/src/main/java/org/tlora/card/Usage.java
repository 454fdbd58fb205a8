/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.Yaml;

/**
 * How what lies in a directory is used, as far as the directory itself tells.
 *
 * @param labels whether it is an encoder's, which labels texts
 * @param tokenizer whether a tokenizer is beside it
 * @param template what prompts were put into, by a name that commands know; or null
 */
record Usage(Kind kind, boolean labels, boolean tokenizer, String template) {
  /** The task of the hub that an encoder with labels has. */
  static final String LABELS = "text-classification";

  /** The task of the hub that a decoder has. */
  static final String TEXT = "text-generation";

  private static final String OTHERS = "BASE";

  /** That of a directory. */
  static Usage of(Path directory, Kind kind) {
    boolean tokenizer = Files.exists(directory.resolve("tokenizer.json"));
    boolean labels = false;
    if (kind == Kind.ADAPTER) {
      labels = task(directory).equals("SEQ_CLS");
    } else if (kind == Kind.MODEL) {
      ObjectNode config = Json.readObject(directory.resolve("config.json"));
      labels = config.path("architectures").path(0).asText().endsWith("ForSequenceClassification");
    }
    return new Usage(kind, labels, tokenizer, template(directory));
  }

  private static String task(Path directory) {
    return Json.readObject(directory.resolve(Kind.ADAPTER_CONFIG)).path("task_type").asText();
  }

  private static String template(Path directory) {
    Path file = directory.resolve("run.yaml");
    JsonNode named = Json.object();
    try {
      if (Files.isRegularFile(file)) {
        named = Yaml.parse(Files.readString(file), file.toString()).path("template");
      }
    } catch (IOException | InputFault e) {
      return null; // a run's file that somebody has changed
    }
    // a name and no path, which would be one of this machine
    return named.isTextual() && named.asText().matches("[a-z0-9-]+") ? named.asText() : null;
  }

  /** The task, as the hub calls it. */
  String task() {
    return labels ? LABELS : TEXT;
  }

  /**
   * The text.
   *
   * @param place its id on the hub, or the directory's name
   */
  String text(CardBase base, String place, boolean onHub) {
    StringBuilder all = new StringBuilder("## How to use it\n\n");
    String from = base.id() == null ? OTHERS : base.id();
    switch (kind) {
      case ADAPTER -> adapter(all, from, place);
      case MODEL -> model(all, place);
      case GGUF -> gguf(all, place);
    }
    if (kind == Kind.ADAPTER && base.id() == null) {
      all.append('\n').append(Markdown.code(OTHERS)).append(" stands for the base, ");
      all.append(Markdown.line(base.name())).append(", which is on no hub that is known here.\n");
    }
    if (!onHub) {
      all.append('\n').append(Markdown.code(place)).append(" is the directory of this file.\n");
    }
    return all.toString();
  }

  private void adapter(StringBuilder all, String base, String place) {
    String auto = labels ? "AutoModelForSequenceClassification" : "AutoModelForCausalLM";
    python(
        all,
        List.of(
            "from peft import PeftModel",
            "from transformers import " + auto + ", AutoTokenizer",
            "",
            "tokenizer = AutoTokenizer.from_pretrained(\"" + (tokenizer ? place : base) + "\")",
            "base = "
                + auto
                + ".from_pretrained(\""
                + base
                + "\""
                + (labels ? ", num_labels=N)" : ")")));
    if (tokenizer) {
      all.append("if len(tokenizer) > base.get_input_embeddings().num_embeddings:\n");
      all.append("    base.resize_token_embeddings(len(tokenizer))\n");
    }
    all.append("model = PeftModel.from_pretrained(base, \"").append(place).append("\")\n```\n");
    if (labels) {
      all.append("\n`N` is the number of labels; the adapter brings the head.\n");
    } else {
      commands(all, "--model " + base + " --adapter " + place);
    }
  }

  private void model(StringBuilder all, String place) {
    String auto = labels ? "AutoModelForSequenceClassification" : "AutoModelForCausalLM";
    python(
        all,
        List.of(
            "from transformers import " + auto + ", AutoTokenizer",
            "",
            "tokenizer = AutoTokenizer.from_pretrained(\"" + place + "\")",
            "model = " + auto + ".from_pretrained(\"" + place + "\")"));
    all.append("```\n");
    if (!labels) {
      commands(all, "--model " + place);
    }
  }

  private static void gguf(StringBuilder all, String place) {
    all.append("The `.gguf` files load in llama.cpp, and in Ollama where a `Modelfile` is beside");
    all.append(" them:\n\n```sh\nllama-cli -m ").append(place).append("/FILE.gguf\n```\n");
  }

  private static void python(StringBuilder all, List<String> lines) {
    all.append("```python\n");
    lines.forEach(l -> all.append(l).append('\n'));
  }

  private void commands(StringBuilder all, String options) {
    all.append("\nOr without Python:\n\n```sh\ntlora generate ").append(options);
    if (template != null) {
      all.append(" --template ").append(template);
    }
    all.append(" --prompt \"…\"\n```\n");
  }
}
