/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.fault.Fault;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.run.Listeners;
import org.tlora.run.Sample;
import org.tlora.train.Onlooker;

/**
 * {@code samples.jsonl}: what the model writes every so many steps, an object a prompt. Nothing is
 * drawn by chance for it, and nothing of the model changes.
 */
public final class RunSamples implements Onlooker {
  /** The name of the file. */
  public static final String FILE = "samples.jsonl";

  /**
   * What was written after a step.
   *
   * @param step the last one that was taken, −1 before the first
   */
  public record At(long step, Sample sample) {}

  private final TuningJob job;
  private final TuningInputs inputs;
  private final FineTuning tuning;
  private final List<? extends Encoded> prompts;
  private final Listeners listeners;
  private final Path file;

  /**
   * Goes on after so many steps: what an interrupted run wrote of later ones is dropped.
   *
   * @param prompts what the model is asked
   * @throws RunFault if the file cannot be written
   */
  RunSamples(
      TuningJob job,
      TuningInputs inputs,
      FineTuning tuning,
      List<? extends Encoded> prompts,
      Listeners listeners,
      long stepsTaken) {
    this.job = job;
    this.inputs = inputs;
    this.tuning = tuning;
    this.prompts = prompts;
    this.listeners = listeners;
    file = job.output().resolve(FILE);
    if (inputs.processes().all().isFirst()) {
      StringBuilder kept = new StringBuilder();
      read(file).stream()
          .filter(at -> at.step() < stepsTaken)
          .forEach(at -> kept.append(line(at)).append('\n'));
      AtomicFiles.writeText(file, stepsTaken == 0 ? "" : kept.toString());
    }
  }

  /**
   * What a run has written, also while it goes on; a line that is not whole is left out.
   *
   * @param file empty where it does not exist
   * @throws InputFault if it cannot be read
   */
  public static List<At> read(Path file) {
    List<At> all = new ArrayList<>();
    if (!Files.exists(file)) {
      return all;
    }
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      text.lines().filter(l -> !l.isBlank()).forEach(l -> add(all, l));
      return all;
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  private static void add(List<At> all, String line) {
    JsonNode node;
    try {
      node = Json.parse(line, FILE);
    } catch (InputFault e) {
      return; // a line that a killed process left half-written
    }
    String reference = node.has("reference") ? node.path("reference").asText() : null;
    String prompt = node.path("prompt").asText();
    Sample sample = new Sample(prompt, reference, node.path("text").asText());
    all.add(new At(node.path("step").asLong(), sample));
  }

  private static String line(At at) {
    ObjectNode line = Json.object().put("step", at.step());
    line.put("prompt", at.sample().prompt());
    if (at.sample().reference() != null) {
      line.put("reference", at.sample().reference());
    }
    return Json.compact(line.put("text", at.sample().text()));
  }

  @Override
  public boolean isDue(long steps) {
    return steps % job.during().sampleEvery() == 0;
  }

  /** Texts are no part of the result: where a model cannot write any, training goes on. */
  @Override
  public void look(long steps) {
    List<Sample> samples;
    try {
      samples = ModelSamples.of(inputs.base(), inputs.model(), tuning.adapters(), prompts);
    } catch (Fault e) {
      listeners.message("no samples after step " + steps + ": " + e.getMessage());
      return;
    }
    StringBuilder lines = new StringBuilder();
    samples.forEach(s -> lines.append(line(new At(steps - 1, s))).append('\n'));
    append(lines.toString());
    listeners.samples(steps - 1, samples);
  }

  private void append(String lines) {
    ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.APPEND, StandardOpenOption.CREATE)) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(false); // before a checkpoint that would not make them again
    } catch (IOException e) {
      throw new RunFault(file + " cannot be written: " + Json.reason(e), e);
    }
  }
}
