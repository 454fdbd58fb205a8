/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.global.torch.DispatchKey;

/**
 * Owns the tensors that are made while it is the innermost open scope of its thread and frees them
 * when it closes. {@link #keep} hands a tensor to the enclosing scope, or to the caller where there
 * is none. While a thread has one open, libtorch's own autograd does not look at what it computes.
 *
 * <pre>{@code
 * try (Scope scope = new Scope()) {
 *   Tensor h = x.mm(a);
 *   return scope.keep(h.mm(b)); // h is freed here
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {
  /** Scopes nest like calls, so the stack belongs to the thread. */
  private static final ThreadLocal<Deque<Scope>> OPEN = ThreadLocal.withInitial(ArrayDeque::new);

  private final List<Tensor> owned = new ArrayList<>();
  private final List<DispatchKey> left; // null: an outer scope did it
  private final Footprint footprint; // null: nobody counts

  /** Opens a scope inside the innermost one of this thread. */
  public Scope() {
    this(counting());
  }

  /** The same in which, and in those inside of which, a footprint counts; null: nobody does. */
  Scope(Footprint footprint) {
    Deque<Scope> open = OPEN.get();
    left = open.isEmpty() ? LibtorchAutograd.leave() : null;
    this.footprint = footprint;
    open.push(this);
  }

  /**
   * @param result whether something else holds it for a moment, as tuples of results do
   */
  static void register(Tensor tensor, boolean result) {
    Scope innermost = OPEN.get().peek();
    if (innermost != null) {
      innermost.owned.add(tensor);
      tensor.owner = innermost;
      if (innermost.footprint != null) {
        tensor.counted = innermost.footprint;
        innermost.footprint.opened(tensor, result);
      }
    }
  }

  /** Who counts what this thread does, or null. */
  static Footprint counting() {
    Scope innermost = OPEN.get().peek();
    return innermost == null ? null : innermost.footprint;
  }

  /**
   * Hands {@code tensor} to the enclosing scope; without one, the caller owns it.
   *
   * @return the same tensor
   */
  public Tensor keep(Tensor tensor) {
    if (tensor.owner == this) {
      Scope outer = enclosing();
      tensor.owner = outer;
      if (outer != null) {
        outer.owned.add(tensor);
      }
    }
    return tensor;
  }

  private Scope enclosing() {
    boolean found = false;
    for (Scope scope : OPEN.get()) {
      if (found) {
        return scope;
      }
      found = scope == this;
    }
    return null;
  }

  @Override
  public void close() {
    Deque<Scope> open = OPEN.get();
    if (open.peek() != this) {
      throw new IllegalStateException("scopes close in the reverse order of their opening");
    }
    open.pop();
    for (int i = owned.size() - 1; i >= 0; i--) {
      Tensor tensor = owned.get(i);
      if (tensor.owner == this) {
        tensor.close();
      }
    }
    owned.clear();
    if (left != null) {
      LibtorchAutograd.resume(left);
    }
  }
}
