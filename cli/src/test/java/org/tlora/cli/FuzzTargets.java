/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.tlora.cli.option.RunYamlFuzz;
import org.tlora.evaluate.TaskFileFuzz;
import org.tlora.fuzz.BitsAndBytesFuzz;
import org.tlora.fuzz.CallsFuzz;
import org.tlora.fuzz.ChatTemplateFuzz;
import org.tlora.fuzz.GgufFuzz;
import org.tlora.fuzz.GgufModelFuzz;
import org.tlora.fuzz.ManifestFuzz;
import org.tlora.fuzz.ModelConfigFuzz;
import org.tlora.fuzz.ParquetFuzz;
import org.tlora.fuzz.RowsFuzz;
import org.tlora.fuzz.SafetensorsFuzz;
import org.tlora.fuzz.SchemaFuzz;
import org.tlora.fuzz.ShardIndexFuzz;
import org.tlora.fuzz.TokenizerFuzz;
import org.tlora.fuzz.TokenizerPartsFuzz;
import org.tlora.peft.disk.AdapterConfigFuzz;

/** Every parser of files from elsewhere, and the corpus of inputs that it is tried on. */
final class FuzzTargets {
  /**
   * A parser.
   *
   * @param type its class, which Jazzer runs by its name
   * @param input its entry
   */
  record Target(Class<?> type, Consumer<byte[]> input) {
    String name() {
      return type.getSimpleName();
    }

    /** Inputs that it must live through: valid ones, hostile ones, and what fuzzing has found. */
    List<Path> corpus() throws IOException {
      try (Stream<Path> files = Files.list(corpusDirectory())) {
        return files.sorted().toList();
      }
    }

    Path corpusDirectory() {
      return Path.of(
          System.getProperty("tlora.root", ".."), "core/src/test/resources/fuzz", name());
    }

    @Override
    public String toString() {
      return name();
    }
  }

  private FuzzTargets() {}

  static List<Target> all() {
    return List.of(
        new Target(SafetensorsFuzz.class, SafetensorsFuzz::fuzzerTestOneInput),
        new Target(ShardIndexFuzz.class, ShardIndexFuzz::fuzzerTestOneInput),
        new Target(GgufFuzz.class, GgufFuzz::fuzzerTestOneInput),
        new Target(GgufModelFuzz.class, GgufModelFuzz::fuzzerTestOneInput),
        new Target(BitsAndBytesFuzz.class, BitsAndBytesFuzz::fuzzerTestOneInput),
        new Target(ModelConfigFuzz.class, ModelConfigFuzz::fuzzerTestOneInput),
        new Target(TokenizerFuzz.class, TokenizerFuzz::fuzzerTestOneInput),
        new Target(TokenizerPartsFuzz.class, TokenizerPartsFuzz::fuzzerTestOneInput),
        new Target(ChatTemplateFuzz.class, ChatTemplateFuzz::fuzzerTestOneInput),
        new Target(AdapterConfigFuzz.class, AdapterConfigFuzz::fuzzerTestOneInput),
        new Target(RowsFuzz.class, RowsFuzz::fuzzerTestOneInput),
        new Target(ParquetFuzz.class, ParquetFuzz::fuzzerTestOneInput),
        new Target(TaskFileFuzz.class, TaskFileFuzz::fuzzerTestOneInput),
        new Target(RunYamlFuzz.class, RunYamlFuzz::fuzzerTestOneInput),
        new Target(ManifestFuzz.class, ManifestFuzz::fuzzerTestOneInput),
        new Target(SchemaFuzz.class, SchemaFuzz::fuzzerTestOneInput),
        new Target(CallsFuzz.class, CallsFuzz::fuzzerTestOneInput),
        new Target(RequestBodyFuzz.class, RequestBodyFuzz::fuzzerTestOneInput),
        new Target(JobBodyFuzz.class, JobBodyFuzz::fuzzerTestOneInput));
  }
}
