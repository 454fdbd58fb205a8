/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
}
