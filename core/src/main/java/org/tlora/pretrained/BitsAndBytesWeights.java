/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Int8Matrix;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.ShardedSafetensors;
import org.tlora.quantise.AbsMax;
import org.tlora.quantise.FourBitMatrix;
import org.tlora.quantise.FourBitType;
import org.tlora.quantise.NestedAbsMax;

/**
 * The tensors of a directory that transformers wrote with bitsandbytes: matrices in four bits with
 * the tensors that each has beside it, or in eight bits with a scale a row ({@code SCB}), under
 * their own names and shapes, and the others as they are.
 */
final class BitsAndBytesWeights implements WeightStore {
  private static final String STATE = ".quant_state.bitsandbytes__";
  private static final String WEIGHT = ".weight";
  private static final String SCALES = ".SCB";
  private static final String LAYOUT = ".weight_format";
  private static final List<String> BESIDE =
      List.of(".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map");

  private final Path path;
  private final ShardedSafetensors files;
  private final Map<String, FourBitState> fourBit = new LinkedHashMap<>();
  private final Set<String> eightBit = new LinkedHashSet<>();
  private final Set<String> names;

  /**
   * Looks through a directory's tensors.
   *
   * @throws InputFault if what stands beside a matrix is not what belongs to it
   */
  BitsAndBytesWeights(Path path, ShardedSafetensors files) {
    this.path = path;
    this.files = files;
    names = new LinkedHashSet<>(files.names());
    for (String name : files.names()) {
      int at = name.indexOf(STATE);
      if (at > 0) {
        addFourBit(name.substring(0, at), name, name.substring(at + STATE.length()));
      } else if (name.endsWith(SCALES)) {
        addEightBit(name.substring(0, name.length() - SCALES.length()), name);
      }
    }
  }

  private void addFourBit(String weight, String state, String levels) {
    String where = where(state);
    FourBitType type =
        FourBitType.named(levels)
            .orElseThrow(
                () -> new InputFault(where + " is of levels '" + levels + "'; nf4, fp4 are known"));
    String text;
    try (Scope scope = new Scope()) {
      byte[] bytes = new byte[Math.toIntExact(files.byteCount(state))];
      files.loadBytes(state).bytes().get(bytes);
      text = new String(bytes, StandardCharsets.UTF_8);
    }
    FourBitState read = FourBitState.of(Json.parseObject(text, where), type, where);
    names.remove(state);
    require(weight, (read.numbers() + 1) / 2, null);
    requireBeside(weight + ".quant_map", DType.FLOAT32, read.levels().levels().length);
    boolean nested = read.nestedBlockSize() > 0;
    requireBeside(weight + ".absmax", nested ? DType.UINT8 : DType.FLOAT32, read.blocks());
    if (nested) {
      requireBeside(weight + ".nested_absmax", DType.FLOAT32, read.nestedBlocks());
      requireBeside(weight + ".nested_quant_map", DType.FLOAT32, 256);
    }
    for (String name : BESIDE) {
      names.remove(weight + name);
    }
    fourBit.put(weight, read);
  }

  private void requireBeside(String name, DType type, long count) {
    require(name, count * type.bytes(), type);
  }

  /** A tensor of so many bytes; of any type where that is null. */
  private void require(String name, long bytes, DType type) {
    if (!files.names().contains(name)) {
      throw new InputFault(where(name) + " is missing");
    }
    if ((type != null && files.type(name) != type) || files.byteCount(name) != bytes) {
      throw new InputFault(
          where(name)
              + " has "
              + files.byteCount(name)
              + " bytes of "
              + files.typeName(name)
              + " where the quantisation state asks for "
              + bytes
              + (type == null ? "" : " of " + type));
    }
  }

  private void addEightBit(String module, String scales) {
    String weight = module + WEIGHT;
    if (!files.names().contains(weight) || files.type(weight) != DType.INT8) {
      throw new InputFault(where(scales) + " stands beside no matrix of eight bits");
    }
    long[] shape = files.shape(weight);
    if (shape.length != 2
        || files.byteCount(scales) != 4 * shape[0]
        || files.type(scales) != DType.FLOAT32) {
      throw new InputFault(
          where(scales)
              + " of shape "
              + Arrays.toString(files.shape(scales))
              + " has no scale for each row of "
              + Arrays.toString(shape));
    }
    if (files.names().contains(module + LAYOUT)) {
      try (Scope scope = new Scope()) {
        double layout = files.load(module + LAYOUT, DType.FLOAT32).view(-1).sum().item();
        if (layout != 0) {
          throw new InputFault(
              where(module + LAYOUT) + " is " + (long) layout + "; rows, 0, are known alone");
        }
      }
    }
    names.remove(scales);
    names.remove(module + LAYOUT);
    eightBit.add(weight);
  }

  private String where(String tensor) {
    return "model " + path + ": tensor " + tensor;
  }

  /** The matrices that are codes, by their names. */
  Set<String> codedNames() {
    Set<String> all = new LinkedHashSet<>(fourBit.keySet());
    all.addAll(eightBit);
    return all;
  }

  /** Whether any matrix is in eight bits. */
  boolean hasEightBit() {
    return !eightBit.isEmpty();
  }

  @Override
  public Set<String> names() {
    return names;
  }

  @Override
  public long[] shape(String name) {
    FourBitState state = fourBit.get(name);
    return state == null ? files.shape(name) : new long[] {state.rows(), state.columns()};
  }

  @Override
  public Tensor load(String name, DType type) {
    Optional<CodedMatrix> coded = coded(name);
    if (coded.isEmpty()) {
      return files.load(name, type);
    }
    try (CodedMatrix matrix = coded.get()) {
      Tensor dense = Tensor.empty(Device.CPU, type, matrix.rows(), matrix.columns());
      matrix.expand(0, dense);
      return dense;
    }
  }

  @Override
  public boolean isCoded(String name) {
    return fourBit.containsKey(name) || eightBit.contains(name);
  }

  @Override
  public Optional<CodedMatrix> coded(String name) {
    if (fourBit.containsKey(name)) {
      return Optional.of(fourBit(name, fourBit.get(name)));
    }
    if (eightBit.contains(name)) {
      try (Scope scope = new Scope()) {
        String module = name.substring(0, name.length() - WEIGHT.length());
        Tensor scales = files.load(module + SCALES, DType.FLOAT32).view(-1);
        return Optional.of(Int8Matrix.of(files.load(name, DType.INT8), scales));
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Stored> stored(String name) {
    if (fourBit.containsKey(name)) {
      String label = fourBit.get(name).levels().label();
      return Optional.of(new Stored(label, files.byteCount(name) + bytesBeside(name)));
    }
    if (eightBit.contains(name)) {
      String module = name.substring(0, name.length() - WEIGHT.length());
      return Optional.of(
          new Stored("int8", files.byteCount(name) + files.byteCount(module + SCALES)));
    }
    return files.stored(name);
  }

  /** Bytes of scales and levels. */
  private long bytesBeside(String weight) {
    return BESIDE.stream()
        .map(beside -> weight + beside)
        .filter(files.names()::contains)
        .mapToLong(files::byteCount)
        .sum();
  }

  private FourBitMatrix fourBit(String name, FourBitState state) {
    try (Scope scope = new Scope()) {
      float[] levels = files.load(name + ".quant_map", DType.FLOAT32).toFloats();
      return new FourBitMatrix(
          state.levels().label(),
          levels,
          state.rows(),
          state.columns(),
          files.loadBytes(name),
          state.blockSize(),
          absMax(name + ".", state),
          state.type());
    }
  }

  private AbsMax absMax(String prefix, FourBitState state) {
    if (state.nestedBlockSize() == 0) {
      return AbsMax.plain(files.load(prefix + "absmax", DType.FLOAT32));
    }
    return new NestedAbsMax(
        files.load(prefix + "absmax", DType.UINT8),
        files.load(prefix + "nested_quant_map", DType.FLOAT32).toFloats(),
        files.load(prefix + "nested_absmax", DType.FLOAT32),
        state.nestedBlockSize(),
        state.nestedOffset());
  }

  @Override
  public void close() {
    files.close();
  }
}
