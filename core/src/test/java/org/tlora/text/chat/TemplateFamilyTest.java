/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateFamilyTest {
  private static Optional<String> of(String source) {
    return TemplateFamily.of(new ChatTemplate(source, Map.of("bos_token", "<s>")));
  }

  @ParameterizedTest
  @CsvSource({
    "ChatML, <|im_start|>, <|im_end|>",
    "Llama 3, <|start_header_id|>, <|eot_id|>",
    "Mistral, [INST], [/INST]",
    "Gemma, <start_of_turn>, <end_of_turn>",
    "Phi 3, <|user|>, <|end|>",
    "Zephyr, <|user|>, </s>",
    "Granite, <|start_of_role|>, <|end_of_role|>"
  })
  void aFamilyIsToldByWhatItWrites(String family, String before, String behind) {
    String loop = "{% for m in messages %}{{ '" + before + "' + m.content + '" + behind + "' }}";
    assertEquals(Optional.of(family), of(loop + "{% endfor %}"));
  }

  /** A mark in a branch that is not taken, or in a comment, is not written. */
  @Test
  void whatIsNotWrittenDoesNotCount() {
    String source =
        "{# <|im_start|> #}{% for m in messages %}{% if m.role == 'tool' %}<|im_start|>{% endif %}"
            + "{{ '[INST]' + m.content }}{% endfor %}";
    assertEquals(Optional.of("Mistral"), of(source));
    assertEquals(Optional.empty(), of("{% for m in messages %}{{ m.content }}{% endfor %}"));
  }

  @Test
  void aTemplateThatRefusesAConversationIsToldByItsText() {
    assertEquals(
        Optional.of("ChatML"),
        of("{{ raise_exception('no') }}{% for m in messages %}<|im_start|>{% endfor %}"));
    assertEquals(Optional.empty(), of("{% for m in"));
  }
}
