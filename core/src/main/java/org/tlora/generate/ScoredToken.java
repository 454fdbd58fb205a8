/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A generated token and how likely the model found it, before penalties, temperature and whatever
 * else chooses among tokens.
 *
 * @param id the token
 * @param logProbability natural logarithm
 * @param best the most likely tokens at its place, the likeliest first; of equal ones the lower id
 */
public record ScoredToken(int id, double logProbability, List<Candidate> best) {
  /** A token that could have stood there. */
  public record Candidate(int id, double logProbability) {}

  /** Keeps a copy. */
  public ScoredToken {
    best = List.copyOf(best);
  }

  /**
   * The scores of what could come next.
   *
   * @param logits [vocabulary]
   * @param count the most likely ones that are wanted
   */
  static Scores of(float[] logits, int count) {
    double most = Double.NEGATIVE_INFINITY;
    for (float v : logits) {
      most = Math.max(most, v);
    }
    double sum = 0;
    for (float v : logits) {
      sum += Math.exp(v - most);
    }
    double all = most + Math.log(sum);
    PriorityQueue<Integer> kept =
        new PriorityQueue<>((a, b) -> isBetter(a, b, logits) ? 1 : isBetter(b, a, logits) ? -1 : 0);
    for (int i = 0; i < logits.length && count > 0; i++) {
      if (kept.size() < count) {
        kept.add(i);
      } else if (isBetter(i, kept.peek(), logits)) {
        kept.poll();
        kept.add(i);
      }
    }
    List<Candidate> best = new ArrayList<>();
    while (!kept.isEmpty()) {
      int id = kept.poll();
      best.add(0, new Candidate(id, logits[id] - all));
    }
    return new Scores(logits.clone(), all, best);
  }

  private static boolean isBetter(int a, int b, float[] logits) {
    return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
  }

  /** What could come next, until it is known which token does. */
  record Scores(float[] logits, double all, List<Candidate> best) {
    ScoredToken of(int token) {
      return new ScoredToken(token, logits[token] - all, best);
    }
  }
}
