/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.quantise.BlockMatrix;

/**
 * GGUF files, versions 2 and 3: metadata and tensors, as plain numbers or in their blocks. Shapes
 * are given outermost dimension first, the other way round than in the file.
 */
public final class Gguf implements WeightStore {
  private static final int MAGIC = 0x46554747; // "GGUF"
  private static final long MOST_ENTRIES = 1L << 28;
  private static final long BAND = 1L << 22;

  private record Entry(GgufType type, long[] shape, long start, long bytes) {
    /** Numbers of a row; a vector is read as rows of a block. */
    long columns() {
      return shape.length == 1 ? type.blockElements() : shape[shape.length - 1];
    }

    long rowBytes() {
      return columns() / type.blockElements() * type.blockBytes();
    }

    /** Rows that are read at a time. */
    long bandRows() {
      return Math.max(1, BAND / columns());
    }
  }

  private final InputFile file;
  private final Map<String, Object> metadata;
  private final Map<String, Entry> entries;

  private Gguf(InputFile file, Map<String, Object> metadata, Map<String, Entry> entries) {
    this.file = file;
    this.metadata = metadata;
    this.entries = entries;
  }

  /**
   * Opens a file and checks its tensors against its size.
   *
   * @throws InputFault if it is not a whole GGUF file or has a tensor of an unknown type
   */
  public static Gguf open(Path path) {
    InputFile file = new InputFile(path);
    try {
      return new Reader(file).read();
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Metadata: strings, {@link Long}, {@link Double}, {@link Boolean}, or lists of them. */
  public Map<String, Object> metadata() {
    return metadata;
  }

  @Override
  public Set<String> names() {
    return entries.keySet();
  }

  @Override
  public long[] shape(String name) {
    return require(name).shape().clone();
  }

  /** The name of the element type on disk, such as {@code Q4_1}. */
  public String typeName(String name) {
    return require(name).type().name();
  }

  @Override
  public Optional<Stored> stored(String name) {
    Entry e = require(name);
    return Optional.of(new Stored(e.type().name(), e.bytes()));
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
    Tensor result = Tensor.empty(Device.CPU, type, e.shape());
    if (result.size() == 0) {
      return result;
    }
    try (Scope scope = new Scope()) {
      Tensor rows = result.view(-1, e.columns());
      for (long first = 0; first < rows.size(0); first += e.bandRows()) {
        try (Scope inner = new Scope()) {
          Tensor band = rows.narrow(0, first, Math.min(e.bandRows(), rows.size(0) - first));
          read(e, first, band);
        }
      }
    }
    return result;
  }

  private void read(Entry e, long first, Tensor band) {
    if (e.type().code() == null) {
      Tensor plain = band.newEmpty(e.type().plain(), band.shape());
      file.read(e.start() + first * e.rowBytes(), plain.bytes());
      band.copyFrom(plain);
    } else {
      try (BlockMatrix blocks = blocks(e, first, band.size(0))) {
        blocks.expand(0, band);
      }
    }
  }

  private BlockMatrix blocks(Entry e, long first, long count) {
    Tensor bytes = Tensor.empty(Device.CPU, DType.UINT8, count, e.rowBytes());
    file.read(e.start() + first * e.rowBytes(), bytes.bytes());
    return new BlockMatrix(e.type().code(), bytes);
  }

  @Override
  public boolean isCoded(String name) {
    return isCoded(require(name));
  }

  private static boolean isCoded(Entry e) {
    return e.type().code() != null
        && e.shape().length == 2
        && e.bytes() > 0
        && e.bytes() <= Integer.MAX_VALUE;
  }

  /** The blocks of a matrix that is held in blocks. */
  @Override
  public Optional<CodedMatrix> coded(String name) {
    return blocks(name).map(b -> b);
  }

  /** The same, as rows that can be put in another order. */
  public Optional<BlockMatrix> blocks(String name) {
    Entry e = require(name);
    return isCoded(e) ? Optional.of(blocks(e, 0, e.shape()[0])) : Optional.empty();
  }

  @Override
  public void close() {
    file.close();
  }

  private static Map<String, Sizes.Extent> extents(Map<String, Entry> entries) {
    Map<String, Sizes.Extent> extents = new LinkedHashMap<>();
    entries.forEach((name, e) -> extents.put(name, new Sizes.Extent(e.start(), e.bytes())));
    return extents;
  }

  /** Reads the header; every count is checked against the bytes that are left. */
  private static final class Reader {
    private final InputFile file;
    private final Path path;
    private final SequentialReader in;

    Reader(InputFile file) {
      this.file = file;
      this.path = file.path();
      this.in = new SequentialReader(file);
    }

    Gguf read() {
      if (in.remaining() < 24 || in.getInt() != MAGIC) {
        throw new InputFault(path + " is not a GGUF file");
      }
      int version = in.getInt();
      if (version != 2 && version != 3) {
        throw new InputFault(path + " has GGUF version " + version + "; 2 and 3 are known");
      }
      long tensorCount = count(in.getLong(), 24, "tensors");
      long metadataCount = count(in.getLong(), 12, "metadata entries");
      Map<String, Object> metadata = new LinkedHashMap<>();
      for (long i = 0; i < metadataCount; i++) {
        String key = string();
        metadata.put(key, value(intAt("the type of " + key), key, 0));
      }
      List<String> names = new ArrayList<>();
      List<GgufType> types = new ArrayList<>();
      List<long[]> shapes = new ArrayList<>();
      List<Long> offsets = new ArrayList<>();
      for (long i = 0; i < tensorCount; i++) {
        names.add(string());
        String where = path + ", tensor " + names.get(names.size() - 1) + ": ";
        need(4, where);
        int dims = in.getInt();
        if (dims < 1 || dims > 4) {
          throw new InputFault(where + dims + " dimensions");
        }
        need(8L * dims + 12, where);
        long[] shape = new long[dims];
        for (int d = dims - 1; d >= 0; d--) {
          shape[d] = in.getLong();
        }
        shapes.add(shape);
        int typeId = in.getInt();
        GgufType type = GgufType.of(typeId);
        if (type == null) {
          throw new InputFault(where + "element type " + typeId + " is not supported");
        }
        types.add(type);
        offsets.add(in.getLong());
      }
      long alignment = metadata.get("general.alignment") instanceof Long a ? a : 32;
      if (alignment < 1 || alignment > 1 << 20) {
        throw new InputFault(path + ": alignment " + alignment);
      }
      long data = (in.position() + alignment - 1) / alignment * alignment;
      Map<String, Entry> entries = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        entries.put(
            names.get(i), entry(names.get(i), types.get(i), shapes.get(i), data, offsets.get(i)));
      }
      Sizes.requireDisjoint(path, extents(entries));
      return new Gguf(file, metadata, entries);
    }

    private Entry entry(String name, GgufType type, long[] shape, long data, long offset) {
      String where = path + ", tensor " + name + ": ";
      try {
        long elements = Sizes.elements(shape, type.blockBytes(), where);
        if (shape[shape.length - 1] % type.blockElements() != 0) {
          throw new InputFault(
              where
                  + "rows of "
                  + shape[shape.length - 1]
                  + " elements are not whole blocks of "
                  + type);
        }
        long bytes = Math.multiplyExact(elements / type.blockElements(), (long) type.blockBytes());
        if (offset < 0 || Math.addExact(Math.addExact(data, offset), bytes) > file.size()) {
          throw new InputFault(where + "the file is truncated");
        }
        return new Entry(type, shape, data + offset, bytes);
      } catch (ArithmeticException e) {
        throw new InputFault(where + "its size overflows", e);
      }
    }

    private Object value(int type, String key, int depth) {
      String where = path + ", metadata " + key + ": ";
      switch (type) {
        case 0:
          need(1, where);
          return (long) (in.getByte() & 0xff);
        case 1:
          need(1, where);
          return (long) in.getByte();
        case 2:
          need(2, where);
          return (long) (in.getShort() & 0xffff);
        case 3:
          need(2, where);
          return (long) in.getShort();
        case 4:
          need(4, where);
          return in.getInt() & 0xffffffffL;
        case 5:
          need(4, where);
          return (long) in.getInt();
        case 6:
          need(4, where);
          return (double) in.getFloat();
        case 7:
          need(1, where);
          return in.getByte() != 0;
        case 8:
          return string();
        case 9:
          return array(key, depth);
        case 10, 11:
          need(8, where);
          return in.getLong();
        case 12:
          need(8, where);
          return in.getDouble();
        default:
          throw new InputFault(where + "unknown type " + type);
      }
    }

    private List<Object> array(String key, int depth) {
      if (depth > 2) {
        throw new InputFault(path + ", metadata " + key + ": arrays nested too deeply");
      }
      int type = intAt("the type of " + key);
      need(8, key);
      long n = count(in.getLong(), 1, "elements of " + key);
      List<Object> values = new ArrayList<>((int) Math.min(n, 1 << 16));
      for (long i = 0; i < n; i++) {
        values.add(value(type, key, depth + 1));
      }
      return values;
    }

    private int intAt(String what) {
      need(4, what);
      return in.getInt();
    }

    private String string() {
      need(8, "a string");
      long length = count(in.getLong(), 1, "bytes of a string");
      return new String(in.getBytes((int) length), StandardCharsets.UTF_8);
    }

    /** A count that claims at least {@code each} bytes apiece of what is left. */
    private long count(long n, int each, String what) {
      if (n < 0 || n > Math.min(MOST_ENTRIES, in.remaining() / each)) {
        throw new InputFault(path + " is truncated or damaged: " + n + " " + what);
      }
      return n;
    }

    private void need(long bytes, String what) {
      if (in.remaining() < bytes) {
        throw new InputFault(path + " is truncated at " + what);
      }
    }
  }
}
