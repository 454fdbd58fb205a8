/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.UnaryOperator;

/** The variable {@code loop}: where a loop is, and what is around. */
final class LoopState implements Iterator<Object>, Function {
  private final Object items;
  private final Budget budget;
  private final UnaryOperator<Object> recursion; // or null
  private final int depth0;
  private Iterator<Object> iterator;
  private int index0 = -1;
  private int length = -1;
  private Object before = Builtin.ABSENT;
  private Object current = Builtin.ABSENT;
  private Object after = Builtin.ABSENT;
  private Object lastChanged = Builtin.ABSENT;

  /**
   * A loop that has not begun.
   *
   * @param recursion renders the loop over other items, one deeper; null where it may not
   */
  LoopState(Object items, Budget budget, int depth0, UnaryOperator<Object> recursion) {
    this.items = items;
    this.budget = budget;
    this.depth0 = depth0;
    this.recursion = recursion;
    this.iterator = Python.iterator(items);
  }

  @Override
  public boolean hasNext() {
    return after != Builtin.ABSENT || iterator.hasNext();
  }

  @Override
  public Object next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    budget.step();
    Object item = after != Builtin.ABSENT ? after : iterator.next();
    after = Builtin.ABSENT;
    index0++;
    before = current;
    current = item;
    return item;
  }

  private Object peek() {
    if (after == Builtin.ABSENT && iterator.hasNext()) {
      after = iterator.next();
    }
    return after;
  }

  int index() {
    return index0 + 1;
  }

  int length() {
    if (length < 0) {
      if (items instanceof Lazy || items instanceof LoopState) {
        List<Object> rest = new ArrayList<>();
        iterator.forEachRemaining(
            i -> {
              budget.step();
              rest.add(i);
            });
        iterator = rest.iterator();
        length = rest.size() + index() + (after == Builtin.ABSENT ? 0 : 1);
      } else {
        length = Python.length(items);
      }
    }
    return length;
  }

  Object attribute(String name) {
    return switch (name) {
      case "index" -> Python.whole(index());
      case "index0" -> Python.whole(index0);
      case "revindex" -> Python.whole(length() - index0);
      case "revindex0" -> Python.whole(length() - index());
      case "first" -> index0 == 0;
      case "last" -> peek() == Builtin.ABSENT;
      case "length" -> Python.whole(length());
      case "depth" -> Python.whole(depth0 + 1);
      case "depth0" -> Python.whole(depth0);
      case "previtem" -> index0 == 0 ? Undefined.of("there is no previous item") : before;
      case "nextitem" -> {
        Object next = peek();
        yield next == Builtin.ABSENT ? Undefined.of("there is no next item") : next;
      }
      case "cycle", "changed" -> new Method(this, name);
      default -> Builtin.ABSENT;
    };
  }

  Object call(String name, List<Object> arguments, Map<String, Object> named, Machine machine) {
    if (!named.isEmpty()) {
      throw TemplateError.type("loop." + name + " takes no named arguments");
    }
    if (name.equals("cycle")) {
      if (arguments.isEmpty()) {
        throw TemplateError.type("no items for cycling given");
      }
      return arguments.get(index0 % arguments.size());
    }
    Object values = new Tuple(arguments);
    boolean changed =
        lastChanged == Builtin.ABSENT || !Python.equal(lastChanged, values, machine.budget());
    if (changed) {
      lastChanged = values;
    }
    return changed;
  }

  @Override
  public Object call(Machine machine, List<Object> positional, Map<String, Object> named) {
    if (recursion == null) {
      throw TemplateError.type("the loop is not marked as 'recursive'");
    }
    Object iterable = Builtin.bind("loop", Builtin.parameters("iterable"), positional, named)[0];
    return recursion.apply(iterable);
  }
}
