/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;

class SafetensorsTest {
  @TempDir private Path directory;

  private Path written() {
    Path file = directory.resolve("a.safetensors");
    try (Scope scope = new Scope()) {
      Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
      float[] values = {1.5f, -2, 3, 4, 5, 1e-3f};
      tensors.put("m", Safetensors.Source.of(Tensor.ofFloats(Device.CPU, values, 2, 3)));
      tensors.put(
          "half", Safetensors.Source.of(Tensor.ofFloats(Device.CPU, values, 6).to(DType.BFLOAT16)));
      tensors.put("empty", Safetensors.Source.of(Tensor.zeros(Device.CPU, DType.FLOAT32, 0, 4)));
      tensors.put("ids", Safetensors.Source.of(Tensor.ofLongs(Device.CPU, new long[] {7, -8}, 2)));
      Safetensors.write(file, tensors, Map.of("format", "pt"));
    }
    return file;
  }

  @Test
  void whatIsWrittenIsReadBackInAnyType() {
    try (Safetensors file = Safetensors.open(written());
        Scope scope = new Scope()) {
      assertEquals(4, file.names().size());
      assertEquals("pt", file.metadata().get("format"));
      assertArrayEquals(new long[] {2, 3}, file.shape("m"));
      assertEquals(DType.BFLOAT16, file.type("half"));
      float[] expected = {1.5f, -2, 3, 4, 5, 1e-3f};
      assertArrayEquals(expected, file.load("m", DType.FLOAT32).toFloats());
      assertArrayEquals(expected, file.load("half", DType.FLOAT32).toFloats(), 1e-5f);
      assertEquals(0, file.load("empty", DType.FLOAT32).size());
      assertArrayEquals(new long[] {7, -8}, file.load("ids", DType.INT64).toLongs());
      assertThrows(InputFault.class, () -> file.load("none", DType.FLOAT32));
    }
  }

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(written());
    Path cut = directory.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length++) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThrows(InputFault.class, () -> Safetensors.open(cut).close(), "length " + length);
    }
  }

  @Test
  void damagedHeadersAreFaultsAndNothingElse() throws IOException {
    byte[] whole = Files.readAllBytes(written());
    int header = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    long seed = 42;
    Random random = new Random(seed);
    Path damaged = directory.resolve("damaged.safetensors");
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = whole.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        bytes[random.nextInt(header + 8)] = (byte) random.nextInt(256);
      }
      Files.write(damaged, bytes);
      try (Safetensors file = Safetensors.open(damaged);
          Scope scope = new Scope()) {
        for (String name : file.names()) {
          file.load(name, DType.FLOAT32);
        }
      } catch (InputFault e) {
        refused++;
      }
    }
    assertTrue(refused > 1000, "seed " + seed + ": " + refused + " of 2000 refused");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":3}",
        "[]",
        "{"
      })
  void headersThatLieAreRefused(String header) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    Path file = directory.resolve("lie.safetensors");
    Files.write(file, bytes.array());
    assertThrows(InputFault.class, () -> Safetensors.open(file));
  }

  @Test
  void aFailedWriteLeavesNothingBehind() throws IOException {
    Path noDirectory = Files.createFile(directory.resolve("none"));
    Path file = noDirectory.resolve("a.safetensors");
    assertThrows(RunFault.class, () -> Safetensors.write(file, Map.of(), Map.of()));
    Path half = directory.resolve("half.safetensors");
    Safetensors.Source broken =
        new Safetensors.Source(
            DType.FLOAT32,
            new long[] {1},
            () -> {
              throw new RunFault("out of something");
            });
    assertThrows(RunFault.class, () -> Safetensors.write(half, Map.of("a", broken), Map.of()));
    assertFalse(Files.exists(half));
    assertFalse(Files.exists(directory.resolve(".half.safetensors.partial")));
  }

  @Test
  void shardsAreReadThroughTheirIndexAndMayNotLeaveTheDirectory() throws IOException {
    Files.move(written(), directory.resolve("one.safetensors"));
    Path index = directory.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\":{\"m\":\"one.safetensors\"}}");
    try (ShardedSafetensors model = ShardedSafetensors.open(directory);
        Scope scope = new Scope()) {
      assertEquals(6, model.load("m", DType.FLOAT32).size());
      assertArrayEquals(new long[] {2, 3}, model.shape("m"));
    }
    Files.writeString(index, "{\"weight_map\":{\"m\":\"../one.safetensors\"}}");
    assertThrows(InputFault.class, () -> ShardedSafetensors.open(directory));
    Files.writeString(index, "{\"weight_map\":{\"x\":\"one.safetensors\"}}");
    assertThrows(InputFault.class, () -> ShardedSafetensors.open(directory));
    Files.writeString(index, "{\"weight_map\":{\"m\":\"two.safetensors\"}}");
    assertThrows(InputFault.class, () -> ShardedSafetensors.open(directory));
    Files.delete(index);
    assertThrows(InputFault.class, () -> ShardedSafetensors.open(directory));
  }
}
