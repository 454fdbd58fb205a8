/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.tlora.fault.UsageFault;

/**
 * Where a tensor is held and computed with. What belongs to a tensor (a mask, an index, a gradient)
 * is made on the tensor's own device; nobody asks for one by default.
 *
 * @param kind what it is
 * @param index which of several; 0 where there is one
 */
public record Device(Kind kind, int index) {
  /** The processor and its memory. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  /**
   * No memory at all: shapes and types are computed, values are not. Whatever looks at a value
   * fails, which is how tests find code that does.
   */
  public static final Device META = new Device(Kind.META, 0);

  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  /** Kinds of devices that libtorch has and that are known here. */
  public enum Kind {
    /** The processor and its memory. */
    CPU(DeviceType.CPU),
    /** An NVIDIA GPU. */
    CUDA(DeviceType.CUDA),
    /** Shapes without numbers, for tests. */
    META(DeviceType.Meta);

    private final DeviceType type;

    Kind(DeviceType type) {
      this.type = type;
    }
  }

  /**
   * The device of a name, {@code cpu}, {@code cuda} or {@code cuda:N}, if this machine has it.
   *
   * @throws UsageFault if there is no such device, or the build or the machine has none; the
   *     message begins with the name, so that a caller can say where that was given
   */
  public static Device named(String name) {
    if (name.equals("cpu")) {
      return CPU;
    }
    Matcher cuda = CUDA.matcher(name);
    if (!cuda.matches()) {
      throw new UsageFault(name + " is no device; devices are cpu, cuda and cuda:N");
    }
    Engine.load();
    if (!torch.hasCUDA()) {
      throw new UsageFault(name + " is not in this build of libtorch; it has cpu");
    }
    int index = cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
    int count = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
    if (index >= count) {
      throw new UsageFault(
          name
              + " is not there: this machine has "
              + (count == 0 ? "no" : count)
              + " cuda device"
              + (count == 1 ? "" : "s"));
    }
    return new Device(Kind.CUDA, index);
  }

  /** Whether values are in the memory of this process. */
  public boolean isCpu() {
    return kind == Kind.CPU;
  }

  /** Whether there are shapes alone. */
  public boolean isMeta() {
    return kind == Kind.META;
  }

  /** As libtorch has it; the caller closes it. */
  org.bytedeco.pytorch.Device handle() {
    return kind == Kind.CUDA
        ? new org.bytedeco.pytorch.Device(kind.type, (byte) index)
        : new org.bytedeco.pytorch.Device(kind.type);
  }

  static Device of(org.bytedeco.pytorch.Tensor tensor) {
    if (tensor.is_cpu()) {
      return CPU;
    }
    if (tensor.is_meta()) {
      return META;
    }
    try (org.bytedeco.pytorch.Device device = tensor.device()) {
      if (!device.is_cuda()) {
        throw new IllegalStateException("a tensor on a device that is not used here");
      }
      return new Device(Kind.CUDA, Math.max(0, device.index()));
    }
  }

  /** As {@link #named} takes it. */
  @Override
  public String toString() {
    return switch (kind) {
      case CPU -> "cpu";
      case META -> "meta";
      case CUDA -> "cuda:" + index;
    };
  }
}
