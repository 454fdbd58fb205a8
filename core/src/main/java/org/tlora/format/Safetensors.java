/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;

/**
 * The safetensors format: eight bytes with the header's length, a JSON header, then the tensors'
 * raw little-endian bytes. Tensors are read one by one, straight into their memory.
 */
public final class Safetensors implements WeightStore {
  private static final long MAX_HEADER = 100L << 20;
  private static final long CHUNK_BYTES = 256L << 20;
  private static final long STAGED_BYTES = 8L << 20;
  private static final Map<String, DType> TYPES =
      Map.ofEntries(
          Map.entry("F64", DType.FLOAT64),
          Map.entry("F32", DType.FLOAT32),
          Map.entry("BF16", DType.BFLOAT16),
          Map.entry("F16", DType.FLOAT16),
          Map.entry("I64", DType.INT64),
          Map.entry("I32", DType.INT32),
          Map.entry("I16", DType.INT16),
          Map.entry("I8", DType.INT8),
          Map.entry("U8", DType.UINT8),
          Map.entry("BOOL", DType.BOOL));

  /** Bits of an element of types that are told apart but not computed with. */
  private static final Map<String, Integer> OTHER_TYPES =
      Map.ofEntries(
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E4M3FNUZ", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E5M2FNUZ", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("F6_E2M3", 6),
          Map.entry("F6_E3M2", 6),
          Map.entry("F4", 4),
          Map.entry("U16", 16),
          Map.entry("U32", 32),
          Map.entry("U64", 64),
          Map.entry("C64", 64));

  /** A tensor's place; its type is null where it is none that is computed with. */
  private record Entry(String typeName, DType type, long[] shape, long start, long bytes) {}

  private final InputFile file;
  private final Map<String, Entry> entries;
  private final Map<String, String> metadata;

  private Safetensors(InputFile file, Map<String, Entry> entries, Map<String, String> metadata) {
    this.file = file;
    this.entries = entries;
    this.metadata = metadata;
  }

  /**
   * Opens a file and checks its header against its size.
   *
   * @throws InputFault if it is not a whole safetensors file
   */
  public static Safetensors open(Path path) {
    InputFile file = new InputFile(path);
    try {
      return read(file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static Safetensors read(InputFile file) {
    Path path = file.path();
    if (file.size() < 8) {
      throw new InputFault(path + " is truncated: no safetensors header");
    }
    long headerLength = file.bytes(0, 8).getLong();
    if (headerLength < 2 || headerLength > MAX_HEADER || headerLength > file.size() - 8) {
      throw new InputFault(
          path
              + " is not a whole safetensors file: its header should have "
              + headerLength
              + " of "
              + file.size()
              + " bytes");
    }
    byte[] bytes = file.bytes(8, headerLength).array();
    ObjectNode header =
        Json.parseObject(new String(bytes, StandardCharsets.UTF_8), "the header of " + path);
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    long dataStart = 8 + headerLength;
    header
        .properties()
        .forEach(
            e -> {
              if (e.getKey().equals("__metadata__")) {
                e.getValue()
                    .properties()
                    .forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
              } else {
                entries.put(
                    e.getKey(), entry(path, e.getKey(), e.getValue(), dataStart, file.size()));
              }
            });
    Sizes.requireDisjoint(path, extents(entries));
    return new Safetensors(file, entries, metadata);
  }

  private static Entry entry(Path path, String name, JsonNode node, long dataStart, long fileSize) {
    String where = path + ", tensor " + name + ": ";
    String typeName = node.path("dtype").asText();
    DType type = TYPES.get(typeName);
    Integer bits = type == null ? OTHER_TYPES.get(typeName) : Integer.valueOf(8 * type.bytes());
    if (bits == null) {
      throw new InputFault(where + "unknown type " + node.path("dtype"));
    }
    JsonNode offsets = node.path("data_offsets");
    JsonNode dims = node.path("shape");
    if (offsets.size() != 2 || !dims.isArray()) {
      throw new InputFault(where + "shape or data_offsets missing");
    }
    long begin = offsets.get(0).asLong(-1);
    long end = offsets.get(1).asLong(-1);
    long[] shape = new long[dims.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dims.get(i).asLong(-1);
    }
    // checked for 64 bytes an element, so that the bits fit a long
    long bytes =
        type == null
            ? (Sizes.elements(shape, Long.SIZE, where) * bits + 7) / 8
            : Sizes.elements(shape, type.bytes(), where) * type.bytes();
    if (begin < 0 || end < begin || end - begin != bytes) {
      throw new InputFault(
          where + "data_offsets " + offsets + " do not hold shape " + dims + " of " + typeName);
    }
    if (end > fileSize - dataStart) {
      throw new InputFault(
          where
              + "the file is truncated ("
              + fileSize
              + " bytes, "
              + (dataStart + end)
              + " needed)");
    }
    return new Entry(typeName, type, shape, dataStart + begin, bytes);
  }

  private static Map<String, Sizes.Extent> extents(Map<String, Entry> entries) {
    Map<String, Sizes.Extent> extents = new LinkedHashMap<>();
    entries.forEach((name, e) -> extents.put(name, new Sizes.Extent(e.start(), e.bytes())));
    return extents;
  }

  @Override
  public Set<String> names() {
    return entries.keySet();
  }

  /** The header's free-form texts. */
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public long[] shape(String name) {
    return require(name).shape().clone();
  }

  /** The element type on disk; null if it is none that is computed with, such as F8_E4M3. */
  public DType type(String name) {
    return require(name).type();
  }

  /** What the format calls the element type on disk. */
  public String typeName(String name) {
    return require(name).typeName();
  }

  @Override
  public Optional<Stored> stored(String name) {
    Entry e = require(name);
    return Optional.of(new Stored(e.typeName(), e.bytes()));
  }

  private Entry require(String name) {
    Entry e = entries.get(name);
    if (e == null) {
      throw new InputFault(file.path() + " has no tensor " + name);
    }
    return e;
  }

  @Override
  public Tensor load(String name, DType type) {
    Entry e = require(name);
    return load(name, e, type, 0, e.shape());
  }

  @Override
  public Tensor loadRows(String name, long from, long count, DType type) {
    Entry e = require(name);
    return load(name, e, type, from * e.shape()[1], count, e.shape()[1]);
  }

  /** What begins with the element {@code first} and fills a shape. */
  private Tensor load(String name, Entry e, DType type, long first, long... shape) {
    if (e.type() == null) {
      throw new InputFault(
          file.path() + ", tensor " + name + ": type " + e.typeName() + " is not computed with");
    }
    Tensor result = Tensor.empty(Device.CPU, type, shape);
    if (result.size() == 0) {
      return result;
    }
    try (Scope scope = new Scope()) {
      Tensor flat = result.view(-1);
      long count = flat.size();
      boolean converts = type != e.type();
      long step = (converts ? STAGED_BYTES : CHUNK_BYTES) / e.type().bytes();
      Tensor staged = converts ? Tensor.empty(Device.CPU, e.type(), Math.min(step, count)) : null;
      for (long i = 0; i < count; i += step) {
        long n = Math.min(step, count - i);
        Tensor chunk = flat.narrow(0, i, n);
        Tensor target = converts ? staged.narrow(0, 0, n) : chunk;
        file.read(e.start() + (first + i) * e.type().bytes(), target.bytes());
        if (converts) {
          chunk.copyFrom(target);
        }
      }
    }
    return result;
  }

  /** Bytes of a tensor on disk. */
  public long byteCount(String name) {
    return require(name).bytes();
  }

  /** A tensor's bytes as they are on disk, whatever its type is, [bytes] uint8. */
  public Tensor loadBytes(String name) {
    Entry e = require(name);
    Tensor result = Tensor.empty(Device.CPU, DType.UINT8, e.bytes());
    for (long i = 0; i < e.bytes(); i += CHUNK_BYTES) {
      try (Tensor chunk = result.narrow(0, i, Math.min(CHUNK_BYTES, e.bytes() - i))) {
        file.read(e.start() + i, chunk.bytes());
      }
    }
    return result;
  }

  /** Whether a tensor has the bytes of another that is of the same type and shape. */
  boolean sameBytes(String name, Safetensors there, String other) {
    Entry a = require(name);
    Entry b = there.require(other);
    boolean same = a.bytes() == b.bytes();
    for (long i = 0; same && i < a.bytes(); i += STAGED_BYTES) {
      long n = Math.min(STAGED_BYTES, a.bytes() - i);
      same = file.bytes(a.start() + i, n).equals(there.file.bytes(b.start() + i, n));
    }
    return same;
  }

  @Override
  public void close() {
    file.close();
  }

  /**
   * A tensor to write: made when its turn comes and closed afterwards.
   *
   * @param shape must be that of the tensor
   */
  public record Source(DType type, long[] shape, Supplier<Tensor> tensor) {
    /** A tensor that exists and stays open. */
    public static Source of(Tensor t) {
      return new Source(t.dtype(), t.shape(), t::alias);
    }

    long bytes() {
      return Arrays.stream(shape).reduce(type.bytes(), Math::multiplyExact);
    }
  }

  /**
   * Writes tensors, in the map's order, under a temporary name first.
   *
   * @param metadata free-form texts for the header
   * @throws org.tlora.fault.RunFault if the file cannot be written
   */
  public static void write(Path file, Map<String, Source> tensors, Map<String, String> metadata) {
    ObjectNode header = Json.object();
    if (!metadata.isEmpty()) {
      ObjectNode meta = header.putObject("__metadata__");
      metadata.forEach(meta::put);
    }
    long offset = 0;
    for (Map.Entry<String, Source> e : tensors.entrySet()) {
      Source source = e.getValue();
      ObjectNode node = header.putObject(e.getKey());
      node.put("dtype", typeName(source.type()));
      ArrayNode shape = node.putArray("shape");
      for (long size : source.shape()) {
        shape.add(size);
      }
      long end = offset + source.bytes();
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = padded(Json.compact(header).getBytes(StandardCharsets.UTF_8));
    AtomicFiles.write(
        file,
        out -> {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          out.write(length.putLong(json.length).array());
          out.write(json);
          writeData(tensors.values(), out);
        });
  }

  private static void writeData(Iterable<Source> sources, OutputStream out) throws IOException {
    WritableByteChannel channel = Channels.newChannel(out);
    for (Source source : sources) {
      try (Scope scope = new Scope()) {
        Tensor flat = source.tensor().get().to(source.type()).contiguous().view(-1);
        long step = CHUNK_BYTES / source.type().bytes();
        for (long i = 0; i < flat.size(); i += step) {
          ByteBuffer bytes = flat.narrow(0, i, Math.min(step, flat.size() - i)).bytes();
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        }
      }
    }
  }

  /** The header is padded with spaces so that the data starts at a multiple of eight. */
  private static byte[] padded(byte[] json) {
    int size = (json.length + 7) / 8 * 8;
    byte[] out = Arrays.copyOf(json, size);
    Arrays.fill(out, json.length, size, (byte) ' ');
    return out;
  }

  private static String typeName(DType type) {
    return TYPES.entrySet().stream()
        .filter(e -> e.getValue() == type)
        .findFirst()
        .orElseThrow()
        .getKey();
  }
}
