/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * A job of fine-tuning as the database has it. Times are seconds since 1970, 0 where they are not
 * there yet.
 *
 * @param request what the API tells of what was asked for
 * @param options what it trains with, by the command line's names
 * @param model the name of what it makes
 * @param error why it failed, or null
 * @param steps that were taken
 * @param totalSteps that there will be, 0 where that is not known
 * @param resultFile the id of the file with its measurements, or null
 */
public record StoredJob(
    String id,
    long createdAt,
    long startedAt,
    long finishedAt,
    JobStatus status,
    ObjectNode request,
    Map<String, List<String>> options,
    String model,
    String error,
    long trainedTokens,
    long steps,
    long totalSteps,
    String resultFile,
    OwnProcess process) {
  /**
   * The process that trains it, or did.
   *
   * @param started milliseconds since 1970, by which another process of the same number is told
   */
  public record OwnProcess(long pid, long started) {}
}
