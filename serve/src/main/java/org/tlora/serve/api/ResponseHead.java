/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;
import org.tlora.format.Json;

/**
 * What all pieces of an answer have in common.
 *
 * @param id of the answer
 * @param created seconds since 1970
 * @param model as it was asked for
 */
public record ResponseHead(String id, long created, String model) {
  /**
   * One with an id of its own.
   *
   * @param prefix of the id
   */
  public static ResponseHead of(String prefix, String model) {
    String id = prefix + UUID.randomUUID().toString().replace("-", "");
    return new ResponseHead(id, System.currentTimeMillis() / 1000, model);
  }

  ObjectNode json(String kind) {
    return Json.object()
        .put("id", id)
        .put("object", kind)
        .put("created", created)
        .put("model", model);
  }

  /** The id of a call within this answer. */
  String callId(int answer, int call) {
    return "call_" + id.substring(Math.max(0, id.length() - 20)) + answer + "_" + call;
  }
}
