/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.serve.api.ApiException;

/** What went wrong, as clients are told of it. */
final class Failures {
  private Failures() {}

  /** The error of the API for a failure of the model or the request. */
  static ApiException of(Throwable failure) {
    if (failure instanceof ApiException e) {
      return e;
    }
    if (failure instanceof InputFault || failure instanceof UsageFault) {
      boolean tooLong = ("" + failure.getMessage()).contains("look back on");
      return new ApiException(
          400,
          "invalid_request_error",
          null,
          tooLong ? "context_length_exceeded" : "invalid_value",
          failure.getMessage());
    }
    if (failure instanceof RunFault) {
      return ApiException.failed(failure.getMessage());
    }
    if (failure instanceof IllegalStateException
        && ("" + failure.getMessage()).contains("adapters")) { // it was unloaded meanwhile
      return ApiException.notFound("model", "model_not_found", "the model was unloaded");
    }
    if (failure instanceof IllegalStateException) {
      return ApiException.unavailable("shutting_down", "the server is ending");
    }
    return ApiException.failed("something went wrong in the server");
  }
}
