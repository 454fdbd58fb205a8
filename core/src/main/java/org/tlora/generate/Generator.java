package org.tlora.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.tlora.autograd.Variable;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.model.CausalLm;
import org.tlora.model.KvCache;
import org.tlora.model.KvPool;
import org.tlora.model.Layout;
import org.tlora.model.Pass;
import org.tlora.text.Tokenizer;

/**
 * Generates text with a key/value cache. Sequences run side by side: their new tokens share the
 * matrix products while each attends to its own cache, one that ends leaves, and the next waiting
 * one takes its place.
 */
public final class Generator {
  private final CausalLm model;
  private final Tokenizer tokenizer;
  private final Set<Integer> eos;

  /**
   * A generator.
   *
   * @param tokenizer may be null: then there is no text and there are no stop words
   * @param eos tokens that end a sequence
   */
  public Generator(CausalLm model, Tokenizer tokenizer, List<Integer> eos) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.eos = Set.copyOf(eos);
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

    /**
     * There is more of a text.
     *
     * @param index of its request
     * @param text what is there for sure: without what may become a stop word or is half a
     *     character
     */
    default void onText(int index, String text) {}
  }

  /** As above; what all prompts begin with is run once. */
  public List<Generation> generate(
      List<GenerationRequest> requests,
      Sampling sampling,
      StopWords stop,
      int atOnce,
      Listener listener) {
    Generation[] results = new Generation[requests.size()];
    List<Sequence> running = new ArrayList<>(); // each in the slot of its index here
    int next = 0;
    int slots = Math.max(1, Math.min(atOnce, requests.size()));
    try (SharedPrefix prefix = SharedPrefix.of(model, requests);
        KvPool pool = new KvPool(model.config().layers(), slots)) {
      while (next < results.length || !running.isEmpty()) {
        int before = running.size();
        while (running.size() < slots && next < results.length) {
          KvCache cache = prefix.start(pool.open(running.size()));
          running.add(start(next, requests.get(next), sampling, cache));
          next++;
        }
        List<Sequence> fresh = running.subList(before, running.size());
        if (!fresh.isEmpty()) {
          advance(fresh, stop);
          tell(fresh, stop, listener);
          remove(running, stop, results, listener); // an answer may be one token, or none
        }
        if (!running.isEmpty()) {
          advance(running, stop);
          tell(running, stop, listener);
          remove(running, stop, results, listener);
        }
      }
    }
    return Arrays.asList(results);
  }

  private void tell(List<Sequence> sequences, StopWords stop, Listener listener) {
    if (tokenizer != null && listener.wantsText()) {
      for (Sequence s : sequences) {
        if (!s.ended) {
          listener.onText(s.index, stop.certain(tokenizer.decode(s.generated)));
        }
      }
    }
  }

  /** Takes out what has ended; the last sequences move into the slots that become free. */
  private void remove(
      List<Sequence> running, StopWords stop, Generation[] results, Listener listener) {
    for (int i = running.size() - 1; i >= 0; i--) {
      Sequence s = running.get(i);
      if (s.ended) {
        Sequence last = running.remove(running.size() - 1);
        if (last != s) {
          last.cache.moveTo(i);
          running.set(i, last);
        }
        results[s.index] = s.result(tokenizer, stop);
        listener.onDone(s.index, results[s.index]);
      }
    }
  }

  private Sequence start(int index, GenerationRequest request, Sampling sampling, KvCache cache) {
    if (request.promptIds().length == 0) {
      throw new InputFault("the prompt has no tokens");
    }
    TokenSampler sampler = new TokenSampler(sampling, request.stream());
    return new Sequence(index, request, cache, sampler);
  }

  /** One run of the model: the prompts of new sequences, or one token of each. */
  private void advance(List<Sequence> running, StopWords stop) {
    try (Scope scope = new Scope()) {
      int[] lengths = running.stream().mapToInt(s -> s.pending.length).toArray();
      int[] ids = running.stream().flatMapToInt(s -> Arrays.stream(s.pending)).toArray();
      Layout layout = Layout.continuing(lengths, running.stream().map(s -> s.cache).toList());
      Variable hidden = model.hidden(Pass.inference(layout), ids);
      int[] last = new int[lengths.length];
      int end = -1;
      for (int i = 0; i < lengths.length; i++) {
        end += lengths[i];
        last[i] = end;
      }
      Tensor rows = hidden.value().indexSelect(0, Tensor.ofInts(last));
      float[] logits = model.logits(rows).toFloats();
      int vocabulary = logits.length / lengths.length;
      for (int i = 0; i < lengths.length; i++) {
        float[] own = Arrays.copyOfRange(logits, i * vocabulary, (i + 1) * vocabulary);
        running.get(i).accept(own, eos, tokenizer, stop);
      }
    }
  }

  private static final class Sequence {
    private final int index;
    private final GenerationRequest request;
    private final KvCache cache;
    private final TokenSampler sampler;
    private final BitSet seen = new BitSet();
    private int[] generated = new int[0];
    private int[] pending;
    private float[] promptLogits;
    private boolean ended;
    private boolean finished;

    Sequence(int index, GenerationRequest request, KvCache cache, TokenSampler sampler) {
      this.index = index;
      this.request = request;
      this.cache = cache;
      this.sampler = sampler;
      int[] prompt = request.promptIds();
      this.pending = Arrays.copyOfRange(prompt, cache.length(), prompt.length);
      for (int id : prompt) {
        seen.set(id);
      }
    }

    void accept(float[] logits, Set<Integer> eos, Tokenizer tokenizer, StopWords stop) {
      if (promptLogits == null && request.wantsLogits() && generated.length == 0) {
        promptLogits = logits.clone();
      }
      if (request.maxNewTokens() == 0) {
        ended = true;
        return;
      }
      int token = sampler.next(logits, seen);
      seen.set(token);
      generated = Arrays.copyOf(generated, generated.length + 1);
      generated[generated.length - 1] = token;
      pending = new int[] {token};
      finished = eos.contains(token) || stopped(tokenizer, stop);
      ended = finished || generated.length == request.maxNewTokens();
    }

    /** Looks at the end alone, since what is before it was looked at before. */
    private boolean stopped(Tokenizer tokenizer, StopWords stop) {
      if (tokenizer == null || stop.words().isEmpty()) {
        return false;
      }
      int longest = stop.words().stream().mapToInt(String::length).max().orElse(0);
      int from = Math.max(0, generated.length - 4 * longest - 8); // a character is 4 bytes at most
      return stop.find(tokenizer.decode(Arrays.copyOfRange(generated, from, generated.length)))
          >= 0;
    }

    Generation result(Tokenizer tokenizer, StopWords stop) {
      String text = tokenizer == null ? null : stop.cut(tokenizer.decode(generated));
      return new Generation(generated, text, promptLogits, finished);
    }
  }
}
