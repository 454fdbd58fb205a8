/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlora.format.Json;

class JobBodyTest {
  private static JobBody job(String more) {
    String body = "{\"model\": \"m\", \"training_file\": \"file-1\", " + more + "}";
    return JobBody.of(Json.parseObject(body, "body"));
  }

  @Test
  void anOwnLearningRateMayBeFound() {
    JobBody job =
        job(
            "\"method\": {\"type\": \"lora\", \"lora\": {\"learning_rate\": \"auto\", \"rank\": 4}}");
    assertEquals(List.of("auto"), job.options().get("learning-rate"));
    assertEquals(List.of("4"), job.options().get("rank"));
  }

  @Test
  void whatOpenAiCallsAutoIsAsWhereNobodySays() {
    JobBody job =
        job(
            "\"hyperparameters\": {\"learning_rate_multiplier\": \"auto\","
                + " \"n_epochs\": \"auto\", \"batch_size\": \"auto\"}");
    assertEquals(null, job.options().get("learning-rate"));
    assertEquals(null, job.options().get("epochs"));
    JobBody twice = job("\"hyperparameters\": {\"learning_rate_multiplier\": 2}");
    assertEquals(List.of("4.0E-4"), twice.options().get("learning-rate"));
  }
}
