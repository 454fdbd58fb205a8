package org.tlora.generate;

import java.util.Arrays;
import java.util.List;
import org.tlora.engine.Scope;
import org.tlora.model.CausalLm;
import org.tlora.model.KvCache;
import org.tlora.model.Layout;
import org.tlora.model.Pass;

/** The tokens that all prompts begin with, run once; every sequence starts from a copy. */
final class SharedPrefix implements AutoCloseable {
  /** Fewer tokens are not worth a run of their own. */
  private static final int LEAST = 16;

  private final KvCache cache;

  private SharedPrefix(KvCache cache) {
    this.cache = cache;
  }

  static SharedPrefix of(CausalLm model, List<GenerationRequest> requests) {
    KvCache cache = new KvCache(model.config().layers());
    int length = common(requests);
    if (length >= LEAST) {
      int[] ids = Arrays.copyOf(requests.get(0).promptIds(), length);
      try (Scope scope = new Scope()) {
        Layout layout = Layout.continuing(new int[] {length}, List.of(cache));
        model.hidden(Pass.inference(layout), ids);
      } catch (RuntimeException e) {
        cache.close();
        throw e;
      }
    }
    return new SharedPrefix(cache);
  }

  /** Every prompt keeps a token of its own, behind which the first new one comes. */
  private static int common(List<GenerationRequest> requests) {
    if (requests.size() < 2) {
      return 0;
    }
    int[] first = requests.get(0).promptIds();
    int length = first.length - 1;
    for (GenerationRequest r : requests) {
      int[] ids = r.promptIds();
      int same = Arrays.mismatch(first, ids);
      length = Math.min(length, same < 0 ? ids.length - 1 : same);
      length = Math.min(length, ids.length - 1);
    }
    return length;
  }

  /** Puts the prefix into an empty cache and returns that. */
  KvCache start(KvCache empty) {
    empty.copyFrom(cache);
    return empty;
  }

  @Override
  public void close() {
    cache.close();
  }
}
