package org.tlora.data;

/**
 * A row as the model sees it.
 *
 * @param ids token ids
 * @param labels the same ids where they are learned, {@link #IGNORED} elsewhere
 */
public record Encoded(int[] ids, int[] labels) {
  /** The label of a token that no loss is taken at. */
  public static final int IGNORED = -100;

  /** How many tokens have a loss: the first token is predicted from nothing and never counts. */
  public int supervisedTokens() {
    int n = 0;
    for (int i = 1; i < labels.length; i++) {
      if (labels[i] != IGNORED) {
        n++;
      }
    }
    return n;
  }
}
