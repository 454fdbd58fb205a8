/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.fault.UsageFault;
import org.tlora.format.GgufStorage;

/** Which tensors of a file have how many bits: as files of llama.cpp on the hub have them. */
class GgufMixTest {
  @ParameterizedTest
  @CsvSource({
    // of 32 layers the first and last 4 have more, and every third between: 6, 9, …, 27
    "Q4_K_M, blk.0.attn_v.weight, 4096, Q6_K",
    "Q4_K_M, blk.3.ffn_down.weight, 11008, Q6_K",
    "Q4_K_M, blk.4.ffn_down.weight, 11008, Q4_K",
    "Q4_K_M, blk.6.attn_v.weight, 4096, Q6_K",
    "Q4_K_M, blk.27.attn_v.weight, 4096, Q6_K",
    "Q4_K_M, blk.28.ffn_down.weight, 11008, Q6_K",
    "Q4_K_M, blk.0.attn_q.weight, 4096, Q4_K",
    "Q4_K_M, blk.0.attn_qkv.weight, 4096, Q5_K",
    "Q4_K_M, token_embd.weight, 4096, Q4_K",
    "Q4_K_S, blk.3.attn_v.weight, 4096, Q5_K",
    "Q4_K_S, blk.4.attn_v.weight, 4096, Q4_K",
    "Q4_K_S, blk.3.ffn_down.weight, 11008, Q5_K",
    "Q5_K_M, blk.0.attn_v.weight, 4096, Q6_K",
    "Q5_K_M, blk.5.attn_v.weight, 4096, Q5_K",
    "Q5_K_S, blk.0.attn_v.weight, 4096, Q5_K",
    "Q6_K, blk.0.attn_v.weight, 4096, Q6_K",
    // rows that are no whole blocks of 256
    "Q4_K_M, blk.5.attn_q.weight, 576, Q5_0",
    "Q5_K_M, blk.5.attn_q.weight, 576, Q5_1",
    "Q6_K, blk.5.attn_q.weight, 576, Q8_0",
    "Q4_K_M, blk.5.attn_q.weight, 100, F16",
    "Q8_0, blk.5.attn_q.weight, 100, F16",
    "Q8_0, output.weight, 4096, Q8_0"
  })
  void eachTensorHasItsType(GgufMix mix, String name, long columns, GgufStorage type) {
    assertEquals(type, mix.of(name, new long[] {64, columns}, 32, false));
  }

  @Test
  void vectorsAreWholeAndTheOutputLayerHasSixBits() {
    assertEquals(
        GgufStorage.F32, GgufMix.Q4_K_M.of("output_norm.weight", new long[] {64}, 2, false));
    long[] table = {1000, 512};
    assertEquals(GgufStorage.Q6_K, GgufMix.Q4_K_M.of("token_embd.weight", table, 2, true));
    assertEquals(GgufStorage.Q6_K, GgufMix.Q5_K_S.of("output.weight", table, 2, true));
    assertEquals(GgufStorage.Q4_0, GgufMix.Q4_0.of("output.weight", table, 2, true));
  }

  @Test
  void namesAreKnownOrAllAreNamed() {
    assertEquals(GgufMix.Q4_K_M, GgufMix.named("q4_k_m"));
    String said = assertThrows(UsageFault.class, () -> GgufMix.named("Q3_K")).getMessage();
    assertEquals(
        "`type` Q3_K is not known; known are F32, F16, BF16, Q8_0, Q4_0, Q4_K_S, Q4_K_M, Q5_K_S,"
            + " Q5_K_M, Q6_K; did you mean Q6_K?",
        said);
  }
}
