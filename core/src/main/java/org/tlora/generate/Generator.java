/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.tlora.fault.InputFault;
import org.tlora.model.AdapterMix;
import org.tlora.model.CausalLm;

/** Generates texts in the calling thread, by a {@link Scheduler} of their own. */
public final class Generator {
  private final CausalLm model;
  private final AdapterMix adapters;
  private final Function<int[], String> decoder;
  private final List<Integer> eos;

  /**
   * A generator.
   *
   * @param adapters what all texts run with
   * @param decoder makes texts of tokens, as a tokenizer does; null: then there is no text and
   *     there are no stop words
   * @param eos tokens that end a text
   */
  public Generator(
      CausalLm model, AdapterMix adapters, Function<int[], String> decoder, List<Integer> eos) {
    this.model = model;
    this.adapters = adapters;
    this.decoder = decoder;
    this.eos = List.copyOf(eos);
  }

  /** Continues one text. */
  public Generation generate(GenerationRequest request, Sampling sampling, StopWords stop) {
    return generate(List.of(request), sampling, stop, 1, done -> {}).get(0);
  }

  /**
   * Continues several texts.
   *
   * @param atOnce how many run side by side
   * @param afterEach is told how many are done
   * @return in the order of the requests
   */
  public List<Generation> generate(
      List<GenerationRequest> requests,
      Sampling sampling,
      StopWords stop,
      int atOnce,
      IntConsumer afterEach) {
    int[] done = new int[1];
    return generate(requests, sampling, stop, atOnce, (index, g) -> afterEach.accept(++done[0]));
  }

  /** Is told of every text that is done. */
  public interface Listener {
    /**
     * One is done.
     *
     * @param index of its request
     */
    void onDone(int index, Generation generation);

    /** Whether {@link #onText} is to be called. */
    default boolean wantsText() {
      return false;
    }

    /** There is more of a text; see {@link GenerationListener#onText}. */
    default void onText(int index, String text) {}
  }

  /** As above; what all prompts begin with is run once. */
  public List<Generation> generate(
      List<GenerationRequest> requests,
      Sampling sampling,
      StopWords stop,
      int atOnce,
      Listener listener) {
    if (requests.stream().anyMatch(r -> r.promptIds().length == 0)) {
      throw new InputFault("the prompt has no tokens");
    }
    int slots = Math.max(1, Math.min(atOnce, requests.size()));
    try (Scheduler scheduler = new Scheduler(model, Scheduler.Limits.of(slots))) {
      int[] shared = shared(requests);
      if (shared.length >= ComputedPrefixes.LEAST) {
        scheduler.compute(adapters, shared);
      }
      List<Scheduler.Handle> handles = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        GenerationRequest own =
            requests
                .get(i)
                .with(sampling)
                .with(stop)
                .with(adapters)
                .withText(decoder)
                .endingWith(eos);
        handles.add(scheduler.submit(own, one(i, listener)));
      }
      scheduler.runAll();
      return handles.stream().map(Scheduler.Handle::await).toList();
    }
  }

  private static GenerationListener one(int index, Listener listener) {
    return new GenerationListener() {
      @Override
      public boolean wantsText() {
        return listener.wantsText();
      }

      @Override
      public void onText(String text) {
        listener.onText(index, text);
      }

      @Override
      public void onDone(Generation generation) {
        listener.onDone(index, generation);
      }
    };
  }

  /** What all prompts begin with; each keeps a token of its own behind it. */
  private static int[] shared(List<GenerationRequest> requests) {
    if (requests.size() < 2) {
      return new int[0];
    }
    int[] first = requests.get(0).promptIds();
    int length = first.length - 1;
    for (GenerationRequest r : requests) {
      int[] ids = r.promptIds();
      int same = Arrays.mismatch(first, ids);
      length = Math.min(length, same < 0 ? ids.length - 1 : same);
      length = Math.min(length, ids.length - 1);
    }
    return Arrays.copyOf(first, length);
  }
}
