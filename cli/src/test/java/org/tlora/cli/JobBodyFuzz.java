/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.tlora.format.Json;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.api.Bodies;
import org.tlora.serve.api.JobBody;
import org.tlora.serve.api.Listing;

/** What jobs are asked for, and pages of lists: the same bytes as a body and as a query. */
public final class JobBodyFuzz {
  private static final List<ObjectNode> ALL =
      Stream.of("c", "b", "a").map(id -> Json.object().put("id", id)).toList();

  private JobBodyFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    refusedAtMost(() -> JobBody.of(Bodies.object(data)));
    refusedAtMost(() -> list(new String(data, StandardCharsets.UTF_8)));
  }

  private static void list(String query) {
    Listing listing = new Listing(query);
    ObjectNode page = listing.page(ALL, all -> listing.within("metadata").isEmpty());
    if (page.path("data").size() > Math.min(ALL.size(), listing.limit())) {
      throw new IllegalStateException("more than were asked for: " + page);
    }
    listing.number("rows", 5, 100);
  }

  private static void refusedAtMost(Runnable input) {
    try {
      input.run();
    } catch (ApiException e) {
      // one clear line
    }
  }
}
