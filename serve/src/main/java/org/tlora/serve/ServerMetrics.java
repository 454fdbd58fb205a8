/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.DoubleSupplier;
import org.tlora.LanguageModel;

/** What is counted, for Prometheus. */
final class ServerMetrics {
  /** What the page of metrics is, as Prometheus asks for it. */
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusRegistry registry = new PrometheusRegistry();

  private final Counter requests =
      Counter.builder()
          .name("tlora_requests_total")
          .help("Requests that were answered.")
          .labelNames("endpoint", "status")
          .register(registry);
  private final Counter promptTokens =
      Counter.builder()
          .name("tlora_prompt_tokens_total")
          .help("Tokens of prompts.")
          .register(registry);
  private final Counter cachedTokens =
      Counter.builder()
          .name("tlora_cached_prompt_tokens_total")
          .help("Tokens of prompts that had been computed for an earlier request.")
          .register(registry);
  private final Counter generatedTokens =
      Counter.builder()
          .name("tlora_generated_tokens_total")
          .help("Tokens that were generated.")
          .register(registry);
  private final Counter cancelled =
      Counter.builder()
          .name("tlora_cancelled_requests_total")
          .help("Requests whose client left, read too slowly, or had no time left.")
          .register(registry);
  private final Histogram first =
      Histogram.builder()
          .name("tlora_time_to_first_token_seconds")
          .help("From a request to the first piece of its answer.")
          .classicUpperBounds(.01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30, 60)
          .register(registry);
  private final Histogram whole =
      Histogram.builder()
          .name("tlora_request_seconds")
          .help("From a request to the end of its answer.")
          .classicUpperBounds(.05, .1, .2, .5, 1, 2, 5, 10, 30, 60, 300)
          .register(registry);

  ServerMetrics(LanguageModel model, ServedModels models) {
    gauge(
        "tlora_requests_running", "Answers that are written.", () -> model.generating().running());
    gauge("tlora_requests_waiting", "Answers that wait.", () -> model.generating().waiting());
    gauge(
        "tlora_key_value_bytes",
        "Memory of keys and values, those that are kept for later requests among them.",
        () -> model.generating().keyValueBytes());
    gauge("tlora_adapters", "Adapters that are there.", models::adapters);
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  void answered(String endpoint, int status) {
    requests.labelValues(endpoint, "" + status).inc();
  }

  void ran(int prompt, int cached, int generated) {
    promptTokens.inc(prompt);
    cachedTokens.inc(cached);
    generatedTokens.inc(generated);
  }

  void cancelled() {
    cancelled.inc();
  }

  void firstAfter(double seconds) {
    first.observe(seconds);
  }

  void endedAfter(double seconds) {
    whole.observe(seconds);
  }

  /** All of it as text. */
  byte[] page() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(out, registry.scrape());
    return out.toByteArray();
  }
}
