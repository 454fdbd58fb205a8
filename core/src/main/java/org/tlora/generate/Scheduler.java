/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.tlora.autograd.Variable;
import org.tlora.engine.Scope;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterMix;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig;
import org.tlora.model.JoinedAdapters;
import org.tlora.model.KvCache;
import org.tlora.model.KvPool;
import org.tlora.model.Layout;
import org.tlora.model.Pass;

/**
 * Generates texts side by side: their new tokens share the matrix products while each attends to
 * its own keys and values and runs with its own adapters. Texts can be submitted and cancelled at
 * any time and by any thread; one that ends leaves, and the next waiting one takes its place. A
 * text does not depend on what runs beside it.
 *
 * <p>Prompts are run some hundred tokens at a time, with a token of each running text between, so
 * that a long one does not hold the others up.
 *
 * <p>Keys and values are bounded: texts wait until there is room for all that they may come to.
 * What conversations have computed is kept in the room that is left, and given up first.
 *
 * <p>Either {@link #start} a thread that generates, or let the calling thread {@link #runAll}.
 */
public final class Scheduler implements AutoCloseable {
  /** So many times as many tokens of prompts are run at a time while no text waits for its next. */
  private static final int ALONE = 8;

  /** Tokens of a prompt for which it waits until another text has computed them. */
  private static final int WORTH_WAITING = 64;

  private final CausalLm model;
  private final Limits limits;
  private final Object lock = new Object();
  private final Deque<Sequence> waiting = new ArrayDeque<>(); // guarded by the lock

  /** Each in the slot of its index here; first those whose prompts are through. */
  private final List<Sequence> running = new ArrayList<>();

  private int writing; // of the running ones, those whose prompts are through
  private volatile State state = new State(0, 0, 0, 0);
  private final ComputedPrefixes computed = new ComputedPrefixes();
  private final KvPool pool;
  private final JoinedAdapters joined;
  private Thread thread;
  private boolean closed;

  /**
   * Bounds of a scheduler.
   *
   * @param atOnce texts that run side by side
   * @param keyValueBytes of keys and values, those that are kept for later texts among them
   * @param promptPiece tokens of prompts that are run between two tokens of running texts
   */
  public record Limits(int atOnce, long keyValueBytes, int promptPiece) {
    private static final int USUAL_PIECE = 256;

    /** Prompts in pieces of the usual length. */
    public Limits(int atOnce, long keyValueBytes) {
      this(atOnce, keyValueBytes, USUAL_PIECE);
    }

    /** So many at once, and as much memory as they need. */
    public static Limits of(int atOnce) {
      return new Limits(atOnce, Long.MAX_VALUE);
    }

    /** Checks the ranges. */
    public Limits {
      if (atOnce < 1 || keyValueBytes < 1 || promptPiece < 1) {
        throw new UsageFault(
            "texts at once, bytes of keys and values and tokens of a piece must be at least 1");
      }
    }
  }

  /** A text that was submitted. */
  public final class Handle {
    private final Sequence sequence;

    private Handle(Sequence sequence) {
      this.sequence = sequence;
    }

    /** The result, once it is there; a failure is the scheduler's or the model's. */
    public CompletableFuture<Generation> result() {
      return sequence.result();
    }

    /**
     * Waits for the result.
     *
     * @throws RuntimeException what went wrong
     */
    public Generation await() {
      try {
        return sequence.result().join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    }

    /** Ends it as soon as may be; its result is what there is by then. */
    public void cancel() {
      sequence.cancel();
      synchronized (lock) {
        lock.notifyAll();
      }
    }
  }

  /** A scheduler that nothing runs yet. */
  public Scheduler(CausalLm model, Limits limits) {
    this.model = model;
    this.limits = limits;
    pool = new KvPool(model.config().layers(), 1);
    joined = new JoinedAdapters(model);
  }

  /** Generates in a thread of its own from here on, until it is closed. */
  public void start() {
    synchronized (lock) {
      if (thread == null) {
        thread = new Thread(this::serve, "generation");
        thread.setDaemon(true);
        thread.start();
      }
    }
  }

  /**
   * Submits a text.
   *
   * @throws InputFault if the prompt is empty
   * @throws UsageFault if its keys and values could never fit
   * @throws IllegalStateException if this is closed, or adapters of it are
   */
  public Handle submit(GenerationRequest request, GenerationListener listener) {
    if (request.promptIds().length == 0) {
      throw new InputFault("the prompt has no tokens");
    }
    Sequence sequence = new Sequence(request, listener);
    if (bytes(1, sequence.mostTokens()) > limits.keyValueBytes()) {
      throw new UsageFault(
          String.format(
              "a prompt of %,d tokens and %,d new ones take %,d bytes of keys and values, more than"
                  + " the %,d there are",
              request.promptIds().length,
              request.maxNewTokens(),
              bytes(1, sequence.mostTokens()),
              limits.keyValueBytes()));
    }
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("the scheduler is closed");
      }
      request.adapters().retain();
      waiting.add(sequence);
      lock.notifyAll();
    }
    return new Handle(sequence);
  }

  /**
   * Generates in the calling thread until nothing is left.
   *
   * @throws RuntimeException what went wrong, after all texts have failed with it
   */
  public void runAll() {
    while (hasWork()) {
      try {
        turn();
      } catch (RuntimeException e) {
        failAll(e);
        throw e;
      }
    }
  }

  private boolean hasWork() {
    synchronized (lock) {
      return !running.isEmpty() || !waiting.isEmpty();
    }
  }

  private void serve() {
    while (awaitWork()) {
      try {
        turn();
      } catch (RuntimeException e) {
        failAll(e);
      }
    }
    failAll(new RunFault("the generation was closed"));
  }

  /** Waits for something to do; false once this is closed. */
  private boolean awaitWork() {
    synchronized (lock) {
      while (!closed && running.isEmpty() && waiting.isEmpty()) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          closed = true;
        }
      }
      return !closed;
    }
  }

  /**
   * What goes on at a moment.
   *
   * @param waiting texts that have not begun
   * @param running texts that have
   * @param keyValueBytes that are held, those that are kept for later texts among them
   * @param keptTokens whose keys and values are kept for later texts
   */
  public record State(int waiting, int running, long keyValueBytes, long keptTokens) {}

  /** What goes on, for any thread. */
  public State state() {
    return state;
  }

  private void look() {
    int most = running.stream().mapToInt(Sequence::mostTokens).max().orElse(0);
    int waits;
    synchronized (lock) {
      waits = waiting.size();
    }
    long kept = computed.tokens();
    state = new State(waits, running.size(), bytes(running.size(), most) + bytes(1, kept), kept);
  }

  /** Lets waiting texts in and runs a piece of their prompts, then one token of each text. */
  private void turn() {
    dropCancelled();
    computed.dropClosed();
    if (running.isEmpty()) {
      joined.dropClosed(); // what is still in use would be copied again at once
    }
    admit();
    look();
    if (writing < running.size()) {
      advancePrompts();
      removeEnded(); // an answer may be one token, or none
    }
    if (writing > 0) {
      advance(running.subList(0, writing), 1);
      removeEnded();
    }
    look();
  }

  /** Runs a piece of the first prompts that are not through. */
  private void advancePrompts() {
    int left = limits.promptPiece() * (writing == 0 ? ALONE : 1);
    int end = writing;
    int piece = left;
    for (; end < running.size() && left > 0; end++) {
      piece = Math.min(left, running.get(end).promptLeft());
      left -= piece;
    }
    List<Sequence> some = running.subList(writing, end);
    boolean lastIsWhole = piece == some.get(some.size() - 1).promptLeft();
    advance(some, piece);
    writing = lastIsWhole ? end : end - 1;
  }

  private void dropCancelled() {
    List<Sequence> gone = new ArrayList<>();
    synchronized (lock) {
      waiting.removeIf(s -> s.isCancelled() && gone.add(s));
    }
    for (Sequence s : gone) {
      s.end(FinishReason.CANCELLED);
      finish(s);
    }
    for (Sequence s : running) {
      if (s.isCancelled()) {
        s.end(FinishReason.CANCELLED);
      }
    }
    removeEnded();
  }

  /** Lets texts in, in their order, as long as there are places and room for keys and values. */
  private void admit() {
    List<Sequence> fresh = new ArrayList<>();
    synchronized (lock) {
      int most = running.stream().mapToInt(Sequence::mostTokens).max().orElse(0);
      int slots = running.size();
      while (!waiting.isEmpty() && slots < limits.atOnce()) {
        Sequence next = waiting.peek();
        int needed = Math.max(most, next.mostTokens());
        if (bytes(slots + 1, needed) > limits.keyValueBytes()
            || beginsLikeOneOnItsWay(next, fresh)) {
          break;
        }
        most = needed;
        slots++;
        fresh.add(waiting.poll());
      }
      if (fresh.isEmpty()) {
        return;
      }
      makeRoom(slots, most);
      pool.resize(Math.max(slots, slotsToHold(slots, most)), most);
    }
    for (Sequence s : fresh) {
      KvCache cache = pool.open(running.size());
      int known = computed.longest(s.request().adapters(), s.request().promptIds());
      Sequence like = mostAlike(s);
      int shared = like == null ? 0 : like.sharedWith(s);
      if (shared > known) {
        cache.copyFrom(like.cache(), shared);
      } else {
        computed.start(s.request().adapters(), s.request().promptIds(), cache);
      }
      s.start(cache);
      running.add(s);
    }
  }

  /** The running text of which a new one can take most of what is computed; or null. */
  private Sequence mostAlike(Sequence fresh) {
    Sequence best = null;
    for (Sequence s : running) {
      int shared = s.sharedWith(fresh);
      if (shared >= ComputedPrefixes.LEAST && (best == null || shared > best.sharedWith(fresh))) {
        best = s;
      }
    }
    return best;
  }

  /**
   * Whether a prompt that is run now, or is about to be, begins like this one and will soon be
   * there to be taken over: to wait for it is less work than to run it too.
   */
  private boolean beginsLikeOneOnItsWay(Sequence next, List<Sequence> fresh) {
    if (!next.request().keepsComputed()) {
      return false;
    }
    List<Sequence> onTheirWay = new ArrayList<>(running.subList(writing, running.size()));
    onTheirWay.addAll(fresh);
    int most = 0;
    for (Sequence s : onTheirWay) {
      most = Math.max(most, s.promptSharedWith(next));
    }
    int known = computed.longest(next.request().adapters(), next.request().promptIds());
    for (Sequence s : running) {
      known = Math.max(known, s.sharedWith(next));
    }
    return most - known >= WORTH_WAITING;
  }

  /** As many as may come, where memory is not short: slots that come and go would be copied. */
  private int slotsToHold(int slots, int most) {
    int wanted = Math.min(limits.atOnce(), slots + waiting.size());
    return bytes(wanted, most) + keptBytes() <= limits.keyValueBytes() ? wanted : slots;
  }

  private void makeRoom(int slots, int most) {
    while (bytes(slots, most) + keptBytes() > limits.keyValueBytes() && computed.forgetOldest()) {
      // until the texts have room
    }
  }

  private long keptBytes() {
    return bytes(1, computed.tokens());
  }

  private long bytes(long slots, long tokens) {
    DecoderConfig.AttentionConfig a = model.config().attention();
    long width = (long) a.keyValueHeads() * a.headDim();
    return KvPool.bytes(model.config().layers(), width, slots, tokens);
  }

  /**
   * One run of the model: what is left of prompts, or one token of each text.
   *
   * @param piece at most so many tokens of the last one
   */
  private void advance(List<Sequence> some, int piece) {
    List<Sequence> through = new ArrayList<>();
    try (Scope scope = new Scope()) {
      List<int[]> pending = new ArrayList<>();
      for (int i = 0; i < some.size(); i++) {
        Sequence s = some.get(i);
        int[] own = s.pending(i < some.size() - 1 ? Integer.MAX_VALUE : piece);
        pending.add(own);
        if (own.length >= s.promptLeft()) {
          through.add(s);
        }
      }
      int[] lengths = pending.stream().mapToInt(p -> p.length).toArray();
      int[] ids = pending.stream().flatMapToInt(Arrays::stream).toArray();
      Layout layout = Layout.continuing(lengths, some.stream().map(Sequence::cache).toList());
      List<AdapterMix> mixes = some.stream().map(s -> s.request().adapters()).toList();
      Pass pass = Pass.inference(layout, Adaptation.ofRows(layout, mixes, joined));
      Variable hidden = model.hidden(pass, ids);
      if (through.isEmpty()) {
        return;
      }
      int[] last = new int[through.size()]; // all but perhaps the last one
      int end = -1;
      for (int i = 0; i < last.length; i++) {
        end += lengths[i];
        last[i] = end;
      }
      float[] logits = model.scores(pass, hidden, last).toFloats();
      int vocabulary = logits.length / last.length;
      for (int i = 0; i < last.length; i++) {
        float[] own = Arrays.copyOfRange(logits, i * vocabulary, (i + 1) * vocabulary);
        accept(through.get(i), own);
      }
    }
    through.forEach(Sequence::tell);
  }

  /** What a text asks for and cannot have ends it alone, not those beside it. */
  private static void accept(Sequence s, float[] logits) {
    try {
      s.accept(logits);
    } catch (UsageFault | InputFault e) {
      s.endWith(e);
    }
  }

  /** Takes out what has ended; the last texts move into the slots that become free. */
  private void removeEnded() {
    for (int i = running.size() - 1; i >= 0; i--) {
      Sequence s = running.get(i);
      if (s.hasEnded()) {
        if (s.request().keepsComputed()) {
          computed.keep(s.request().adapters(), s.computed(), s.cache());
        }
        int free = i;
        if (i < writing) {
          writing--;
          move(writing, i);
          free = writing;
        }
        move(running.size() - 1, free);
        running.remove(running.size() - 1);
        finish(s);
      }
    }
    makeRoom(
        Math.max(1, running.size()),
        running.stream().mapToInt(Sequence::mostTokens).max().orElse(0));
  }

  private void move(int from, int to) {
    if (from != to) {
      Sequence s = running.get(from);
      s.cache().moveTo(to);
      running.set(to, s);
    }
  }

  private void finish(Sequence s) {
    s.request().adapters().release();
    s.complete();
  }

  private void failAll(RuntimeException why) {
    List<Sequence> all = new ArrayList<>(running);
    running.clear();
    writing = 0;
    synchronized (lock) {
      all.addAll(waiting);
      waiting.clear();
    }
    for (Sequence s : all) {
      s.request().adapters().release();
      s.fail(why);
    }
  }

  /** Computes the beginning that texts share, so that each of them starts behind it. */
  void compute(AdapterMix adapters, int[] ids) {
    pool.resize(1, ids.length);
    try (Scope scope = new Scope()) {
      KvCache cache = pool.open(0);
      Layout layout = Layout.continuing(new int[] {ids.length}, List.of(cache));
      model.hidden(Pass.inference(layout, Adaptation.of(adapters)), ids);
      computed.keep(adapters, ids, cache);
    }
  }

  /** Ends everything; texts that are not done fail. */
  @Override
  public void close() {
    Thread serving;
    synchronized (lock) {
      closed = true;
      serving = thread;
      lock.notifyAll();
    }
    if (serving != null && serving != Thread.currentThread()) {
      boolean interrupted = false;
      while (serving.isAlive()) {
        try {
          serving.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    } else {
      failAll(new RunFault("the generation was closed"));
    }
    computed.close();
    joined.close();
    pool.close();
  }
}
