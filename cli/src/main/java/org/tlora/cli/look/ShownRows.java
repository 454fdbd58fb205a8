/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tlora.cli.terminal.PreviewText;
import org.tlora.data.Encoded;
import org.tlora.data.LabelledTokens;
import org.tlora.data.LearnedSpan;
import org.tlora.data.LearnedTokens;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.encode.RowPreview;
import org.tlora.format.Json;
import org.tlora.text.Tokenizer;

/** Rows one by one, as text or JSON. */
public final class ShownRows {
  private final Tokenizer tokenizer;
  private final boolean json;

  /** Rows that a tokenizer has encoded. */
  public ShownRows(Tokenizer tokenizer, boolean json) {
    this.tokenizer = tokenizer;
    this.json = json;
  }

  /** A row in training. */
  public String of(RowPreview.Seen seen) {
    return json
        ? Json.compact(asJson(seen))
        : header(seen) + "\n" + PreviewText.of(seen.encoded(), tokenizer, PreviewText.hasColours());
  }

  /** Its number, how it was read, how much of it is learned. */
  public static String header(RowPreview.Seen seen) {
    Encoded e = seen.encoded();
    String learned =
        e instanceof LabelledTokens l ? "label " + l.label() : e.supervisedTokens() + " learned";
    return "row "
        + seen.number()
        + " ("
        + seen.format()
        + "): "
        + e.ids().length
        + " tokens, "
        + learned;
  }

  private ObjectNode asJson(RowPreview.Seen seen) {
    ObjectNode out = Json.object().put("row", seen.number()).put("format", seen.format());
    int[] ids = seen.encoded().ids();
    putIds(out, ids);
    if (seen.encoded() instanceof LearnedTokens tokens) {
      ArrayNode learned = out.putArray("learned");
      for (int label : tokens.labels()) {
        learned.add(label == Encoded.IGNORED ? 0 : 1);
      }
      out.put("text", tokenizer.decodeVisibly(ids));
      ArrayNode spans = out.putArray("learned_text");
      LearnedSpan.of(tokens).stream()
          .filter(LearnedSpan::learned)
          .forEach(s -> spans.add(tokenizer.decodeVisibly(s.ids())));
    } else if (seen.encoded() instanceof LabelledTokens labelled) {
      out.put("text", tokenizer.decodeVisibly(ids)).put("label", labelled.label());
    }
    return out;
  }

  private static void putIds(ObjectNode out, int[] ids) {
    ArrayNode array = out.putArray("ids");
    for (int id : ids) {
      array.add(id);
    }
  }

  /** What the model would be asked for a row. */
  public String prompt(RowPreview.Seen seen, ExampleEncoder encoder) {
    String asked = encoder.promptText(seen.example());
    int[] ids = encoder.promptIds(seen.example(), asked);
    String text = tokenizer.decodeVisibly(ids);
    if (!json) {
      return "row " + seen.number() + ": " + ids.length + " tokens\n" + text;
    }
    ObjectNode out = Json.object().put("row", seen.number());
    putIds(out, ids);
    return Json.compact(out.put("text", text));
  }
}
