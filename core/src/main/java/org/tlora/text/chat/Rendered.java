/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;
import java.util.Set;

/**
 * What a template makes of a conversation.
 *
 * @param generated the parts that the template itself marks as the assistant's ({@code {%
 *     generation %}}); none where it marks nothing
 * @param turns what was written while a loop of the template was at each turn; null for turns that
 *     no loop, or more than one, wrote for
 * @param read for each turn the fields that the template asked for
 */
public record Rendered(
    String text, List<Span> generated, List<Span> turns, List<Set<String>> read) {
  /** A part of the text, in Java's chars. */
  public record Span(int from, int to) {
    /** That part of the text. */
    public String of(String text) {
      return text.substring(from, to);
    }
  }
}
