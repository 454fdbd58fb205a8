/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.Activation;
import org.tlora.model.DecoderConfig;
import org.tlora.model.EncoderConfig;

/** Families of one's own, beside those of the library. */
class FamiliesTest {
  private record Own(Set<String> architectures, String modelType, GgufLayout layout)
      implements ModelFamily {
    Own(String architecture, String modelType) {
      this(Set.of(architecture), modelType, null);
    }

    @Override
    public DecoderConfig config(HubConfig config) {
      throw new InputFault(config.where());
    }

    @Override
    public Optional<GgufLayout> gguf() {
      return Optional.ofNullable(layout);
    }
  }

  private record OwnEncoder(String architecture, String modelType) implements EncoderFamily {
    @Override
    public EncoderConfig config(HubConfig config) {
      throw new InputFault(config.where());
    }
  }

  private static HubConfig config(String text) {
    return HubConfig.parse(text, "config.json");
  }

  @Test
  void familiesOfOnesOwnAreFoundByTheirNames() {
    GgufLayout layout = GgufLayout.of("tiny", "TinyForCausalLM", "tiny");
    ModelFamily decoder = new Own(Set.of("TinyForCausalLM"), "tiny", layout);
    EncoderFamily encoder = new OwnEncoder("Small", "small");
    Families all = Families.known().with(decoder).with(encoder);
    assertSame(decoder, all.ofArchitecture("TinyForCausalLM", "here"));
    assertSame(decoder, all.ofGguf("tiny", "here"));
    assertSame(encoder, all.encoder("SmallForMaskedLM").orElseThrow());
    assertEquals("TinyForCausalLM", all.architecture(config("{\"model_type\": \"tiny\"}")));
    assertEquals("SmallModel", all.architecture(config("{\"model_type\": \"small\"}")));
    assertSame(Llama.class, all.ofArchitecture("LlamaForCausalLM", "here").getClass());
    HubConfig both =
        config("{\"architectures\": [\"TinyForCausalLM\"], \"model_type\": \"llama\"}");
    assertThrows(InputFault.class, () -> all.architecture(both));
    InputFault unknown =
        assertThrows(
            InputFault.class, () -> Families.known().ofArchitecture("TinyForCausalLM", "here"));
    assertTrue(unknown.getMessage().startsWith("here: architecture 'TinyForCausalLM' is not"));
  }

  private static void refused(String message, Executable families) {
    assertEquals(message, assertThrows(UsageFault.class, families).getMessage());
  }

  @Test
  void oneWithANameThatIsKnownIsRefused() {
    Families known = Families.known();
    refused(
        "`family` tiny: architecture LlamaForCausalLM is known already",
        () -> known.with(new Own("LlamaForCausalLM", "tiny")));
    refused(
        "`family`: model_type llama is known already",
        () -> known.with(new Own("TinyForCausalLM", "llama")));
    refused(
        "`family`: model_type bert is known already",
        () -> known.with(new Own("TinyForCausalLM", "bert")));
    refused(
        "`family` tiny: architecture BertModel is known already",
        () -> known.with(new Own("BertModel", "tiny")));
    refused(
        "`family` small: architecture BertModel is known already",
        () -> known.with(new OwnEncoder("Bert", "small")));
    refused(
        "`family`: model_type qwen2 is known already",
        () -> known.with(new OwnEncoder("Small", "qwen2")));
    Own first = new Own("TinyForCausalLM", "tiny");
    refused(
        "`family` tiny2: architecture TinyForCausalLM is known already",
        () -> known.with(first, new Own("TinyForCausalLM", "tiny2")));
    GgufLayout llama = GgufLayout.of("llama", "TinyForCausalLM", "tiny");
    refused(
        "`family` tiny: GGUF's architecture llama is known already, as another family's: it can be"
            + " written so (ggufToWrite), not read",
        () -> known.with(new Own(Set.of("TinyForCausalLM"), "tiny", llama)));
  }

  @Test
  void oneWithoutANameIsRefused() {
    Families known = Families.known();
    refused(
        "`family` tiny names no architecture", () -> known.with(new Own(Set.of(), "tiny", null)));
    refused("`family` small names no architecture", () -> known.with(new OwnEncoder("", "small")));
    refused(
        "`family` of [TinyForCausalLM] has no model_type",
        () -> known.with(new Own("TinyForCausalLM", "")));
    refused(
        "rope `types` foo, yarn: known are default, linear, llama3, longrope, yarn",
        () -> new RopeRules(1e4, false, 0, Map.of(), Set.of("yarn", "foo")));
  }

  @Test
  void fieldsUnderOtherNamesAreUnderstoodAndNamedAsTheFileHasThem() {
    HubConfig file =
        config(
            "{\"width\": 8, \"depth\": 0, \"kinds\": [\"a\", 1, true], \"act\": \"odd\","
                + " \"hidden_size\": 3, \"more\": \"x\", \"passed\": 1}");
    HubConfig c =
        file.named(Map.of("hidden_size", "width", "num_hidden_layers", "depth", "f", "act"));
    assertEquals(8, c.size("hidden_size"));
    assertEquals(List.of("a", "1", "true"), c.texts("kinds"));
    assertEquals(List.of(), c.texts("missing"));
    assertEquals("none", c.text("missing", "none"));
    c.ignore("passed");
    c.notice("mind this");
    assertEquals(
        "config.json: depth is missing or not a size: 0",
        assertThrows(InputFault.class, () -> c.layers("num_hidden_layers")).getMessage());
    assertEquals(
        "config.json: act 'odd' is not supported",
        assertThrows(InputFault.class, () -> c.activation("f", "gelu")).getMessage());
    assertEquals(
        "config.json: more is no list but \"x\"",
        assertThrows(InputFault.class, () -> c.texts("more")).getMessage());
    assertEquals(
        List.of("config.json: mind this", "config.json: not used: hidden_size (3)"),
        file.notices());
    assertEquals(Activation.GELU, c.activation("g", "gelu"));
    assertThrows(InputFault.class, () -> config("[1]"));
  }
}
