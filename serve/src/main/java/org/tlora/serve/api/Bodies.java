/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Bodies of requests as JSON. */
public final class Bodies {
  private static final int MOST_DEPTH = 200;

  private static final ObjectMapper READER =
      new ObjectMapper(
          new JsonFactoryBuilder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(MOST_DEPTH)
                      .maxStringLength(Integer.MAX_VALUE)
                      .build())
              .build());

  private Bodies() {}

  /**
   * The object that a body is.
   *
   * @throws ApiException if it is none
   */
  public static ObjectNode object(byte[] body) {
    JsonNode read;
    try (JsonParser parser = READER.getFactory().createParser(body)) {
      read = READER.readTree(parser);
      if (parser.nextToken() != null) {
        throw wrong("something stands behind the object");
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw wrong(e.getOriginalMessage());
    } catch (IOException e) {
      throw wrong(e.getMessage());
    }
    if (!(read instanceof ObjectNode object)) {
      throw wrong("it is not an object");
    }
    return object;
  }

  private static ApiException wrong(String why) {
    String line = ("" + why).lines().findFirst().orElse("");
    return new ApiException(
        400, "invalid_request_error", null, "invalid_json", "the body is not JSON: " + line);
  }

  static String model(Fields fields) {
    String model = fields.text("model", null);
    if (model == null || model.isEmpty()) {
      throw ApiException.invalid("model", "'model' is missing");
    }
    return model;
  }
}
