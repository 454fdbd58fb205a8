/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tlora.data.LearnedTokens;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.Fault;
import org.tlora.format.Json;
import org.tlora.golden.Shared;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.testing.TakesLong;
import org.tlora.text.PromptTemplate;

/**
 * What is understood is used, what is not understood is named: whatever rows hold is in the text
 * that the model sees, or in a note, or the row is refused by one line.
 */
class NothingIsLostTest {
  private static final int ROWS = 4000;
  private static final Path FILE = Path.of("rows.jsonl");

  @Test
  @TakesLong
  void whatRandomRowsHoldIsUsedOrNamedOrRefused() {
    int used = 0;
    int refused = 0;
    for (String template : List.of("chat", "alpaca", "plain")) {
      for (String model : List.of("chatml", "thinking", "llama3")) {
        try (PretrainedModel files = PretrainedModel.open(Shared.path("cases/models/" + model))) {
          ExampleEncoder encoder =
              new ExampleEncoder(
                  files.tokenizer(),
                  template.equals("chat") ? null : PromptTemplate.named(template),
                  files.conversationEncoder().orElseThrow(),
                  files.trainingEos(),
                  1 << 20);
          for (int seed = 0; seed < ROWS / 9; seed++) {
            ObjectNode row = RandomRow.of(31L * seed + model.hashCode() + template.hashCode());
            if (isUsed(row, encoder, files)) {
              used++;
            } else {
              refused++;
            }
          }
        }
      }
    }
    assertTrue(used > ROWS / 3 && refused > ROWS / 50, used + " used, " + refused + " refused");
  }

  /** Whether the row is used; false if it is refused by one line. */
  private static boolean isUsed(ObjectNode fields, ExampleEncoder encoder, PretrainedModel files) {
    Row row = new Row(FILE, 7, fields);
    RowNotes notes = new RowNotes(false);
    LearnedTokens seen;
    try {
      ExampleFormat format = encoder.format("auto", Fields.OWN, row);
      seen = encoder.encode(format.read(row, notes), notes);
    } catch (Fault e) {
      assertTrue(e.getMessage().startsWith("rows.jsonl, row 7"), e.getMessage());
      assertFalse(e.getMessage().contains("\n"), e.getMessage());
      return false;
    } catch (RuntimeException e) {
      return fail(Json.compact(fields), e);
    }
    String text = files.tokenizer().decodeVisibly(seen.ids());
    String said = String.join("\n", notes.lines());
    for (Map.Entry<String, JsonNode> e : fields.properties()) {
      for (String word : words(Fields.structure(e.getValue()))) {
        boolean named =
            said.contains("'" + e.getKey() + "'")
                || said.contains("of turns")
                || said.contains("the chat template");
        assertTrue(
            text.contains(word) || named,
            () ->
                (word + " of " + Json.compact(fields) + " is nowhere:\n" + text + said)
                    .replaceAll("(long )+", "long "));
      }
    }
    return true;
  }

  /** The words that only one place of a row has. */
  private static List<String> words(JsonNode value) {
    List<String> words = new ArrayList<>();
    if (value.isTextual()) {
      for (String word : value.asText().split("[^a-z0-9]+", -1)) {
        if (word.matches("zq\\d+x")) {
          words.add(word);
        }
      }
    }
    value.forEach(v -> words.addAll(words(v)));
    return words;
  }
}
