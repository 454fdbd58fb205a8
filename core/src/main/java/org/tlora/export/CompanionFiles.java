/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.pretrained.AdditionalTemplates;
import org.tlora.pretrained.PretrainedModel;

/**
 * What belongs to a model beside weights and configuration: its tokenizer in all its forms, chat
 * templates, how it generates, the programs that its configuration names. Files of a Hugging Face
 * directory are copied as they are; for a GGUF file they are made from its metadata.
 */
final class CompanionFiles {
  private static final Pattern COPIED =
      Pattern.compile(
          "tokenizer\\.json|tokenizer_config\\.json|special_tokens_map\\.json|added_tokens\\.json"
              + "|(.+\\.)?tokenizer\\.model(\\.v\\d+)?|.+\\.(model|tiktoken|spm)"
              + "|(source|target)\\.spm|vocab\\.(json|txt|bpe|model)|merges\\.txt|bpe\\.codes"
              + "|tekken\\.json|.*vocab.*\\.(json|txt)"
              + "|chat_template\\.(jinja|json)|generation_config\\.json"
              + "|(pre)?processor_config\\.json|(video_)?preprocessor_config\\.json"
              + "|.+\\.py");

  /** Those that another tokenizer, with more tokens, has too. */
  private static final Pattern OF_TOKENIZER =
      Pattern.compile(
          "special_tokens_map\\.json|added_tokens\\.json|chat_template\\.jinja|vocab\\.txt|spm\\.model");

  private CompanionFiles() {}

  /**
   * Puts them into a directory.
   *
   * @throws RunFault if one cannot be read or written
   */
  static void copy(PretrainedModel base, Path directory) {
    if (base.gguf() != null) {
      fromMetadata(base, directory);
      return;
    }
    copyAll(base.path(), directory, COPIED);
    Path templates = OwnFiles.of(base.path(), AdditionalTemplates.FOLDER);
    if (Files.isDirectory(templates)) {
      Path target = directory.resolve(AdditionalTemplates.FOLDER);
      AtomicFiles.prepareDirectory(target);
      copyAll(templates, target, Pattern.compile(".+\\.jinja"));
    }
  }

  /** The tokenizer in memory, in the form that every program reads, with its chat template. */
  static void copyTokenizer(PretrainedModel base, Path directory) {
    Path from = base.tokenizerPath();
    boolean ofGguf = base.gguf() != null && from.equals(base.path());
    if (!ofGguf) {
      copyAll(from, directory, OF_TOKENIZER);
    }
    if (ofGguf || Files.exists(from.resolve("tokenizer.json"))) {
      AtomicFiles.writeText(
          directory.resolve("tokenizer.json"), Json.pretty(base.tokenizer().definition()));
      ObjectNode tokenizer = base.tokenizerConfig();
      if (!tokenizer.isEmpty()) {
        AtomicFiles.writeText(directory.resolve("tokenizer_config.json"), Json.pretty(tokenizer));
      }
    }
    writeTemplate(base, directory);
  }

  /** So that what is read from the directory is the template of this model and no other one. */
  private static void writeTemplate(PretrainedModel base, Path directory) {
    String template = base.chatTemplate();
    if (template == null || template.equals(AdditionalTemplates.defaultOf(directory))) {
      return;
    }
    AtomicFiles.writeText(directory.resolve("chat_template.jinja"), template);
  }

  private static void fromMetadata(PretrainedModel base, Path directory) {
    AtomicFiles.writeText(
        directory.resolve("tokenizer.json"), Json.pretty(base.tokenizer().definition()));
    ObjectNode tokenizer = base.tokenizerConfig();
    AtomicFiles.writeText(directory.resolve("tokenizer_config.json"), Json.pretty(tokenizer));
    Map<String, String> named = AdditionalTemplates.of(base);
    if (!named.isEmpty()) {
      Path folder = directory.resolve(AdditionalTemplates.FOLDER);
      AtomicFiles.prepareDirectory(folder);
      named.forEach(
          (name, source) -> AtomicFiles.writeText(OwnFiles.of(folder, name + ".jinja"), source));
    }
  }

  private static void copyAll(Path from, Path to, Pattern names) {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.sorted().toList()) {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith(".") && names.matcher(name).matches() && Files.isRegularFile(file)) {
          byte[] bytes = Files.readAllBytes(OwnFiles.of(from, name));
          AtomicFiles.write(to.resolve(name), out -> out.write(bytes));
        }
      }
    } catch (IOException e) {
      throw new RunFault(from + " cannot be copied: " + Json.reason(e), e);
    }
  }
}
