/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.time.Duration;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Work;

/** Something that goes on between processes, on threads of libtorch's own. */
public final class Transfer implements AutoCloseable {
  private final Work work;
  private final Pointer[] held; // what libtorch looks at until it is done

  Transfer(Work work, Pointer... held) {
    this.work = work;
    this.held = held;
  }

  /**
   * Waits for its end, however long that takes: what one process sends to another must be waited
   * for so, since Gloo closes the connection where such a wait runs out of time.
   *
   * @throws Lost if it has failed
   */
  public void await() {
    try (Milliseconds most = new Milliseconds(ProcessGroup.TRANSFER.toMillis())) {
      if (!work._wait(most)) {
        throw new Lost("given up", null);
      }
    } catch (Lost e) {
      throw e;
    } catch (RuntimeException e) {
      throw new Lost(ProcessGroup.firstLine(e), e);
    }
  }

  /**
   * Waits for the end of a transfer of all processes.
   *
   * @return false where it has not ended within that time
   * @throws Lost if it has failed
   */
  public boolean await(Duration time) {
    boolean before = work.isCompleted();
    try (Milliseconds most = new Milliseconds(time.toMillis())) {
      return work._wait(most);
    } catch (RuntimeException e) {
      // libtorch throws both where it has failed and where the time is over; one that ended since
      // is looked at again
      if (before) {
        throw new Lost(ProcessGroup.firstLine(e), e);
      }
      return false;
    }
  }

  /** Whether it has ended, well or not. */
  public boolean isDone() {
    return work.isCompleted();
  }

  /** A transfer that failed: the other process is gone, or the way to it. */
  public static final class Lost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Lost(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Frees what belongs to it; it must be over. */
  @Override
  public void close() {
    work.deallocate();
    for (Pointer p : held) {
      p.deallocate();
    }
  }
}
