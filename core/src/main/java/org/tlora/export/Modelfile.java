/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tlora.format.AtomicFiles;
import org.tlora.pretrained.PretrainedModel;

/** The file that tells Ollama what a model is and how it is talked to. */
final class Modelfile {
  private static final String QUOTES = "\"\"\"";

  /** More positions cost memory from the start: who needs them writes so. */
  private static final int MOST_POSITIONS = 8192;

  /** Fields of generation_config.json and what Ollama calls them. */
  private static final List<Parameter> PARAMETERS =
      List.of(
          new Parameter("temperature", "temperature"),
          new Parameter("top_p", "top_p"),
          new Parameter("top_k", "top_k"),
          new Parameter("min_p", "min_p"),
          new Parameter("repetition_penalty", "repeat_penalty"));

  private record Parameter(String field, String name) {}

  private final PretrainedModel base;
  private final StringBuilder text = new StringBuilder();
  private final List<String> notes = new ArrayList<>();

  private Modelfile(PretrainedModel base) {
    this.base = base;
  }

  /**
   * Writes one beside a GGUF file, as {@code Modelfile}, or under the GGUF file's name where that
   * is there already for another.
   *
   * @param lines its first lines, which name the GGUF file
   * @return what a person should know: where it is, and what it does not say
   */
  static List<String> write(Path gguf, List<String> lines, PretrainedModel base, GgufForm form) {
    Modelfile modelfile = new Modelfile(base);
    lines.forEach(modelfile::line);
    modelfile.parameters();
    modelfile.chat(form);
    Path file = place(gguf);
    AtomicFiles.writeText(file, modelfile.text.toString());
    List<String> notes = new ArrayList<>();
    notes.add("for Ollama: ollama create NAME -f " + file);
    notes.addAll(modelfile.notes);
    return notes;
  }

  private static Path place(Path gguf) {
    Path usual = gguf.resolveSibling("Modelfile");
    String name = String.valueOf(gguf.getFileName());
    if (!Files.exists(usual)) {
      return usual;
    }
    try {
      List<String> lines = Files.readAllLines(usual);
      if (lines.contains("FROM ./" + name) || lines.contains("ADAPTER ./" + name)) {
        return usual;
      }
    } catch (IOException e) {
      // it is somebody else's, whatever it is
    }
    return gguf.resolveSibling(name.replaceFirst("\\.gguf$", "") + ".Modelfile");
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private void note(String note) {
    line("# " + note);
    notes.add("Modelfile: " + note);
  }

  private void parameters() {
    ObjectNode generation = base.generationConfig();
    boolean greedy = generation.has("do_sample") && !generation.path("do_sample").asBoolean();
    if (greedy) {
      line("PARAMETER temperature 0");
    } else {
      PARAMETERS.forEach(
          p -> {
            JsonNode value = generation.path(p.field());
            if (value.isNumber()) {
              line("PARAMETER " + p.name() + " " + value.asText());
            }
          });
    }
    line("PARAMETER num_ctx " + Math.min(base.decoder().maxPositions(), MOST_POSITIONS));
  }

  /** The template, the system's message that it has of its own, and what ends an answer. */
  private void chat(GgufForm form) {
    Set<String> ends = new LinkedHashSet<>();
    base.generationEos().forEach(id -> ends.add(base.tokenizer().tokenOf(id)));
    String source = base.chatTemplate();
    Optional<TurnFormat> found =
        source == null ? Optional.empty() : TurnFormat.of(form.chatTemplate()::text, form.end());
    found.ifPresent(f -> ends.add(f.behindAnswer().strip()));
    ends.removeIf(e -> e == null || e.isEmpty() || e.contains("\""));
    ends.forEach(e -> line("PARAMETER stop \"" + e + "\""));
    if (source == null) {
      note("the model has no chat template, so there is no TEMPLATE");
      return;
    }
    String written = found.map(f -> f.without(form.beginning())).map(OllamaTemplate::of).orElse("");
    if (written.isEmpty() || written.contains(QUOTES)) {
      note(
          "the chat template does more than write turns one after the other, which has no form"
              + " here: Ollama has to be told a TEMPLATE");
      return;
    }
    line("TEMPLATE " + QUOTES + written + QUOTES);
    String system = found.get().defaultSystem();
    if (!system.isEmpty() && !system.contains(QUOTES)) {
      line("SYSTEM " + QUOTES + system + QUOTES);
    }
    if (found.get().openingWithSystem() == null) {
      note("the chat template refuses system messages: they are left out");
    }
    if (source.contains("strftime_now")) {
      note("the chat template writes the date, which is that of this export here");
    }
    if (source.contains("tool")) {
      note("tool calls of the chat template are not in TEMPLATE");
    }
  }
}
