/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tlora.format.Json;

/** An error as clients of OpenAI's API know it. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final String INVALID = "invalid_request_error";

  private final int status;
  private final String type;
  private final String param;
  private final String code;

  /**
   * An error.
   *
   * @param status of HTTP
   * @param param the field that is wrong, or null
   * @param code what programs can tell it by, or null
   */
  public ApiException(int status, String type, String param, String code, String message) {
    super(message);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
  }

  /** Something that the client must change. */
  public static ApiException invalid(String param, String message) {
    return new ApiException(400, INVALID, param, "invalid_value", message);
  }

  /** Something that is known and cannot be done. */
  public static ApiException unsupported(String param, String message) {
    return new ApiException(400, INVALID, param, "unsupported_parameter", message);
  }

  /** There is no such thing. */
  public static ApiException notFound(String param, String code, String message) {
    return new ApiException(404, INVALID, param, code, message);
  }

  /** The server has too much to do. */
  public static ApiException busy(String message) {
    return new ApiException(429, "rate_limit_error", null, "rate_limit_exceeded", message);
  }

  /** The server cannot answer now. */
  public static ApiException unavailable(String code, String message) {
    return new ApiException(503, "server_error", null, code, message);
  }

  /** Something went wrong in the server. */
  public static ApiException failed(String message) {
    return new ApiException(500, "server_error", null, "internal_error", message);
  }

  /** The status of HTTP. */
  public int status() {
    return status;
  }

  /** The error object, {@code {"error": …}}. */
  public ObjectNode body() {
    ObjectNode all = Json.object();
    all.putObject("error")
        .put("message", getMessage())
        .put("type", type)
        .put("param", param)
        .put("code", code);
    return all;
  }
}
