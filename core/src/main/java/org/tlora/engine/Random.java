/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A seeded generator of random tensors: the same seed gives the same bits on every machine and on
 * every device, since all numbers are drawn by the processor and brought to where they belong.
 */
public final class Random implements AutoCloseable {
  private final Generator generator;
  private final GeneratorOptional argument;
  private final Device device;

  /**
   * A generator that starts from {@code seed}.
   *
   * @param device where its tensors are
   */
  public Random(Device device, long seed) {
    Engine.load();
    this.device = device;
    generator = torch.make_generator_cpu(seed);
    argument = new GeneratorOptional(generator);
  }

  /** Uniform numbers from [low, high), float32. */
  public Tensor uniform(double low, double high, long... shape) {
    if (device.isMeta()) {
      return Tensor.empty(device, DType.FLOAT32, shape);
    }
    Tensor t = Tensor.empty(Device.CPU, DType.FLOAT32, shape);
    t.p.uniform_(low, high, argument);
    return there(t);
  }

  /** Normal numbers, float32. */
  public Tensor normal(double mean, double deviation, long... shape) {
    if (device.isMeta()) {
      return Tensor.empty(device, DType.FLOAT32, shape);
    }
    Tensor t = Tensor.empty(Device.CPU, DType.FLOAT32, shape);
    t.p.normal_(mean, deviation, argument);
    return there(t);
  }

  private Tensor there(Tensor t) {
    if (device.isCpu()) {
      return t;
    }
    try (t) {
      return t.to(device);
    }
  }

  /** A seed for one of several independent streams (SplitMix64's finaliser over both numbers). */
  public static long mix(long seed, long stream) {
    long z = seed + 0x9E3779B97F4A7C15L * (stream + 1);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public void close() {
    argument.deallocate();
    generator.deallocate();
  }
}
