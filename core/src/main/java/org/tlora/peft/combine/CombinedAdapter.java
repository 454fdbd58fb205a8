/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.List;

/**
 * What was made of several adapters.
 *
 * @param combination the name of the way in which that was done
 * @param modules how many it has products for
 * @param rank the greatest of them
 * @param notes what a user should know, a line each
 */
public record CombinedAdapter(String combination, int modules, long rank, List<String> notes) {
  /** Copies the list. */
  public CombinedAdapter {
    notes = List.copyOf(notes);
  }
}
