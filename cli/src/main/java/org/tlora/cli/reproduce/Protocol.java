/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.reproduce;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;

/**
 * An experiment of the paper.
 *
 * @param title what it is about
 * @param paper the paper's numbers; where a file says nothing, its main table
 * @param differs where this program does not do what the published scripts do
 * @param full as published
 * @param small for a few cores
 */
public record Protocol(String title, Paper paper, List<String> differs, Scale full, Scale small) {
  private static final List<String> NAMES = List.of("math", "code", "chat", "commonsense", "nlu");

  /** Where nothing is said, there is nothing. */
  public Protocol {
    differs = Objects.requireNonNullElse(differs, List.of());
    paper = paper == null ? read("paper", Paper.class) : paper;
  }

  /**
   * Numbers of a table.
   *
   * @param source where they stand
   * @param columns tasks, in the table's order
   * @param rows by method: trainable parameters as they are written, then a number a task
   */
  public record Paper(String source, List<String> columns, Map<String, List<String>> rows) {
    /** Where nothing is said, there is nothing. */
    public Paper {
      columns = Objects.requireNonNullElse(columns, List.of());
      rows = Objects.requireNonNullElse(rows, Map.of());
    }

    /** What the paper has for a method and task; a dash where it has nothing. */
    String value(String method, String task) {
      List<String> row = rows.get(method);
      // EvalPlus's scores also where a small scale has the plain task
      int column = Math.max(columns.indexOf(task), columns.indexOf(task + "+"));
      return row == null || column < 0 ? "–" : row.get(column + 1);
    }

    String trainable(String method) {
      List<String> row = rows.get(method);
      return row == null ? "–" : row.get(0);
    }
  }

  /**
   * How it is done.
   *
   * @param recipe hyper-parameters, as {@code tlora recipes} shows them
   * @param calibration rows to calibrate on; null: the recipe's own, of the rows to train on
   * @param legs trainings, each with what it is scored on
   */
  public record Scale(String recipe, Calibration calibration, List<Leg> legs) {}

  /**
   * Rows to calibrate on: the first of all of the file, shuffled as Hugging Face's datasets do.
   *
   * @param rows how many
   * @param seed of the shuffle
   */
  public record Calibration(int rows, int seed) {}

  /**
   * A training.
   *
   * @param name of its directory; null where there is only one
   * @param data the rows to train on
   * @param tasks to score on
   * @param options further options of training
   */
  public record Leg(String name, Rows data, List<Scored> tasks, Map<String, String> options) {
    /** Where nothing is said, there is nothing. */
    public Leg {
      options = Objects.requireNonNullElse(options, Map.of());
    }
  }

  /**
   * Rows of a file.
   *
   * @param file its name
   * @param from where it comes from
   * @param first so many of them; 0: all
   * @param number a field with a number by which rows are chosen, or null
   * @param least of that number
   * @param most of that number
   * @param columns names of the columns of a file without them
   * @param prompt what comes before a row's response, with {@code {field}}s; null: the template's
   * @param promptWithInput the same where the field {@code input} is not empty
   * @param response the field of the response, where there is a prompt
   */
  public record Rows(
      String file,
      String from,
      int first,
      String number,
      long least,
      long most,
      List<String> columns,
      String prompt,
      @JsonProperty("prompt-with-input") String promptWithInput,
      String response) {}

  /**
   * A task and the file of its rows.
   *
   * @param limit only so many of them; 0: all
   */
  public record Scored(String task, String file, String from, int limit) {}

  /** The names of all. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * The protocol of that name.
   *
   * @throws UsageFault if there is none; the message lists those that are
   */
  public static Protocol named(String name) {
    if (!NAMES.contains(name)) {
      throw new UsageFault(
          "the protocol "
              + name
              + " is not known; known are "
              + String.join(", ", NAMES)
              + Nearest.question(name, NAMES));
    }
    return read(name, Protocol.class);
  }

  private static <T> T read(String name, Class<T> type) {
    String file = "/org/tlora/cli/protocols/" + name + ".yaml";
    try (InputStream in = Protocol.class.getResourceAsStream(file)) {
      return YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build()
          .readValue(in, type);
    } catch (IOException e) {
      throw new IllegalStateException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * As published, or for a few cores.
   *
   * @throws UsageFault if it is neither
   */
  public Scale scale(String name) {
    return switch (name) {
      case "full" -> full;
      case "small" -> small;
      default -> throw new UsageFault("--scale must be full or small, not " + name);
    };
  }
}
