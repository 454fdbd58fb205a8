/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.tlora.format.Json;
import org.tlora.serve.api.JobBody;
import org.tlora.serve.store.JobEvent;
import org.tlora.serve.store.JobStatus;
import org.tlora.serve.store.StoredJob;

/** Jobs and what happened to them, as clients of OpenAI's API know them. */
final class JobAnswers {
  private JobAnswers() {}

  /** What a job was asked for, as it is told again. */
  static ObjectNode request(JobBody body, Map<String, List<String>> options) {
    ObjectNode request = Json.object().put("model", body.model());
    request.put("training_file", body.trainingFile()).put("validation_file", body.validationFile());
    request.put("user_provided_suffix", body.suffix().isEmpty() ? null : body.suffix());
    request.put("seed", body.seed() == null ? 0 : body.seed());
    ObjectNode usual = request.putObject("hyperparameters");
    usual.set("n_epochs", number(options, "epochs"));
    usual.set("batch_size", number(options, "batch-size"));
    usual.put("learning_rate_multiplier", "auto");
    ObjectNode method = request.putObject("method").put("type", body.type());
    ObjectNode all = method.putObject(body.type()).putObject("hyperparameters");
    body.options().keySet().forEach(name -> all.set(name.replace('-', '_'), all(options, name)));
    request.set("metadata", body.metadata());
    return request;
  }

  private static JsonNode number(Map<String, List<String>> options, String name) {
    List<String> values = options.get(name);
    return values == null ? Json.object().textNode("auto") : value(values.get(0));
  }

  private static JsonNode all(Map<String, List<String>> options, String name) {
    List<String> values = options.get(name);
    if (values.size() == 1) {
      return value(values.get(0));
    }
    ArrayNode array = Json.object().arrayNode();
    values.forEach(v -> array.add(value(v)));
    return array;
  }

  private static JsonNode value(String text) {
    ObjectNode maker = Json.object();
    if (text.equals("true") || text.equals("false")) {
      return maker.booleanNode(text.equals("true"));
    }
    try {
      double number = Double.parseDouble(text);
      return number == Math.rint(number) && Math.abs(number) < 1e15
          ? maker.numberNode((long) number)
          : maker.numberNode(number);
    } catch (NumberFormatException e) {
      return maker.textNode(text);
    }
  }

  /** A job. */
  static ObjectNode job(StoredJob job) {
    ObjectNode all = Json.object().put("id", job.id()).put("object", "fine_tuning.job");
    all.put("created_at", job.createdAt());
    all.put("finished_at", job.finishedAt() == 0 ? null : job.finishedAt());
    boolean done = job.status() == JobStatus.SUCCEEDED;
    all.put("fine_tuned_model", done ? job.model() : null);
    all.put("status", job.status().text());
    all.put("organization_id", "");
    ArrayNode results = all.putArray("result_files");
    if (job.resultFile() != null) {
      results.add(job.resultFile());
    }
    all.put("trained_tokens", job.trainedTokens() == 0 ? null : job.trainedTokens());
    all.put("estimated_finish", estimate(job));
    all.putArray("integrations");
    if (job.error() == null) {
      all.putNull("error");
    } else {
      all.putObject("error")
          .put("code", "training_failed")
          .put("message", job.error())
          .putNull("param");
    }
    all.setAll(job.request());
    return all;
  }

  /** By the steps that were taken; what a pause took counts as well. */
  private static Long estimate(StoredJob job) {
    if (job.status() != JobStatus.RUNNING || job.steps() == 0 || job.totalSteps() == 0) {
      return null;
    }
    long now = System.currentTimeMillis() / 1000;
    double each = (double) (now - job.startedAt()) / job.steps();
    return now + Math.round(each * (job.totalSteps() - job.steps()));
  }

  /** Something that happened to a job. */
  static ObjectNode event(StoredJob job, JobEvent event) {
    ObjectNode all =
        Json.object()
            .put("id", "ftevent-" + event.id())
            .put("object", "fine_tuning.job.event")
            .put("created_at", event.createdAt())
            .put("level", event.level())
            .put("message", event.message())
            .put("type", event.type());
    ObjectNode data = event.data();
    if (event.type().equals("metrics")) {
      data.put("total_steps", job.totalSteps());
    }
    all.set("data", data);
    return all;
  }

  /** What a job was after some steps. */
  static ObjectNode checkpoint(StoredJob job, long steps, long createdAt, ObjectNode metrics) {
    ObjectNode all =
        Json.object()
            .put("id", "ftckpt-" + job.id().replaceFirst("^ftjob-", "") + "-" + steps)
            .put("object", "fine_tuning.job.checkpoint")
            .put("created_at", createdAt)
            .put("fine_tuned_model_checkpoint", job.model() + Jobs.CHECKPOINT + steps)
            .put("fine_tuning_job_id", job.id())
            .put("step_number", steps);
    all.set("metrics", metrics);
    return all;
  }
}
