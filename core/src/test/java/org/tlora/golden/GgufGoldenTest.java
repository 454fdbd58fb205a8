/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.format.Gguf;
import org.tlora.format.Safetensors;

/** Every element type of GGUF becomes the float32 values of the reference implementation. */
class GgufGoldenTest {
  @Test
  void everyTypeIsDequantisedAsTheReferenceDoes() {
    try (Gguf gguf = Gguf.open(Shared.path("golden/gguf/types.gguf"));
        Safetensors expected = Safetensors.open(Shared.path("golden/gguf/expected.safetensors"))) {
      assertEquals(expected.names(), gguf.names());
      assertEquals(13, gguf.names().size());
      for (String name : gguf.names()) {
        try (Scope scope = new Scope()) {
          assertArrayEquals(expected.shape(name), gguf.shape(name), name);
          float[] want = expected.load(name, DType.FLOAT32).toFloats();
          float[] got = gguf.load(name, DType.FLOAT32).toFloats();
          for (int i = 0; i < want.length; i++) {
            Expect.relative(want[i], got[i], 1e-6, 1e-12, name + " element " + i);
          }
        }
      }
    }
  }
}
