/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.tlora.fault.RunFault;

/**
 * Knows who of a group is still there. Every process tells the first one, some times a second, how
 * far it has come; the first one tells all when somebody is lost, and who. A transfer that hangs or
 * breaks says neither.
 *
 * <p>Its threads are daemons. What it learns it keeps: whoever waits asks for {@link #verdict}.
 */
abstract class Watch implements AutoCloseable {
  static final String HELLO = "tlora-group-1";
  static final String BEAT = "beat ";
  static final String FAILED = "failed ";
  static final String END = "end ";
  static final String BYE = "bye";
  static final String GO = "go ";
  static final String REFUSED = "refused ";

  /** What is said of a process whose connection has ended. */
  static final String KILLED =
      "is gone: its process has ended without a word, as if it had been killed";

  /** So long after a verdict words may still be on their way. */
  private static final long LAST_WORDS_MILLIS = 200;

  final World world;
  final GroupOptions options;
  private final AtomicReference<Pulse> own = new AtomicReference<>(Pulse.START);
  private final AtomicReference<Verdict> verdict = new AtomicReference<>();
  private volatile Consumer<RunFault> onVerdict = v -> {};
  private volatile boolean leaving;

  Watch(World world, GroupOptions options) {
    this.world = world;
    this.options = options;
  }

  /** What the first process tells the others of where they meet. */
  abstract String meeting();

  /** This machine's address on the way to the others. */
  abstract InetAddress address();

  /** Tells the others that this process fails. */
  abstract void tellFailure(String reason);

  /** Tells the others that this process needs them no more. */
  abstract void tellBye();

  /** A thread of the watch's own. */
  static void start(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Milliseconds between two signs of life. */
  long interval() {
    return Math.min(500, options.timeout().toMillis() / 5);
  }

  void sleep() {
    try {
      Thread.sleep(interval());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What this process reports of itself. */
  Pulse pulse() {
    return own.get();
  }

  /** This process begins to wait for the others. */
  void waits() {
    own.updateAndGet(Pulse::waits);
  }

  /** It waits no more. */
  void goesOn() {
    own.updateAndGet(Pulse::goesOn);
  }

  /** It has got something done. */
  void works() {
    own.updateAndGet(Pulse::works);
  }

  /** Why the group cannot go on, or null. */
  Verdict verdict() {
    return verdict.get();
  }

  /** Is told once when the group cannot go on, by a thread of the watch's. */
  void onVerdict(Consumer<RunFault> told) {
    onVerdict = told;
    Verdict known = verdict.get();
    if (known != null) {
      told.accept(known.fault(world.rank()));
    }
  }

  /** The first verdict stays; true for whoever gave it. */
  boolean decide(Verdict v) {
    boolean first = !leaving && verdict.compareAndSet(null, v);
    if (first) {
      onVerdict.accept(v.fault(world.rank()));
    }
    return first;
  }

  /** This process fails: the others are told why, unless the group has failed already. */
  void fail(String reason) {
    Verdict mine = new Verdict(world.rank(), "has failed: " + reason);
    if (!leaving && verdict.compareAndSet(null, mine)) {
      tellFailure(reason);
    }
    try {
      Thread.sleep(LAST_WORDS_MILLIS); // a connection that closes at once may take them along
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean isLeaving() {
    return leaving;
  }

  /** Leaves well where the group has not failed. */
  @Override
  public void close() {
    if (verdict.get() == null) {
      leaving = true;
      tellBye();
    }
  }
}
