/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * How llama.cpp stores a family: metadata under the architecture's name, tensors under short names,
 * and what of it is otherwise than Hugging Face stores it. Immutable; safe for threads.
 */
public final class GgufLayout {
  private enum Way {
    INTERLEAVED_ROTARY,
    NORMS_PLUS_ONE,
    WRITES_SCALES,
    PARTIAL_HEADS
  }

  private final String architecture;
  private final String hubArchitecture;
  private final String modelType;
  private final Set<Way> ways; // never changed
  private final Fields fields;

  private GgufLayout(
      String architecture, String hubArchitecture, String modelType, Set<Way> ways, Fields fields) {
    this.architecture = architecture;
    this.hubArchitecture = hubArchitecture;
    this.modelType = modelType;
    this.ways = ways;
    this.fields = fields;
  }

  /**
   * A GGUF file's metadata under the architecture's name; a key that is asked for is understood.
   */
  public interface Metadata {
    /**
     * A positive number that must be there.
     *
     * @param key without the architecture's name, such as {@code block_count}
     * @throws org.tlora.fault.InputFault if it is missing
     */
    long integer(String key);

    /**
     * A whole number.
     *
     * @param key without the architecture's name
     * @param fallback where it is missing
     */
    long integer(String key, long fallback);

    /**
     * A number, in the shortest decimal form of the float32 that files hold.
     *
     * @param key without the architecture's name
     * @param fallback where it is missing
     */
    double decimal(String key, double fallback);
  }

  /** A family's own fields of config.json. */
  public interface Fields {
    /**
     * Adds them.
     *
     * @param config the fields that all families have, which it may also change or take off; values
     *     are texts, numbers, truth values, and lists and maps of these
     * @param metadata where they are read from
     */
    void add(Map<String, Object> config, Metadata metadata);
  }

  /**
   * The layout of a family whose tensors lie as transformers' do.
   *
   * @param architecture {@code general.architecture}
   * @param hubArchitecture the class name for config.json
   * @param modelType its {@code model_type}
   */
  public static GgufLayout of(String architecture, String hubArchitecture, String modelType) {
    return new GgufLayout(
        architecture,
        hubArchitecture,
        modelType,
        EnumSet.noneOf(Way.class),
        (config, metadata) -> {});
  }

  /** With rows of queries and keys in llama.cpp's order, where neighbours rotate together. */
  public GgufLayout interleaved() {
    return with(Way.INTERLEAVED_ROTARY);
  }

  /** With norms that have one added to their weights. */
  public GgufLayout normsWithOneAdded() {
    return with(Way.NORMS_PLUS_ONE);
  }

  /** With factors of its own in the metadata, which are written too. */
  public GgufLayout scales() {
    return with(Way.WRITES_SCALES);
  }

  /** With heads of which a part rotates. */
  public GgufLayout partialHeads() {
    return with(Way.PARTIAL_HEADS);
  }

  /** With fields of its own in config.json. */
  public GgufLayout with(Fields more) {
    return new GgufLayout(architecture, hubArchitecture, modelType, ways, more);
  }

  private GgufLayout with(Way way) {
    Set<Way> more = EnumSet.copyOf(ways);
    more.add(way);
    return new GgufLayout(architecture, hubArchitecture, modelType, more, fields);
  }

  /** {@code general.architecture} of its files. */
  public String architecture() {
    return architecture;
  }

  /** The class name that config.json has for it. */
  public String hubArchitecture() {
    return hubArchitecture;
  }

  /** The {@code model_type} that config.json has for it. */
  public String modelType() {
    return modelType;
  }

  /** Whether rows of queries and keys are reordered so that neighbours rotate together. */
  public boolean interleavedRotary() {
    return ways.contains(Way.INTERLEAVED_ROTARY);
  }

  /** Whether norms are stored with one added. */
  public boolean normsPlusOne() {
    return ways.contains(Way.NORMS_PLUS_ONE);
  }

  /** Whether the factors in the stream are stored. */
  public boolean writesScales() {
    return ways.contains(Way.WRITES_SCALES);
  }

  /** Whether only a part of a head may rotate. */
  public boolean turnsPartOfHeads() {
    return ways.contains(Way.PARTIAL_HEADS);
  }

  /** Adds the family's own fields to those that all families have. */
  public void addFields(Map<String, Object> config, Metadata metadata) {
    fields.add(config, metadata);
  }
}
