/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;
import org.tlora.fault.UsageFault;
import org.tlora.serve.api.AdapterBody;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.api.Bodies;
import org.tlora.serve.api.BodyLimits;
import org.tlora.serve.api.ChatBody;
import org.tlora.serve.api.CompletionBody;
import org.tlora.serve.api.VectorBody;

/** Bodies of requests to the server, each read as every kind there is. */
public final class RequestBodyFuzz {
  private static final BodyLimits LIMITS = new BodyLimits(16, 64, 4);

  private static final List<Consumer<ObjectNode>> KINDS =
      List.of(
          body -> ChatBody.read(body, LIMITS).request(List.of(), 0),
          body -> CompletionBody.read(body, LIMITS).request(List.of(), 0),
          VectorBody::read,
          AdapterBody::toLoad,
          AdapterBody::toUnload);

  private RequestBodyFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    for (Consumer<ObjectNode> kind : KINDS) {
      try {
        kind.accept(Bodies.object(data));
      } catch (ApiException | UsageFault e) {
        // one clear line
      }
    }
  }
}
