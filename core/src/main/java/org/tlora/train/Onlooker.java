/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

/** Looks at a model between two steps, and changes nothing of it. */
public interface Onlooker {
  /** Nobody looks. */
  Onlooker NONE =
      new Onlooker() {
        @Override
        public boolean isDue(long steps) {
          return false;
        }

        @Override
        public void look(long steps) {}
      };

  /** Whether to look after that many steps; 0: before the first. */
  boolean isDue(long steps);

  /** Looks, in the first process of a group; the others wait. */
  void look(long steps);
}
