/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.tlora.GenerationOptions;
import org.tlora.LanguageModel;
import org.tlora.Prompt;
import org.tlora.collective.Collective;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Row;
import org.tlora.evaluate.SharedSamples;
import org.tlora.evaluate.TaskRows;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.Generation;
import org.tlora.generate.Scheduler;

/** Continues many prompts, side by side and, in a group, each process its share of them. */
final class PromptsRun {
  private static final String FIELD = "prompt";

  /** So many are asked for at a time; the model's scheduler lets the rest wait. */
  private static final int AT_ONCE = 16;

  private final List<Row> rows;
  private final String template;

  /**
   * Reads the prompts.
   *
   * @throws InputFault if a row has none
   */
  PromptsRun(Path file, String template) {
    this.template = template;
    rows = RowFiles.read(DataFile.of(file));
    for (Row row : rows) {
      if (!row.fields().path(FIELD).isTextual()) {
        throw new InputFault(row.where() + ": field '" + FIELD + "' is missing, or no text");
      }
    }
    if (rows.isEmpty()) {
      throw new InputFault(file + " has no rows");
    }
  }

  /**
   * Generates.
   *
   * @param lines takes an object a row, in the order of the file, as soon as all before it are
   *     there
   */
  void run(LanguageModel model, GenerationOptions how, Collective group, Consumer<String> lines) {
    model.requireAgreement(Map.of("prompts", TaskRows.digest(rows), "generation", how.toString()));
    ObjectNode[] done = new ObjectNode[rows.size()];
    int[] told = {0};
    new SharedSamples(group)
        .run(
            IntStream.range(0, done.length).boxed().toList(),
            AT_ONCE,
            (some, taker) -> generate(some, model, how, taker),
            (sample, line) -> {
              done[sample] = line;
              while (told[0] < done.length && done[told[0]] != null) {
                lines.accept(Json.compact(done[told[0]++]));
              }
            });
  }

  private void generate(
      List<Integer> some, LanguageModel model, GenerationOptions how, SharedSamples.Taker taker) {
    List<Scheduler.Handle> asked = new ArrayList<>();
    for (int i : some) {
      String prompt = rows.get(i).fields().path(FIELD).asText();
      asked.add(model.submit(new Prompt.Text(prompt, template), how, null));
    }
    for (int k = 0; k < asked.size(); k++) {
      Generation g = asked.get(k).await();
      Row row = rows.get(some.get(k));
      ObjectNode line = Json.object().put("row", row.number());
      line.set(FIELD, row.fields().path(FIELD));
      line.put("text", g.text()).put("tokens", g.ids().length);
      line.put("finish_reason", g.finish().toString());
      taker.take(some.get(k), line);
    }
  }
}
