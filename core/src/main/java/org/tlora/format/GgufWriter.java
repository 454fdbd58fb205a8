/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** Writes GGUF files, version 3. */
public final class GgufWriter {
  private static final int ALIGNMENT = 32;

  private GgufWriter() {}

  /**
   * A tensor to write: made when its turn comes and closed afterwards.
   *
   * @param shape outermost dimension first
   */
  public record Source(GgufStorage type, long[] shape, Supplier<Tensor> tensor) {
    private long bytes() {
      return type.bytes(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }
  }

  /**
   * Writes a file, under a temporary name first.
   *
   * @param metadata strings, booleans, {@link Long} (written as 32 bits, unsigned), {@link Double}
   *     (written as float32), and lists of strings, of Long (signed 32 bits) or of Double
   * @throws org.tlora.fault.RunFault if it cannot be written
   */
  public static void write(Path file, Map<String, Object> metadata, Map<String, Source> tensors) {
    AtomicFiles.write(
        file,
        out -> {
          Bytes head = new Bytes(out);
          head.raw("GGUF".getBytes(StandardCharsets.US_ASCII));
          head.int32(3);
          head.int64(tensors.size());
          head.int64(metadata.size());
          for (Map.Entry<String, Object> e : metadata.entrySet()) {
            head.string(e.getKey());
            head.value(e.getValue());
          }
          long offset = 0;
          for (Map.Entry<String, Source> e : tensors.entrySet()) {
            Source s = e.getValue();
            head.string(e.getKey());
            head.int32(s.shape().length);
            for (int i = s.shape().length - 1; i >= 0; i--) {
              head.int64(s.shape()[i]);
            }
            head.int32(s.type().id());
            head.int64(offset);
            offset += aligned(s.bytes());
          }
          head.pad();
          for (Source s : tensors.values()) {
            data(head, s);
          }
        });
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static void data(Bytes out, Source source) throws IOException {
    try (Scope scope = new Scope()) {
      Tensor flat = source.tensor().get().contiguous().view(-1);
      for (long i = 0; i < flat.size(); i += source.type().chunk()) {
        try (Scope inner = new Scope()) {
          long n = Math.min(source.type().chunk(), flat.size() - i);
          out.raw(source.type().encode(flat.narrow(0, i, n)));
        }
      }
    }
    out.pad();
  }

  /** Little-endian values and how many bytes they have taken. */
  private static final class Bytes {
    private final OutputStream out;
    private long written;

    Bytes(OutputStream out) {
      this.out = out;
    }

    void raw(byte[] bytes) throws IOException {
      out.write(bytes);
      written += bytes.length;
    }

    private static ByteBuffer buffer(int size) {
      return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    void int32(int value) throws IOException {
      raw(buffer(4).putInt(value).array());
    }

    void int64(long value) throws IOException {
      raw(buffer(8).putLong(value).array());
    }

    void float32(double value) throws IOException {
      raw(buffer(4).putFloat((float) value).array());
    }

    void string(String text) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int64(bytes.length);
      raw(bytes);
    }

    void value(Object value) throws IOException {
      if (value instanceof List<?> list) {
        int32(9);
        list(list);
      } else {
        int32(type(value, false));
        element(value);
      }
    }

    private void list(List<?> list) throws IOException {
      int32(list.isEmpty() ? 8 : type(list.get(0), true));
      int64(list.size());
      for (Object element : list) {
        element(element);
      }
    }

    private static int type(Object value, boolean signed) {
      if (value instanceof Long) {
        return signed ? 5 : 4;
      }
      if (value instanceof Double) {
        return 6;
      }
      if (value instanceof Boolean) {
        return 7;
      }
      if (value instanceof String) {
        return 8;
      }
      throw new IllegalArgumentException("metadata of type " + value.getClass());
    }

    private void element(Object value) throws IOException {
      if (value instanceof Long l) {
        int32((int) (long) l);
      } else if (value instanceof Double d) {
        float32(d);
      } else if (value instanceof Boolean b) {
        raw(new byte[] {(byte) (b ? 1 : 0)});
      } else {
        string((String) value);
      }
    }

    void pad() throws IOException {
      raw(new byte[(int) (aligned(written) - written)]);
    }
  }
}
