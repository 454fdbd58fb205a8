/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DispatchKey;
import org.junit.jupiter.api.Test;

class ScopeTest {
  @Test
  void whatIsNotKeptIsFreedAtTheEnd() {
    Tensor inner;
    Tensor kept;
    try (Scope outer = new Scope()) {
      try (Scope scope = new Scope()) {
        inner = Tensor.zeros(Device.CPU, DType.FLOAT32, 2);
        kept = scope.keep(Tensor.zeros(Device.CPU, DType.FLOAT32, 2));
      }
      assertTrue(inner.isClosed());
      assertFalse(kept.isClosed());
    }
    assertTrue(kept.isClosed());
  }

  @Test
  void withoutAnEnclosingScopeTheCallerOwnsWhatIsKept() {
    Tensor kept;
    try (Scope scope = new Scope()) {
      kept = scope.keep(Tensor.zeros(Device.CPU, DType.FLOAT32, 3));
    }
    assertFalse(kept.isClosed());
    assertEquals(3, kept.size());
    kept.close();
    kept.close(); // closing is idempotent
    assertTrue(kept.isClosed());
  }

  @Test
  void anAliasKeepsTheStorageWhenTheFirstHandleGoes() {
    try (Scope scope = new Scope()) {
      Tensor first = Tensor.ofFloats(Device.CPU, new float[] {1, 2}, 2);
      Tensor second = first.alias();
      first.close();
      assertEquals(3, second.sum().item());
    }
  }

  @Test
  void scopesCloseInReverseOrder() {
    Scope outer = new Scope();
    Scope inner = new Scope();
    assertThrows(IllegalStateException.class, outer::close);
    inner.close();
    outer.close();
  }

  /** A program's own use of libtorch is not disturbed, nor is a scope within its guards. */
  @Test
  void libtorchsAutogradIsLeftAloneWhileAScopeIsOpenAndNotLonger() {
    Engine.load();
    DispatchKey key = DispatchKey.ADInplaceOrView;
    assertFalse(torch.tls_is_dispatch_key_excluded(key));
    try (Scope outer = new Scope()) {
      assertTrue(torch.tls_is_dispatch_key_excluded(key));
      try (Scope inner = new Scope()) {
        assertTrue(torch.tls_is_dispatch_key_excluded(key));
      }
      assertTrue(torch.tls_is_dispatch_key_excluded(key));
    }
    assertFalse(torch.tls_is_dispatch_key_excluded(key));
    torch.tls_set_dispatch_key_excluded(key, true);
    try (Scope scope = new Scope()) {
      assertTrue(torch.tls_is_dispatch_key_excluded(key));
    }
    assertTrue(torch.tls_is_dispatch_key_excluded(key));
    torch.tls_set_dispatch_key_excluded(key, false);
  }

  @Test
  void gradientsOfLibtorchsOwnAreThoseOfTheProgramAgainBehindAScope() {
    try (Scope scope = new Scope()) {
      assertEquals(6, Tensor.ofFloats(Device.CPU, new float[] {1, 2, 3}, 3).sum().item());
    }
    try (var x = torch.ones(new long[] {3}, new TensorOptions())) {
      x.requires_grad_(true);
      x.mul(x).sum().backward();
      assertEquals(2, x.grad().index_select(0, torch.zeros(new long[] {1}, longs())).item_float());
    }
  }

  private static TensorOptions longs() {
    return new TensorOptions(torch.ScalarType.Long);
  }
}
