/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.tlora.fault.RunFault;

/** Chooses one sequence's next tokens; its random numbers depend on its seed alone. */
public final class TokenSampler {
  private final Sampling sampling;
  private final SplittableRandom random;
  private final Map<Integer, Integer> drawn = new HashMap<>(); // how often

  /** A sampler whose random numbers are stream {@code stream} of the sampling's seed. */
  public TokenSampler(Sampling sampling, long stream) {
    this.sampling = sampling;
    this.random = new SplittableRandom(org.tlora.engine.Random.mix(sampling.seed(), stream));
  }

  /**
   * The next token.
   *
   * @param logits [vocabulary]; overwritten
   * @param seen tokens of the prompt and what was generated so far
   * @throws RunFault if the logits say nothing: not a number, infinite, or none above minus
   *     infinity
   */
  public int next(float[] logits, BitSet seen) {
    requireSense(logits);
    int token = chosen(logits, seen);
    if (sampling.frequencyPenalty() != 0) {
      drawn.merge(token, 1, Integer::sum);
    }
    return token;
  }

  /**
   * Makes sure that there is a token to choose.
   *
   * @throws RunFault if the logits say nothing
   */
  static void requireSense(float[] logits) {
    float best = Float.NEGATIVE_INFINITY;
    for (float v : logits) {
      if (Float.isNaN(v)) {
        best = v;
        break;
      }
      best = Math.max(best, v);
    }
    if (!Float.isFinite(best)) {
      throw new RunFault(
          "the model's logits are no numbers to choose a token by (the best one is "
              + best
              + "): its weights or its adapter are broken, or too large for this `dtype`; try"
              + " `dtype` float32");
    }
  }

  private int chosen(float[] logits, BitSet seen) {
    if (sampling.greedy()) {
      penalise(logits, seen);
      int best = 0;
      for (int i = 1; i < logits.length; i++) {
        if (logits[i] > logits[best]) {
          best = i;
        }
      }
      return best;
    }
    double[] p = probabilities(logits, seen);
    double u = random.nextDouble();
    int last = 0;
    for (int i = 0; i < p.length; i++) {
      if (p[i] > 0) {
        u -= p[i];
        last = i;
        if (u < 0) {
          return i;
        }
      }
    }
    return last; // rounding left a sliver behind the last token
  }

  /**
   * The distribution that a token is drawn from.
   *
   * @param logits [vocabulary]; overwritten
   * @return [vocabulary], summing to one
   */
  double[] probabilities(float[] logits, BitSet seen) {
    penalise(logits, seen);
    heat(logits);
    if (sampling.topK() > 0 && sampling.topK() < logits.length) {
      keepTopK(logits);
    }
    if (sampling.topP() < 1) {
      keepTopP(logits);
    }
    double[] p = softmax(logits);
    if (sampling.minP() > 0) {
      double best = 0;
      for (double v : p) {
        best = Math.max(best, v);
      }
      for (int i = 0; i < p.length; i++) {
        if (p[i] < sampling.minP() * best) {
          logits[i] = Float.NEGATIVE_INFINITY;
        }
      }
      p = softmax(logits);
    }
    return p;
  }

  /**
   * Divides by the temperature. One that is so small that float32 cannot hold the quotients leaves
   * the best tokens alone, as greedy choice does.
   */
  private void heat(float[] logits) {
    double temperature = sampling.temperature();
    float best = Float.NEGATIVE_INFINITY;
    for (float v : logits) {
      best = Math.max(best, v);
    }
    boolean fits = Float.isFinite((float) (best / temperature));
    for (int i = 0; i < logits.length; i++) {
      double logit = fits ? logits[i] : (double) logits[i] - best;
      logits[i] = logit == 0 ? 0 : (float) (logit / temperature);
    }
  }

  /**
   * Divides positive and multiplies negative logits of seen tokens (arXiv 1909.05858), and takes
   * the frequency penalty off those that were drawn.
   */
  private void penalise(float[] logits, BitSet seen) {
    repeatLess(logits, seen);
    drawn.forEach((token, n) -> logits[token] -= (float) (n * sampling.frequencyPenalty()));
  }

  private void repeatLess(float[] logits, BitSet seen) {
    double penalty = sampling.repetitionPenalty();
    if (penalty == 1) {
      return;
    }
    for (int i = seen.nextSetBit(0); i >= 0 && i < logits.length; i = seen.nextSetBit(i + 1)) {
      double less = logits[i] < 0 ? logits[i] * penalty : logits[i] / penalty;
      // a token that the model rules out stays at minus infinity, no other gets there
      logits[i] =
          Float.isInfinite(logits[i])
              ? logits[i]
              : (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, less));
    }
  }

  private void keepTopK(float[] logits) {
    float[] sorted = logits.clone();
    java.util.Arrays.sort(sorted);
    float least = sorted[sorted.length - sampling.topK()];
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] < least) {
        logits[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /**
   * Keeps the most probable tokens, as few as come to top-p together: what is dropped, from the
   * least probable on, sums to at most 1 − top-p. The best one always stays; of equal ones the
   * later stay. Only as much of the vocabulary is put in order as stays.
   */
  private void keepTopP(float[] logits) {
    double[] p = softmax(logits);
    int[] heap = descendingHeap(logits);
    boolean[] kept = new boolean[logits.length];
    double sum = 0;
    int size = heap.length;
    do {
      int best = heap[0];
      kept[best] = true;
      sum += p[best];
      heap[0] = heap[--size];
      sink(heap, 0, size, logits);
    } while (size > 0 && sum < sampling.topP());
    for (int i = 0; i < logits.length; i++) {
      if (!kept[i]) {
        logits[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  private static int[] descendingHeap(float[] logits) {
    int[] heap = new int[logits.length];
    for (int i = 0; i < heap.length; i++) {
      heap[i] = i;
    }
    for (int i = heap.length / 2 - 1; i >= 0; i--) {
      sink(heap, i, heap.length, logits);
    }
    return heap;
  }

  private static void sink(int[] heap, int from, int size, float[] logits) {
    int at = from;
    int moving = heap[at];
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && isBefore(heap[child + 1], heap[child], logits)) {
        child++;
      }
      if (!isBefore(heap[child], moving, logits)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    if (at < size) {
      heap[at] = moving;
    }
  }

  private static boolean isBefore(int a, int b, float[] logits) {
    return logits[a] > logits[b] || (logits[a] == logits[b] && a > b);
  }

  private static double[] softmax(float[] logits) {
    double best = Double.NEGATIVE_INFINITY;
    for (float v : logits) {
      best = Math.max(best, v);
    }
    double[] p = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(logits[i] - best);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return p;
  }
}
