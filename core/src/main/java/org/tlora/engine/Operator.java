/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Type;

/**
 * Calls ATen operators that the Java binding has no function for, through libtorch's dispatcher. A
 * call costs some microseconds more than a bound function.
 */
final class Operator {
  /** Stands for an empty list among arguments. */
  static final Object EMPTY_LIST = new Object();

  private final OperatorHandle handle;

  /** Arguments that are the same in every call, by value or place; they live as long as this. */
  private final Map<Object, IValue> constants = new ConcurrentHashMap<>();

  Operator(String name) {
    Engine.load();
    handle = Dispatcher.singleton().findSchemaOrThrow(name, "");
  }

  /**
   * Calls the operator.
   *
   * @param arguments {@link Tensor}, {@link Double}, {@link Long}, {@link Boolean}, {@link String},
   *     {@link #EMPTY_LIST}, or null for None
   * @return the results, in order, owned like any new tensor
   */
  Tensor[] call(Object... arguments) {
    try (IValueVector stack = new IValueVector()) {
      for (int i = 0; i < arguments.length; i++) {
        Object argument = arguments[i];
        if (argument == EMPTY_LIST) {
          stack.push_back(constants.computeIfAbsent(i, place -> emptyList((Integer) place)));
        } else if (argument instanceof String) {
          stack.push_back(constants.computeIfAbsent(argument, Operator::value));
        } else {
          try (IValue value = value(argument)) {
            stack.push_back(value);
          }
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

  /** An empty list of the type that the schema asks for at this place. */
  private IValue emptyList(int place) {
    try (FunctionSchema schema = handle.schema();
        Argument all = schema.arguments();
        Argument argument = all.getPointer(place);
        Type.TypePtr list = argument.type();
        Type.TypePtr element = list.get().containedType(0);
        GenericList empty = new GenericList(element)) {
      return new IValue(empty);
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
    if (argument instanceof String s) {
      return new IValue(s);
    }
    if (argument instanceof Boolean b) {
      return new IValue(b.booleanValue());
    }
    throw new IllegalArgumentException("no operator argument: " + argument.getClass());
  }
}
