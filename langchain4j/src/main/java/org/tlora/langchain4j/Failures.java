/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.tlora.fault.InputFault;
import org.tlora.fault.Property;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;

/** What went wrong, as programs with LangChain4j expect it. */
final class Failures {
  private Failures() {}

  /** The exception for a failure of the model or the request; others stay as they are. */
  static RuntimeException of(Throwable failure) {
    Throwable why = failure;
    while ((why instanceof CompletionException || why instanceof ExecutionException)
        && why.getCause() != null) {
      why = why.getCause();
    }
    if (why instanceof UsageFault || why instanceof InputFault) {
      return new InvalidRequestException(Property.renamed(why.getMessage(), Failures::named), why);
    }
    if (why instanceof RuntimeException other && !(why instanceof RunFault)) {
      return other;
    }
    return new InternalServerException(why.getMessage(), why);
  }

  /** What LangChain4j calls a property; null where that is the same. */
  private static String named(String property) {
    return switch (property) {
      case "max-new-tokens" -> "`maxOutputTokens`";
      case "stop" -> "`stopSequences`";
      case "tools" -> "`toolSpecifications`";
      default -> null;
    };
  }
}
