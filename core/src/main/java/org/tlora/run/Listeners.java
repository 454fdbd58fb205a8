/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Brings events to listeners, each on a thread of its own. A run does not wait for them: a listener
 * that is slow misses steps and samples, which later ones make up for, and nothing else. One that
 * throws is told no more, and the others are told why.
 *
 * <p>Closing waits until all that was told has arrived, at most ten seconds for each listener.
 */
public final class Listeners implements RunListener, AutoCloseable {
  /**
   * So many events may wait for a listener before those that later ones make up for are left out.
   */
  private static final int MOST_WAITING = 1024;

  private static final long PATIENCE_SECONDS = 10;

  private final List<Mailbox> mailboxes = new CopyOnWriteArrayList<>();

  private Listeners(List<? extends RunListener> listeners) {
    listeners.forEach(this::add);
  }

  /** One more, which is told of what comes from now on. */
  public void add(RunListener listener) {
    mailboxes.add(new Mailbox(listener, this::failed));
  }

  /** For these. */
  public static Listeners of(List<? extends RunListener> listeners) {
    return new Listeners(listeners);
  }

  /** For one. */
  public static Listeners of(RunListener listener) {
    return new Listeners(List.of(listener));
  }

  /** For nobody. */
  public static Listeners none() {
    return new Listeners(List.of());
  }

  private void tell(Consumer<RunListener> event) {
    mailboxes.forEach(m -> m.put(event, false));
  }

  private void tellUnlessBehind(Consumer<RunListener> event) {
    mailboxes.forEach(m -> m.put(event, true));
  }

  private void failed(RunListener listener, RuntimeException e) {
    String what = "a listener (" + listener.getClass().getName() + ") failed and is told no more: ";
    for (Mailbox m : mailboxes) {
      if (m.listener != listener) {
        m.put(l -> l.message(what + e), false);
      }
    }
  }

  @Override
  public void started(RunStart start) {
    tell(l -> l.started(start));
  }

  @Override
  public void message(String text) {
    tell(l -> l.message(text));
  }

  @Override
  public void download(String file, long bytes, long total) {
    tellUnlessBehind(l -> l.download(file, bytes, total));
  }

  @Override
  public void upload(String file, long bytes, long total) {
    tellUnlessBehind(l -> l.upload(file, bytes, total));
  }

  @Override
  public void calibration(int done, int total) {
    tellUnlessBehind(l -> l.calibration(done, total));
  }

  @Override
  public void scoring(String task, int done, int total) {
    tellUnlessBehind(l -> l.scoring(task, done, total));
  }

  @Override
  public void step(StepReport report) {
    tellUnlessBehind(l -> l.step(report));
  }

  @Override
  public void skipped(long step, String reason, String rows) {
    tell(l -> l.skipped(step, reason, rows));
  }

  @Override
  public void evaluation(long step, Map<String, Double> scalars) {
    tell(l -> l.evaluation(step, scalars));
  }

  @Override
  public void best(long steps, String metric, double value) {
    tell(l -> l.best(steps, metric, value));
  }

  @Override
  public void samples(long step, List<Sample> samples) {
    tell(l -> l.samples(step, samples));
  }

  @Override
  public void checkpoint(long steps, Path directory) {
    tell(l -> l.checkpoint(steps, directory));
  }

  @Override
  public void ended(RunEnd end) {
    tell(l -> l.ended(end));
  }

  @Override
  public void written(Path file) {
    tell(l -> l.written(file));
  }

  /** Waits until everything so far has arrived, or nobody can wait longer. */
  public void flush() {
    mailboxes.forEach(Mailbox::flush);
  }

  @Override
  public void close() {
    mailboxes.forEach(Mailbox::close);
  }

  /** Events that wait for one listener, and the thread that brings them. */
  private static final class Mailbox {
    /** Is told of a listener that throws. */
    interface Failed {
      void accept(RunListener listener, RuntimeException e);
    }

    private final RunListener listener;
    private final Failed onFailure;
    private final ArrayDeque<Consumer<RunListener>> waiting = new ArrayDeque<>();
    private final Thread thread;
    private boolean busy;
    private boolean closed;
    private boolean dead;

    Mailbox(RunListener listener, Failed onFailure) {
      this.listener = listener;
      this.onFailure = onFailure;
      thread = new Thread(this::bring, "run-listener");
      thread.setDaemon(true);
      thread.start();
    }

    synchronized void put(Consumer<RunListener> event, boolean optional) {
      if (dead || closed || (optional && waiting.size() >= MOST_WAITING)) {
        return;
      }
      waiting.add(event);
      notifyAll();
    }

    private void bring() {
      for (Consumer<RunListener> event = next(); event != null; event = next()) {
        try {
          event.accept(listener);
        } catch (RuntimeException e) {
          onFailure.accept(listener, e); // first: whoever waits for this one waits for that too
          die();
          return;
        }
      }
    }

    private synchronized Consumer<RunListener> next() {
      busy = false;
      notifyAll();
      while (waiting.isEmpty()) {
        if (closed) {
          return null;
        }
        try {
          wait();
        } catch (InterruptedException e) {
          dead = true;
          return null;
        }
      }
      busy = true;
      return waiting.poll();
    }

    private synchronized void die() {
      dead = true;
      waiting.clear();
      busy = false;
      notifyAll();
    }

    synchronized void flush() {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      try {
        while (!dead && (busy || !waiting.isEmpty()) && end - System.nanoTime() > 0) {
          TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void close() {
      if (Thread.currentThread() == thread) {
        return; // a listener that closes what tells it
      }
      flush();
      synchronized (this) {
        closed = true;
        notifyAll();
      }
    }
  }
}
