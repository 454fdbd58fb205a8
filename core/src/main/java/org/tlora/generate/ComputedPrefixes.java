/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlora.model.AdapterMix;
import org.tlora.model.KvCache;

/**
 * Keys and values of texts that were run before, for texts that begin with the same tokens and run
 * with the same adapters. What was not used for longest goes first where memory is short.
 */
final class ComputedPrefixes implements AutoCloseable {
  /** Fewer common tokens are not worth a copy. */
  static final int LEAST = 16;

  private record Entry(AdapterMix adapters, int[] ids, KvCache cache) {}

  private final List<Entry> entries = new ArrayList<>(); // the last used one last

  /** Tokens whose keys and values are held. */
  long tokens() {
    return entries.stream().mapToLong(e -> e.ids().length).sum();
  }

  /** Keeps a copy of a cache, in place of those that it goes on from. */
  void keep(AdapterMix adapters, int[] ids, KvCache cache) {
    if (ids.length < LEAST) {
      return;
    }
    entries.removeIf(
        e -> {
          boolean beginning =
              e.adapters().equals(adapters)
                  && e.ids().length <= ids.length
                  && common(e.ids(), ids) == e.ids().length;
          if (beginning) {
            e.cache().close();
          }
          return beginning;
        });
    entries.add(new Entry(adapters, ids, cache.copy()));
  }

  /** Tokens of a prompt that are known; 0 if they are few. */
  int longest(AdapterMix adapters, int[] prompt) {
    Entry best = best(adapters, prompt);
    return best == null ? 0 : known(best, prompt);
  }

  /** Puts the longest known beginning of a prompt into an empty cache. */
  void start(AdapterMix adapters, int[] prompt, KvCache empty) {
    Entry best = best(adapters, prompt);
    if (best != null) {
      entries.remove(best);
      entries.add(best);
      empty.copyFrom(best.cache(), known(best, prompt));
    }
  }

  private Entry best(AdapterMix adapters, int[] prompt) {
    Entry best = null;
    int longest = LEAST - 1;
    for (Entry e : entries) {
      int same = known(e, prompt);
      if (same > longest && e.adapters().equals(adapters)) {
        longest = same;
        best = e;
      }
    }
    return best;
  }

  /** One token of the prompt must be run, behind which the first new one comes. */
  private static int known(Entry e, int[] prompt) {
    return Math.min(common(e.ids(), prompt), prompt.length - 1);
  }

  private static int common(int[] a, int[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  /** Forgets what was computed with adapters that are no more. */
  void dropClosed() {
    entries.removeIf(
        e -> {
          boolean gone = e.adapters().parts().stream().anyMatch(p -> p.adapters().isClosed());
          if (gone) {
            e.cache().close();
          }
          return gone;
        });
  }

  /** Forgets the one that was not used for longest; whether there was one. */
  boolean forgetOldest() {
    if (entries.isEmpty()) {
      return false;
    }
    entries.remove(0).cache().close();
    return true;
  }

  @Override
  public void close() {
    while (forgetOldest()) {
      // until none is left
    }
  }
}
