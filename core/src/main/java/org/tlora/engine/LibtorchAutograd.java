/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DispatchKey;

/**
 * Libtorch's own autograd, which every operator passes through on its way to its kernel, and which
 * follows views and writes. Nothing here uses it, so a thread goes around it while it has an open
 * scope: a small operator then costs half, a view a third. Outside of scopes the thread is as it
 * was, since it may be that of a program that has a use for it.
 */
final class LibtorchAutograd {
  private static final List<DispatchKey> KEYS =
      List.of(
          DispatchKey.ADInplaceOrView,
          DispatchKey.AutogradFunctionality,
          DispatchKey.AutogradOther);

  private LibtorchAutograd() {}

  /**
   * Lets this thread go around it.
   *
   * @return what {@link #resume} is to be told
   */
  static List<DispatchKey> leave() {
    Engine.load();
    List<DispatchKey> left = new ArrayList<>(KEYS.size());
    for (DispatchKey key : KEYS) {
      if (!torch.tls_is_dispatch_key_excluded(key)) {
        torch.tls_set_dispatch_key_excluded(key, true);
        left.add(key);
      }
    }
    return left;
  }

  /** Lets this thread go through it again, as far as it did before. */
  static void resume(List<DispatchKey> left) {
    for (DispatchKey key : left) {
      torch.tls_set_dispatch_key_excluded(key, false);
    }
  }
}
