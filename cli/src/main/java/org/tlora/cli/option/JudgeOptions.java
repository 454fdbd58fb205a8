/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.nio.file.Path;
import java.time.Duration;
import org.tlora.evaluate.judge.ChatEndpoint;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Option;

/** Who judges MT-Bench's answers. The key comes from the environment and is written nowhere. */
public final class JudgeOptions {
  /** The variable of the environment that has it. */
  static final String KEY = "TLORA_JUDGE_KEY";

  @Option(
      names = "--judge-url",
      paramLabel = "URL",
      description =
          "mt-bench: an OpenAI-compatible address, such as https://api.openai.com/v1; its key is"
              + " taken from TLORA_JUDGE_KEY.")
  private String url;

  @Option(names = "--judge-model", paramLabel = "NAME", description = "The judge's model.")
  private String model;

  @Option(
      names = "--judge-prompts",
      paramLabel = "FILE",
      description = "The published judge_prompts.jsonl.")
  private Path prompts;

  @Option(
      names = "--judge-references",
      paramLabel = "FILE",
      description = "The published reference answers.")
  private Path references;

  @Option(
      names = "--judge-concurrency",
      paramLabel = "N",
      defaultValue = "4",
      description = "Requests at a time (default: ${DEFAULT-VALUE}).")
  private int concurrency;

  @Option(
      names = "--judge-prices",
      paramLabel = "IN,OUT",
      split = ",",
      arity = "1",
      description = "What a million tokens of question and answer cost, to show what was spent.")
  private double[] prices = {0, 0};

  @Option(
      names = "--judge-patience",
      paramLabel = "MS",
      defaultValue = "1000",
      hidden = true,
      description = "Milliseconds before a request is repeated for the first time.")
  private long patience;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description =
          "mt-bench: compare with the answers in this file of samples, instead of rating.")
  private Path against;

  /** Whether nothing was said of a judge. */
  public boolean isNone() {
    return url == null && model == null && prompts == null && references == null && against == null;
  }

  public void check() {
    if (url == null || model == null || prompts == null || references == null) {
      throw new UsageFault(
          "--task mt-bench needs --judge-url, --judge-model, --judge-prompts and"
              + " --judge-references");
    }
    if (concurrency < 1 || prices.length != 2 || !isPrice(prices[0]) || !isPrice(prices[1])) {
      throw new UsageFault(
          "--judge-concurrency must be at least 1 and --judge-prices two numbers from 0 on:"
              + " IN,OUT");
    }
  }

  private static boolean isPrice(double price) {
    return price >= 0 && price <= Float.MAX_VALUE;
  }

  public ChatEndpoint endpoint() {
    return new ChatEndpoint(url, model, System.getenv(KEY), Duration.ofMillis(patience));
  }

  public String model() {
    return model;
  }

  public Path prompts() {
    return prompts;
  }

  public Path references() {
    return references;
  }

  public int concurrency() {
    return concurrency;
  }

  public Path against() {
    return against;
  }

  /** What tokens cost, in the unit of the prices. */
  public double cost(long promptTokens, long completionTokens) {
    return (promptTokens * prices[0] + completionTokens * prices[1]) / 1e6;
  }

  public boolean hasPrices() {
    return prices[0] > 0 || prices[1] > 0;
  }
}
