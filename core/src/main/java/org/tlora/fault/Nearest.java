/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fault;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What somebody may have meant who has mistyped a name. */
public final class Nearest {
  /** One letter of so many may be another one, or missing, or one too many. */
  private static final int LETTERS_PER_MISTAKE = 3;

  /** So many first letters of a name stand for it. */
  private static final int ENOUGH_LETTERS = 3;

  private Nearest() {}

  /**
   * The known name that takes the fewest changes of a letter (one that is another, missing, too
   * many, or has changed places with its neighbour) to get to; or else the only one that begins
   * with it. Capitals are as good as small letters, and '_' is as good as '-'.
   *
   * @return nothing where every known name is another one altogether
   */
  public static Optional<String> of(String name, Collection<String> known) {
    String given = plain(name);
    String best = null;
    int least = Integer.MAX_VALUE;
    for (String k : known) {
      String other = plain(k);
      int atLeast = Math.abs(given.length() - other.length());
      if (!mayBe(atLeast, given.length(), other.length())) {
        continue; // a name may be as long as a file
      }
      int changes = changes(given, other);
      if (changes < least && mayBe(changes, given.length(), other.length())) {
        best = k;
        least = changes;
      }
    }
    if (best != null || given.length() < ENOUGH_LETTERS) {
      return Optional.ofNullable(best);
    }
    List<String> longer = known.stream().filter(k -> plain(k).startsWith(given)).toList();
    return longer.size() == 1 ? Optional.of(longer.get(0)) : Optional.empty();
  }

  /** For the end of a message: {@code "; did you mean cosine?"}, or nothing. */
  public static String question(String name, Collection<String> known) {
    return of(name, known).map(k -> "; did you mean " + k + "?").orElse("");
  }

  private static String plain(String name) {
    return name.strip().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static boolean mayBe(int changes, int length, int otherLength) {
    int longer = Math.max(length, otherLength);
    return changes <= Math.max(1, longer / LETTERS_PER_MISTAKE)
        && changes < Math.min(length, otherLength);
  }

  /** The fewest changes that make one text of the other; a pair of letters is swapped once. */
  private static int changes(String a, String b) {
    int[][] least = new int[a.length() + 1][b.length() + 1]; // of the first i and j letters
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          least[i][j] = i + j;
          continue;
        }
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int either = Math.min(least[i - 1][j], least[i][j - 1]) + 1;
        least[i][j] = Math.min(either, least[i - 1][j - 1] + (same ? 0 : 1));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          least[i][j] = Math.min(least[i][j], least[i - 2][j - 2] + 1);
        }
      }
    }
    return least[a.length()][b.length()];
  }
}
