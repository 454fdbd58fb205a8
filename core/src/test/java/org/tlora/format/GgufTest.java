/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.fault.InputFault;
import org.tlora.golden.Shared;
import org.tlora.quantise.block.Halves;

class GgufTest {
  @TempDir private Path directory;

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(Shared.path("golden/gguf/types.gguf"));
    Path cut = directory.resolve("cut.gguf");
    for (int length = 0; length < whole.length; length += length < 2000 ? 1 : 97) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThrows(InputFault.class, () -> Gguf.open(cut).close(), "length " + length);
    }
  }

  @Test
  void damagedHeadersAreFaultsAndNothingElse() throws IOException {
    byte[] whole = Files.readAllBytes(Shared.path("golden/gguf/types.gguf"));
    long seed = 43;
    Random random = new Random(seed);
    Path damaged = directory.resolve("damaged.gguf");
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = whole.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        bytes[random.nextInt(1200)] = (byte) random.nextInt(256);
      }
      Files.write(damaged, bytes);
      try (Gguf file = Gguf.open(damaged);
          Scope scope = new Scope()) {
        for (String name : file.names()) {
          file.load(name, DType.FLOAT32);
        }
      } catch (InputFault e) {
        refused++;
      }
    }
    assertTrue(refused > 300, "seed " + seed + ": " + refused + " of 2000 refused");
  }

  @Test
  void halfPrecisionCoversZeroSubnormalsAndInfinity() {
    assertEquals(1f, Halves.toFloat((short) 0x3c00));
    assertEquals(-2f, Halves.toFloat((short) 0xc000));
    assertEquals(0x1p-24f, Halves.toFloat((short) 1));
    assertEquals(65504f, Halves.toFloat((short) 0x7bff));
    assertTrue(Float.isInfinite(Halves.toFloat((short) 0x7c00)));
    assertTrue(Float.isNaN(Halves.toFloat((short) 0x7e00)));
    assertEquals(-0f, Halves.toFloat((short) 0x8000));
  }
}
