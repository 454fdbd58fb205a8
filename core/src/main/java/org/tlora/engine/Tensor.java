/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A handle on a libtorch tensor in native memory.
 *
 * <p>Handles are owned: by the innermost open {@link Scope} of the thread that made them or,
 * without one, by the caller. Storage is shared between handles and freed with the last of them, so
 * {@link #alias} is how something keeps a tensor that somebody else may close. Methods that end in
 * {@code InPlace} change this tensor and return it; all others return a new handle.
 *
 * <p>Only these reach into the memory of values: {@link #ofFloats}, {@link #ofDoubles}, {@link
 * #ofLongs} and {@link #ofInts} into it; {@link #item}, {@link #toFloats}, {@link #toDoubles},
 * {@link #toLongs} and {@link #bytes}, with what is made of them, out of it, which waits for a
 * device that works by itself.
 */
public final class Tensor implements AutoCloseable {
  /** From here on a product is worth a pass of its own over the result. */
  private static final long LONG_INNER_DIMENSION = 64;

  static {
    Engine.load();
  }

  final org.bytedeco.pytorch.Tensor p;
  Scope owner;
  private boolean closed;

  Tensor(org.bytedeco.pytorch.Tensor p) {
    this.p = p;
    Scope.register(this);
  }

  /** A handle of its own on a tensor that something else holds, such as a tuple of results. */
  static Tensor handle(org.bytedeco.pytorch.Tensor held) {
    return new Tensor(new org.bytedeco.pytorch.Tensor(held));
  }

  // ---- making ----------------------------------------------------------------------------------

  /** Uninitialised memory of the given shape. */
  public static Tensor empty(Device device, DType type, long... shape) {
    try (TensorOptions options = new TensorOptions(type.scalarType)) {
      if (device.isCpu()) {
        return new Tensor(torch.empty(shape, options, null));
      }
      try (var there = device.handle();
          DeviceOptional optional = new DeviceOptional(there);
          TensorOptions both = options.device(optional)) {
        return new Tensor(torch.empty(shape, both, null));
      }
    }
  }

  /** Zeros of the given shape. */
  public static Tensor zeros(Device device, DType type, long... shape) {
    if (!device.isCpu()) {
      return empty(device, type, shape).fillInPlace(0);
    }
    try (TensorOptions options = new TensorOptions(type.scalarType)) {
      return new Tensor(torch.zeros(shape, options));
    }
  }

  /** Uninitialised memory where this tensor is. */
  public Tensor newEmpty(DType type, long... shape) {
    return empty(device(), type, shape);
  }

  /** Zeros where this tensor is. */
  public Tensor newZeros(DType type, long... shape) {
    return zeros(device(), type, shape);
  }

  /** A copy of {@code values} as an int64 vector where this tensor is. */
  public Tensor newInts(int[] values) {
    return ofInts(device(), values);
  }

  /** A copy of {@code values} as float32 {@code shape} where this tensor is. */
  public Tensor newFloats(float[] values, long... shape) {
    return ofFloats(device(), values, shape);
  }

  /** A copy of {@code values} as float32 {@code shape}. */
  public static Tensor ofFloats(Device device, float[] values, long... shape) {
    Tensor t = empty(Device.CPU, DType.FLOAT32, shape);
    requireSize(values.length, t);
    try (FloatPointer data = t.p.data_ptr_float()) {
      data.put(values);
    }
    return moved(t, device);
  }

  /** A copy of {@code values} as float64 {@code shape}. */
  public static Tensor ofDoubles(Device device, double[] values, long... shape) {
    Tensor t = empty(Device.CPU, DType.FLOAT64, shape);
    requireSize(values.length, t);
    try (DoublePointer data = t.p.data_ptr_double()) {
      data.put(values);
    }
    return moved(t, device);
  }

  /** A copy of {@code values} as int64 {@code shape}. */
  public static Tensor ofLongs(Device device, long[] values, long... shape) {
    Tensor t = empty(Device.CPU, DType.INT64, shape);
    requireSize(values.length, t);
    try (LongPointer data = t.p.data_ptr_long()) {
      data.put(values);
    }
    return moved(t, device);
  }

  /** A copy of {@code values} as an int64 vector. */
  public static Tensor ofInts(Device device, int[] values) {
    return ofLongs(device, Arrays.stream(values).asLongStream().toArray(), values.length);
  }

  /** A tensor of this process's memory on a device, in place of itself. */
  private static Tensor moved(Tensor t, Device device) {
    if (device.isCpu()) {
      return t;
    }
    try (t) {
      return t.to(device);
    }
  }

  /** Joins tensors along {@code dim}. */
  public static Tensor cat(List<Tensor> parts, long dim) {
    try (TensorVector v = new TensorVector(parts.size())) {
      for (int i = 0; i < parts.size(); i++) {
        v.put(i, parts.get(i).p);
      }
      return new Tensor(torch.cat(v, dim));
    }
  }

  private static void requireSize(long given, Tensor t) {
    if (given != t.size()) {
      t.close();
      throw new IllegalArgumentException(given + " values for " + t.size() + " elements");
    }
  }

  // ---- looking ---------------------------------------------------------------------------------

  /** Sizes of all dimensions. */
  public long[] shape() {
    long[] shape = new long[(int) p.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = p.size(i);
    }
    return shape;
  }

  /** Size of one dimension; negative counts from the end. */
  public long size(long dim) {
    return p.size(dim);
  }

  /** Whether its elements lie end to end, row by row. */
  public boolean isContiguous() {
    return p.is_contiguous();
  }

  /** Number of elements. */
  public long size() {
    return p.numel();
  }

  /** Number of dimensions. */
  public long dim() {
    return p.dim();
  }

  /** Where it is. */
  public Device device() {
    return Device.of(p);
  }

  /** Element type. */
  public DType dtype() {
    return DType.of(p.scalar_type());
  }

  /** The value of a tensor with one element. */
  public double item() {
    try (Scalar s = p.item()) {
      return s.toDouble();
    }
  }

  /** All elements as float32, row by row. */
  public float[] toFloats() {
    try (Scope scope = new Scope()) {
      Tensor t = to(DType.FLOAT32).contiguous();
      float[] out = new float[Math.toIntExact(t.size())];
      if (out.length > 0) {
        try (FloatPointer data = t.p.data_ptr_float()) {
          data.get(out);
        }
      }
      return out;
    }
  }

  /** All elements as float64, row by row. */
  public double[] toDoubles() {
    try (Scope scope = new Scope()) {
      Tensor t = to(DType.FLOAT64).contiguous();
      double[] out = new double[Math.toIntExact(t.size())];
      if (out.length > 0) {
        try (DoublePointer data = t.p.data_ptr_double()) {
          data.get(out);
        }
      }
      return out;
    }
  }

  /** All elements as int64, row by row. */
  public long[] toLongs() {
    try (Scope scope = new Scope()) {
      Tensor t = to(DType.INT64).contiguous();
      long[] out = new long[Math.toIntExact(t.size())];
      if (out.length > 0) {
        try (LongPointer data = t.p.data_ptr_long()) {
          data.get(out);
        }
      }
      return out;
    }
  }

  /**
   * The bytes of this tensor in memory order, valid while this handle is open.
   *
   * @throws IllegalStateException if the tensor is not contiguous or larger than 2 GiB
   */
  public ByteBuffer bytes() {
    if (!isContiguous()) {
      throw new IllegalStateException("bytes of a tensor that is not contiguous");
    }
    long n = size() * dtype().bytes();
    if (n > Integer.MAX_VALUE) {
      throw new IllegalStateException("bytes of a tensor larger than 2 GiB");
    }
    if (n == 0) {
      return ByteBuffer.allocate(0);
    }
    try (Pointer data = p.data_ptr()) {
      Pointer view = new Pointer(data);
      return view.capacity(n).limit(n).asByteBuffer();
    }
  }

  /** Whether no element is NaN or infinite (and their absolute values do not sum to infinity). */
  public boolean isFinite() {
    return Double.isFinite(absoluteSum());
  }

  /** Σ |x| over all elements, summed in float32 or, for float64, in that; one pass over memory. */
  public double absoluteSum() {
    try (Tensor sum = sumOfAbsolutes()) {
      return sum.item();
    }
  }

  /** The same as a tensor without dimensions. */
  public Tensor sumOfAbsolutes() {
    try (Scalar one = new Scalar(1.0);
        LongArrayRefOptional all = new LongArrayRefOptional();
        ScalarTypeOptional type =
            new ScalarTypeOptional(
                dtype() == DType.FLOAT64 ? DType.FLOAT64.scalarType : DType.FLOAT32.scalarType)) {
      return new Tensor(torch.linalg_vector_norm(p, one, all, false, type));
    }
  }

  // ---- views -----------------------------------------------------------------------------------

  /** Another handle on the same storage. */
  public Tensor alias() {
    return new Tensor(new org.bytedeco.pytorch.Tensor(p));
  }

  /** Matrix transpose. */
  public Tensor t() {
    return new Tensor(p.t());
  }

  /** Swaps two dimensions. */
  public Tensor transpose(long a, long b) {
    return new Tensor(p.transpose(a, b));
  }

  /** {@code length} entries from {@code start} along {@code dim}. */
  public Tensor narrow(long dim, long start, long length) {
    return new Tensor(p.narrow(dim, start, length));
  }

  /** One entry along {@code dim}, which disappears. */
  public Tensor select(long dim, long index) {
    return new Tensor(p.select(dim, index));
  }

  /** The same elements with another shape, without a copy. */
  public Tensor view(long... shape) {
    return new Tensor(p.view(shape));
  }

  /** A copy in which a dimension runs backwards. */
  public Tensor flip(long dim) {
    if (p.is_meta()) {
      return shapeAlone(shape());
    }
    return new Tensor(torch.flip(p, dim));
  }

  /** The same elements with another shape, copied only where that is needed. */
  public Tensor reshape(long... shape) {
    return new Tensor(p.reshape(shape));
  }

  /** The diagonal of a matrix; a view. */
  public Tensor diagonal() {
    return new Tensor(torch.diagonal(p));
  }

  /** A dimension of size one at {@code dim}. */
  public Tensor unsqueeze(long dim) {
    return new Tensor(p.unsqueeze(dim));
  }

  /** A view in which dimensions of size one are repeated. */
  public Tensor expand(long... shape) {
    return new Tensor(p.expand(shape, false));
  }

  /** This tensor, or a contiguous copy. */
  public Tensor contiguous() {
    return new Tensor(p.contiguous());
  }

  /** This tensor in another element type (shared storage where it has that already). */
  public Tensor to(DType type) {
    return new Tensor(p.to(type.scalarType));
  }

  /** This tensor on another device (shared storage where it is there already). */
  public Tensor to(Device device) {
    try (var there = device.handle()) {
      return new Tensor(p.to(there, dtype().scalarType));
    }
  }

  /** A copy in memory of its own. */
  public Tensor copy() {
    return new Tensor(p.clone());
  }

  // ---- arithmetic ------------------------------------------------------------------------------

  /** Matrix product. */
  public Tensor mm(Tensor b) {
    return ProductKernels.ofProcess().product(this, b);
  }

  /** Product of batches of matrices, [batch, n, k] and [batch, k, m]. */
  public Tensor bmm(Tensor b) {
    return new Tensor(p.bmm(b.p));
  }

  /** {@code this += alpha · a b}. */
  public Tensor addmmInPlace(Tensor a, Tensor b, double alpha) {
    // with a short inner dimension, a product of its own would cost more than it saves
    if (a.size(1) >= LONG_INNER_DIMENSION) {
      Factors factors = Factors.of(a, b);
      ProductKernel kernel = ProductKernels.ofProcess().of(factors);
      if (kernel != ProductKernel.BLAS) {
        try (Tensor product = kernel.product(factors)) {
          return addInPlace(product, alpha);
        }
      }
    }
    try (Scalar one = new Scalar(1.0);
        Scalar s = new Scalar(alpha)) {
      p.addmm_(a.p, b.p, one, s);
    }
    return this;
  }

  /** Sum of two tensors. */
  public Tensor add(Tensor b) {
    return new Tensor(p.add(b.p));
  }

  /** {@code this + b} for a number. */
  public Tensor add(double b) {
    try (Scalar s = new Scalar(b)) {
      return new Tensor(p.add(s));
    }
  }

  /** {@code this += b}. */
  public Tensor addInPlace(Tensor b) {
    p.add_(b.p);
    return this;
  }

  /** {@code this += alpha · b}. */
  public Tensor addInPlace(Tensor b, double alpha) {
    try (Scalar s = new Scalar(alpha)) {
      p.add_(b.p, s);
    }
    return this;
  }

  /** {@code this += b} for a number. */
  public Tensor addInPlace(double b) {
    try (Scalar s = new Scalar(b)) {
      p.add_(s);
    }
    return this;
  }

  /** Difference of two tensors. */
  public Tensor sub(Tensor b) {
    return new Tensor(p.sub(b.p));
  }

  /** {@code this −= b}. */
  public Tensor subInPlace(Tensor b) {
    p.sub_(b.p);
    return this;
  }

  /** Product, element by element. */
  public Tensor mul(Tensor b) {
    return new Tensor(p.mul(b.p));
  }

  /** {@code b · this}. */
  public Tensor mul(double b) {
    try (Scalar s = new Scalar(b)) {
      return new Tensor(p.mul(s));
    }
  }

  /** {@code this *= b}, element by element. */
  public Tensor mulInPlace(Tensor b) {
    p.mul_(b.p);
    return this;
  }

  /** {@code this *= b}. */
  public Tensor mulInPlace(double b) {
    try (Scalar s = new Scalar(b)) {
      p.mul_(s);
    }
    return this;
  }

  /** Quotient, element by element. */
  public Tensor div(Tensor b) {
    return new Tensor(p.div(b.p));
  }

  /** {@code this += value · a ∘ b}. */
  public Tensor addcmulInPlace(Tensor a, Tensor b, double value) {
    try (Scalar s = new Scalar(value)) {
      p.addcmul_(a.p, b.p, s);
    }
    return this;
  }

  /** {@code this += value · a / b}, element by element. */
  public Tensor addcdivInPlace(Tensor a, Tensor b, double value) {
    try (Scalar s = new Scalar(value)) {
      p.addcdiv_(a.p, b.p, s);
    }
    return this;
  }

  /** The result of an operation that libtorch has no kernel for on the meta device. */
  private Tensor shapeAlone(long... shape) {
    return newEmpty(dtype(), shape);
  }

  /** Absolute values. */
  public Tensor abs() {
    if (p.is_meta()) {
      return shapeAlone(shape());
    }
    return new Tensor(p.abs());
  }

  /** The nearest whole numbers, in place. */
  public Tensor roundInPlace() {
    p.round_();
    return this;
  }

  /** Negated in place. */
  public Tensor negInPlace() {
    p.neg_();
    return this;
  }

  /** Squares. */
  public Tensor square() {
    return new Tensor(p.square());
  }

  /** Square roots. */
  public Tensor sqrt() {
    return new Tensor(p.sqrt());
  }

  /** 1/√x in place. */
  public Tensor rsqrtInPlace() {
    p.rsqrt_();
    return this;
  }

  /** eˣ in place. */
  public Tensor expInPlace() {
    p.exp_();
    return this;
  }

  /** Cosine. */
  public Tensor cos() {
    return new Tensor(p.cos());
  }

  /** Sine. */
  public Tensor sin() {
    return new Tensor(p.sin());
  }

  /** x·sigmoid(x). */
  public Tensor silu() {
    return new Tensor(torch.silu(p));
  }

  /** Overwrites this tensor with ∂/∂x of {@link #silu} of x, for the gradient {@code dy} by it. */
  public Tensor copySiluGradient(Tensor x, Tensor dy) {
    torch.silu_backward_out(p, dy.p, x.p);
    return this;
  }

  /** x·Φ(x), or its approximation by a hyperbolic tangent. */
  public Tensor gelu(boolean approximate) {
    return new Tensor(torch.gelu(p, approximate ? "tanh" : "none"));
  }

  /** Overwrites this tensor with ∂/∂x of {@link #gelu} of x, for the gradient {@code dy} by it. */
  public Tensor copyGeluGradient(Tensor x, Tensor dy, boolean approximate) {
    torch.gelu_backward_out(p, dy.p, x.p, approximate ? "tanh" : "none");
    return this;
  }

  /** Hyperbolic tangent in place. */
  public Tensor tanhInPlace() {
    p.tanh_();
    return this;
  }

  /** The smaller of two elements each. */
  public Tensor minimum(Tensor b) {
    return new Tensor(torch.minimum(p, b.p));
  }

  /** A matrix's elements [i][j] with j ≥ i + diagonal; 0 elsewhere. */
  public Tensor upperTriangle(long diagonal) {
    return new Tensor(torch.triu(p, diagonal));
  }

  /** A matrix's elements [i][j] with j ≤ i + diagonal; 0 elsewhere. */
  public Tensor lowerTriangle(long diagonal) {
    return new Tensor(torch.tril(p, diagonal));
  }

  /** 1 where {@code this < b}, else 0. */
  public Tensor lessThan(double b) {
    try (Scalar s = new Scalar(b)) {
      return new Tensor(p.lt(s));
    }
  }

  /** The sum of all elements' squares. */
  public double sumOfSquares() {
    try (Tensor flat = view(-1);
        Tensor sum = new Tensor(flat.p.dot(flat.p))) {
      return sum.item();
    }
  }

  /** Each row by its root mean square, √(mean(x²) + epsilon), times {@code weight} [columns]. */
  public Tensor rmsNorm(Tensor weight, double epsilon) {
    try (TensorOptional w = new TensorOptional(weight.p);
        DoubleOptional e = new DoubleOptional(epsilon)) {
      return new Tensor(torch.rms_norm(p, new long[] {weight.size()}, w, e));
    }
  }

  /** Overwrites this tensor with a ∘ b, of its shape and type. */
  public Tensor copyProduct(Tensor a, Tensor b) {
    torch.mul_out(p, a.p, b.p);
    return this;
  }

  /** Overwrites this tensor with a − b, of its shape and type. */
  public Tensor copyDifference(Tensor a, Tensor b) {
    try (Scalar one = new Scalar(1.0)) {
      torch.sub_out(p, a.p, b.p, one);
    }
    return this;
  }

  /** Overwrites this tensor with {@code source}, converting the element type. */
  public Tensor copyFrom(Tensor source) {
    p.copy_(source.p);
    return this;
  }

  /** Sets every element to {@code value}. */
  public Tensor fillInPlace(double value) {
    try (Scalar s = new Scalar(value)) {
      p.fill_(s);
    }
    return this;
  }

  // ---- reductions and selection ----------------------------------------------------------------

  /** Sum of all elements, as a tensor without dimensions. */
  public Tensor sum() {
    return new Tensor(p.sum());
  }

  /** Sum along {@code dim}. */
  public Tensor sum(long dim, boolean keepDim) {
    try (ScalarTypeOptional none = new ScalarTypeOptional()) {
      return new Tensor(p.sum(new long[] {dim}, keepDim, none));
    }
  }

  /** Mean along {@code dim}. */
  public Tensor mean(long dim, boolean keepDim) {
    try (ScalarTypeOptional none = new ScalarTypeOptional()) {
      return new Tensor(p.mean(new long[] {dim}, keepDim, none));
    }
  }

  /** Greatest elements along {@code dim}, which is left out. */
  public Tensor greatest(long dim) {
    return new Tensor(p.amax(new long[] {dim}, false));
  }

  /** Greatest element, as a tensor without dimensions. */
  public Tensor max() {
    return new Tensor(p.amax());
  }

  /** 1/x. */
  public Tensor reciprocal() {
    return new Tensor(p.reciprocal());
  }

  /** Mean of all elements, as a tensor without dimensions. */
  public Tensor mean() {
    return new Tensor(p.mean());
  }

  /** Euclidean norm of all elements. */
  public double norm() {
    try (Scope scope = new Scope()) {
      return Math.sqrt(to(DType.FLOAT32).square().sum().item());
    }
  }

  /** Euclidean norm of all elements, in float64. */
  public double norm64() {
    try (Scope scope = new Scope()) {
      return Math.sqrt(to(DType.FLOAT64).square().sum().item());
    }
  }

  /** log Σ eˣ along the last dimension, which stays with size one. */
  public Tensor logSumExp() {
    if (p.is_meta()) {
      long[] shape = shape();
      shape[shape.length - 1] = 1;
      return shapeAlone(shape);
    }
    return new Tensor(torch.logsumexp(p, new long[] {-1}, true));
  }

  /**
   * Softmax along the last dimension, in place; each row's greatest element is subtracted first.
   */
  public Tensor softmaxInPlace() {
    try (ScalarTypeOptional none = new ScalarTypeOptional()) {
      torch.softmax_out(p, p, -1, none); // row by row, so that it may be written over
    }
    return this;
  }

  /** Each element less the logarithm of Σ exp along the last dimension, in place. */
  public Tensor logSoftmaxInPlace() {
    try (ScalarTypeOptional none = new ScalarTypeOptional()) {
      torch.log_softmax_out(p, p, -1, none);
    }
    return this;
  }

  /** Index of the greatest element along the last dimension; the first one of equals. */
  public Tensor argmax() {
    try (LongOptional last = new LongOptional(-1)) {
      return new Tensor(p.argmax(last, false));
    }
  }

  /** Where the {@code count} greatest elements of a vector are, [count] int64 in no order. */
  public Tensor positionsOfGreatest(long count) {
    try (T_TensorTensor_T found = torch.topk(p, count, -1, true, false)) {
      return handle(found.get1());
    }
  }

  /** Rows (entries along {@code dim}) at {@code index}. */
  public Tensor indexSelect(long dim, Tensor index) {
    if (p.is_meta()) {
      long[] shape = shape();
      shape[(int) dim] = index.size();
      return shapeAlone(shape);
    }
    return new Tensor(p.index_select(dim, index.p));
  }

  /** Adds {@code source} to the entries at {@code index} along {@code dim}; indices may repeat. */
  public Tensor indexAddInPlace(long dim, Tensor index, Tensor source) {
    p.index_add_(dim, index.p, source.p);
    return this;
  }

  /** Replaces the entries at {@code index} along {@code dim} by those of {@code source}. */
  public Tensor indexCopyInPlace(long dim, Tensor index, Tensor source) {
    p.index_copy_(dim, index.p, source.p);
    return this;
  }

  /** {@code out[…][j] = this[…][index[…][j]]}. */
  public Tensor gather(Tensor index) {
    return new Tensor(p.gather(-1, index.p));
  }

  /** {@code this[…][index[…][j]] += source[…][j]}. */
  public Tensor scatterAddInPlace(Tensor index, Tensor source) {
    p.scatter_add_(-1, index.p, source.p);
    return this;
  }

  // ---- owning ----------------------------------------------------------------------------------

  /** Takes this handle out of its scope: from now on the caller closes it. */
  public Tensor detachFromScope() {
    owner = null;
    return this;
  }

  /** Whether this handle was closed. */
  public boolean isClosed() {
    return closed;
  }

  /** Gives this handle back; the storage goes with the last handle on it. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      owner = null;
      p.deallocate();
    }
  }

  @Override
  public String toString() {
    return closed ? "closed tensor" : dtype() + Arrays.toString(shape());
  }

  /** A buffer view for tests and writers: float32 elements of a contiguous tensor. */
  public FloatBuffer floats() {
    return bytes().order(java.nio.ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** A buffer view: int64 elements of a contiguous tensor. */
  public LongBuffer longs() {
    return bytes().order(java.nio.ByteOrder.nativeOrder()).asLongBuffer();
  }
}
