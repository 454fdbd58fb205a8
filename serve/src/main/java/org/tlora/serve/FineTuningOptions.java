/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.LanguageModel;
import org.tlora.fault.Problems;

/**
 * How a server fine-tunes: each job is a process of {@code tlora train}, so that it neither takes
 * what is served with it when it fails, nor waits for it.
 *
 * @param directory where files, jobs and what they make are kept
 * @param command what starts {@code tlora}, such as the path of its launcher
 * @param always options of {@code train} that no job decides, by their names: where the model is,
 *     threads, device
 * @param usual options where a job does not say
 * @param mostFileBytes of a file that a client sends
 */
public record FineTuningOptions(
    Path directory,
    List<String> command,
    Map<String, String> always,
    Map<String, String> usual,
    long mostFileBytes) {
  /** What OpenAI takes, too. */
  public static final long USUAL_FILE_BYTES = 512L << 20;

  /**
   * Keeps copies.
   *
   * @throws org.tlora.fault.UsageFault with everything that is wrong
   */
  public FineTuningOptions {
    Problems problems = new Problems();
    problems.require(!command.isEmpty(), "`command` must not be empty");
    problems.require(always.containsKey("model"), "`always` must say the model");
    problems.require(mostFileBytes >= 1, "`mostFileBytes` must be at least 1");
    problems.end();
    command = List.copyOf(command);
    always = Map.copyOf(always);
    usual = Map.copyOf(usual);
  }

  /** What the model is asked with is what it should learn from. */
  static String template(LanguageModel model) {
    return model.hasChatTemplate() ? "chat" : "alpaca";
  }

  /** {@link #usual} as lists, with the template that fits the model. */
  Map<String, List<String>> usualFor(LanguageModel model) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    all.put("template", List.of(template(model)));
    usual.forEach((name, value) -> all.put(name, List.of(value)));
    return all;
  }

  /** {@link #always} as lists. */
  Map<String, List<String>> alwaysAsLists() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    always.forEach((name, value) -> all.put(name, List.of(value)));
    return all;
  }
}
