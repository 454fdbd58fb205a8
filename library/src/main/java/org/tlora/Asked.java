/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.tlora.generate.Generation;
import org.tlora.generate.Scheduler;

/** An answer that was asked for. Safe for threads. */
public final class Asked {
  private final Scheduler.Handle handle;
  private final CompletableFuture<Answer> result;
  private final int promptTokens;

  Asked(Scheduler.Handle handle, Function<Generation, Answer> answer, int promptTokens) {
    this.handle = handle;
    this.result = handle.result().thenApply(answer);
    this.promptTokens = promptTokens;
  }

  /** The answer, once it is there; a failure is the model's or the request's. */
  public CompletableFuture<Answer> result() {
    return result;
  }

  /** Tokens of the prompt. */
  public int promptTokens() {
    return promptTokens;
  }

  /**
   * Waits for the answer.
   *
   * @throws RuntimeException what went wrong
   */
  public Answer await() {
    try {
      return result.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Ends it as soon as may be; the answer is what there is by then. */
  public void cancel() {
    handle.cancel();
  }
}
