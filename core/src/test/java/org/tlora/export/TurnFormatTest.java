/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.text.chat.ChatTemplate;
import org.tlora.text.chat.Message;

/** Chat templates of the well-known kinds, written for this, and what Ollama is told of them. */
class TurnFormatTest {
  private static final Map<String, String> TEMPLATES =
      Map.of(
          "chatml",
          "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] +"
              + " '<|im_end|>' + '\\n' }}{% endfor %}"
              + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
          "chatml-with-system",
          "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}"
              + "{{ '<|im_start|>system\\nYou are kind.<|im_end|>\\n' }}{% endif %}"
              + "{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}"
              + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
          "llama3",
          "{% for m in messages %}{% if loop.first %}{{ bos_token }}{% endif %}"
              + "{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n'"
              + " + m['content'] | trim + '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}"
              + "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
          "llama2",
          "{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}"
              + "{% set system = '<<SYS>>\\n' + messages[0]['content'] + '\\n<</SYS>>\\n\\n' %}"
              + "{% else %}{% set rest = messages %}{% set system = '' %}{% endif %}"
              + "{% for m in rest %}{% if m['role'] == 'user' %}{{ bos_token + '[INST] ' }}"
              + "{% if loop.first %}{{ system }}{% endif %}{{ m['content'] + ' [/INST]' }}"
              + "{% else %}{{ ' ' + m['content'] + ' ' + eos_token }}{% endif %}{% endfor %}",
          "mistral",
          "{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}"
              + "{% set system = messages[0]['content'] + '\\n\\n' %}"
              + "{% else %}{% set rest = messages %}{% set system = '' %}{% endif %}{{ bos_token }}"
              + "{% for m in rest %}{% if m['role'] == 'user' %}{{ '[INST] ' }}"
              + "{% if loop.last %}{{ system }}{% endif %}{{ m['content'] + '[/INST]' }}"
              + "{% else %}{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}",
          "gemma",
          "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
              + "{{ bos_token }}{% for m in messages %}{{ '<start_of_turn>' }}"
              + "{% if m['role'] == 'assistant' %}model{% else %}user{% endif %}"
              + "{{ '\\n' + m['content'] + '<end_of_turn>\\n' }}{% endfor %}"
              + "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}",
          "phi3",
          "{% for m in messages %}{{ '<|' + m['role'] + '|>\\n' + m['content'] + '<|end|>\\n' }}"
              + "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}"
              + "{% else %}{{ eos_token }}{% endif %}",
          "granite",
          "{% for m in messages %}{{ '<|start_of_role|>' + m['role'] + '<|end_of_role|>'"
              + " + m['content'] + '<|end_of_text|>\\n' }}{% endfor %}"
              + "{% if add_generation_prompt %}"
              + "{{ '<|start_of_role|>assistant<|end_of_role|>' }}{% endif %}",
          "thinking",
          "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' }}"
              + "{% if m['role'] == 'assistant' and loop.last %}{{ '<think>\\n\\n</think>\\n\\n' }}"
              + "{% endif %}{{ m['content'] + '<|im_end|>\\n' }}{% endfor %}"
              + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{% endif %}");

  private static TurnFormat.Renderer template(String name) {
    return new ChatTemplate(TEMPLATES.get(name), Map.of("bos_token", "<s>", "eos_token", "</s>"))
        ::text;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chatml",
        "chatml-with-system",
        "llama3",
        "llama2",
        "mistral",
        "gemma",
        "phi3",
        "granite",
        "thinking"
      })
  void wellKnownKindsAreFound(String name) {
    TurnFormat format = TurnFormat.of(template(name), "</s>").orElseThrow();
    List<Message> turns =
        List.of(
            Message.of("user", "{{ not an action }}"),
            Message.of("assistant", "So\nit is."),
            Message.of("user", "Why?"));
    assertEquals(template(name).render(turns, true), format.write(turns));
    assertFalse(OllamaTemplate.of(format).contains("not an action"));
  }

  @Test
  void chatMlIsWrittenForOllama() {
    TurnFormat format = TurnFormat.of(template("chatml-with-system"), "</s>").orElseThrow();
    assertEquals("You are kind.", format.defaultSystem());
    String system = "<|im_start|>system\n";
    String user = "<|im_end|>\n<|im_start|>user\n";
    assertEquals(
        "{{ $first := true }}{{ range $i, $m := .Messages }}"
            + "{{ $last := eq (len (slice $.Messages $i)) 1 }}{{ if eq $m.Role \"user\" }}"
            + "{{ if and $first $.System }}"
            + system
            + "{{ $.System }}"
            + user
            + "{{ else if $first }}"
            + system
            + "You are kind."
            + user
            + "{{ else }}<|im_start|>user\n{{ end }}{{ $first = false }}{{ $m.Content }}"
            + "<|im_end|>\n{{ if $last }}<|im_start|>assistant\n{{ end }}"
            + "{{ else if eq $m.Role \"assistant\" }}<|im_start|>assistant\n{{ $m.Content }}"
            + "{{ if not $last }}<|im_end|>\n{{ end }}{{ end }}{{ end }}",
        OllamaTemplate.of(format));
  }

  @Test
  void aTemplateWithoutSystemMessagesIsOneWithout() {
    assertNull(TurnFormat.of(template("gemma"), "</s>").orElseThrow().openingWithSystem());
  }

  @Test
  void theBeginningThatLlamaCppAddsIsTakenOff() {
    TurnFormat format = TurnFormat.of(template("llama2"), "</s>").orElseThrow().without("<s>");
    assertEquals("[INST] ", format.opening());
    assertEquals("[INST] <<SYS>>\n", format.openingWithSystem());
    assertEquals("<s>[INST] ", format.question());
    assertEquals(" </s>", format.behindAnswer());
  }

  @Test
  void bracesOfATemplateStandForThemselves() {
    TurnFormat.Renderer braces =
        new ChatTemplate(
                "{% for m in messages %}{{ '{{' + m['role'] + '}} ' + m['content'] + '\\n' }}"
                    + "{% endfor %}{% if add_generation_prompt %}{{ '{{assistant}} ' }}{% endif %}",
                Map.of())
            ::text;
    String written = OllamaTemplate.of(TurnFormat.of(braces, "</s>").orElseThrow());
    assertTrue(written.contains("{{ \"{{\" }}user}} "), written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // numbers turns
        "{% for m in messages %}{{ loop.index ~ m['role'] + m['content'] }}{% endfor %}>",
        // says what was said before once more
        "{% for m in messages %}{{ m['role'] + m['content'] }}{% endfor %}{{ messages[0]['content'] }}",
        // shortens answers
        "{% for m in messages %}{{ m['role'] + m['content'][:12] }}{% endfor %}",
        // refuses everything
        "{{ raise_exception('no') }}"
      })
  void whatDoesMoreIsNotFound(String source) {
    assertEquals(Optional.empty(), TurnFormat.of(new ChatTemplate(source, Map.of())::text, "</s>"));
  }
}
