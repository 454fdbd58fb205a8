/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;

/** What faults of the library become. */
class FailuresTest {
  @Test
  void whatTheProgramCanMendIsAnInvalidRequest() {
    InputFault input = new InputFault("too long");
    RuntimeException e = Failures.of(new ExecutionException(new CompletionException(input)));
    assertInstanceOf(InvalidRequestException.class, e);
    assertEquals("too long", e.getMessage());
    assertSame(input, e.getCause());
    RuntimeException named =
        Failures.of(new UsageFault("`maxNewTokens` and `stop`, `topP` and `tools`"));
    assertEquals(
        "`maxOutputTokens` and `stopSequences`, `topP` and `toolSpecifications`",
        named.getMessage());
  }

  @Test
  void whatTheModelCannotDoAnythingAboutIsAServersError() {
    assertInstanceOf(InternalServerException.class, Failures.of(new RunFault("not finite")));
    assertInstanceOf(InternalServerException.class, Failures.of(new OutOfMemoryError("full")));
  }

  @Test
  void mistakesOfTheProgramStayWhatTheyAre() {
    IllegalStateException closed = new IllegalStateException("closed");
    assertSame(closed, Failures.of(new CompletionException(closed)));
  }
}
