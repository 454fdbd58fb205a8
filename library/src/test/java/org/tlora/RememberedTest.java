/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.encode.ConversationEncoder;
import org.tlora.engine.DType;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.quickstart.TinyModels;

/** What a conversation remembers where the model cannot look back on all of it. */
class RememberedTest {
  static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
          + "{% if add_generation_prompt %}assistant: {% endif %}";

  @TempDir private Path model;

  static void template(Path model) throws IOException {
    new TinyModels(model, DType.FLOAT32).close();
    Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
  }

  @Test
  void theOldestQuestionsAreForgottenFirst() throws IOException {
    template(model);
    try (PretrainedModel files = PretrainedModel.open(model)) {
      ConversationEncoder encoder = files.conversationEncoder().orElseThrow();
      Remembered all = new Remembered(encoder, "Whisper.", 1000);
      assertTrue(all.ask("one").isPresent());
      all.answer("1");
      int[] whole = all.ask("two").orElseThrow();
      Remembered bounded = new Remembered(encoder, "Whisper.", whole.length - 1);
      assertTrue(bounded.ask("one").isPresent());
      bounded.answer("1");
      String left = files.tokenizer().decode(bounded.ask("two").orElseThrow());
      assertEquals(1, bounded.size());
      assertTrue(left.contains("Whisper.") && left.contains("two"), left);
      assertNotEquals(files.tokenizer().decode(whole), left);
      assertTrue(!left.contains("one"), left);
    }
  }
}
