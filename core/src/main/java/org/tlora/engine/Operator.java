package org.tlora.engine;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/**
 * Calls ATen operators that the Java binding has no function for, through libtorch's dispatcher. A
 * call costs some microseconds more than a bound function.
 */
final class Operator {
  private final OperatorHandle handle;

  Operator(String name) {
    Engine.load();
    handle = Dispatcher.singleton().findSchemaOrThrow(name, "");
  }

  /**
   * Calls the operator.
   *
   * @param arguments {@link Tensor}, {@link Double}, {@link Long}, {@link Boolean}, or null for
   *     None
   * @return the results, in order, owned like any new tensor
   */
  Tensor[] call(Object... arguments) {
    try (IValueVector stack = new IValueVector()) {
      for (Object argument : arguments) {
        try (IValue value = value(argument)) {
          stack.push_back(value);
        }
      }
      handle.callBoxed(stack);
      Tensor[] results = new Tensor[(int) stack.size()];
      for (int i = 0; i < results.length; i++) {
        try (IValue result = stack.get(i)) {
          results[i] = Tensor.handle(result.toTensor());
        }
      }
      return results;
    }
  }

  private static IValue value(Object argument) {
    if (argument == null) {
      return new IValue();
    }
    if (argument instanceof Tensor t) {
      return new IValue(t.p);
    }
    if (argument instanceof Double d) {
      return new IValue(d.doubleValue());
    }
    if (argument instanceof Long l) {
      return new IValue(l.longValue());
    }
    if (argument instanceof Boolean b) {
      return new IValue(b.booleanValue());
    }
    throw new IllegalArgumentException("no operator argument: " + argument.getClass());
  }
}
