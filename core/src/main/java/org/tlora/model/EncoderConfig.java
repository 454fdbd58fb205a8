/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

/**
 * Sizes and differences of an encoder with a head.
 *
 * @param maxPositions tokens that the model was made for
 * @param positions how tokens know their place
 * @param tokenTypes kinds of segments with a vector of their own; 0: none
 * @param padToken its vector does not train; −1: there is none
 * @param initialDeviation of the weights of a new head
 */
public record EncoderConfig(
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int maxPositions,
    Positions positions,
    int tokenTypes,
    int padToken,
    double normEpsilon,
    Activation activation,
    double initialDeviation,
    Names names,
    HeadConfig head) {
  /** How tokens know their place. */
  public sealed interface Positions {}

  /**
   * A vector for each place.
   *
   * @param first the row of the table that belongs to the first token
   */
  public record Absolute(int first) implements Positions {}

  /**
   * Distances between tokens, in attention: disentangled attention (He et al., arXiv 2006.03654 and
   * 2111.09543).
   *
   * @param span vectors for distances of each sign
   * @param buckets distances beyond half of it share vectors; 0: each has its own
   * @param largest the distance from which on all are alike
   * @param contentToPosition whether a query's content meets the key's place
   * @param positionToContent whether a query's place meets the key's content
   * @param normed whether the vectors are normalised
   */
  public record Relative(
      int span,
      int buckets,
      int largest,
      boolean contentToPosition,
      boolean positionToContent,
      boolean normed)
      implements Positions {}

  /**
   * The modules' names.
   *
   * @param prefix of all but the head, with a dot at the end
   * @param layers path of the list of layers
   * @param query path in a layer, like those that follow
   */
  public record Names(
      String prefix,
      String layers,
      String query,
      String key,
      String value,
      String attentionOutput,
      String attentionNorm,
      String intermediate,
      String output,
      String outputNorm) {}

  /**
   * The head: two linear layers with a nonlinearity between them, on the first token.
   *
   * @param dense path of the first
   * @param output path of the second
   * @param modules what PEFT's {@code modules_to_save} calls them
   */
  public record HeadConfig(
      String dense, Activation activation, String output, java.util.List<String> modules) {}

  /** The most tokens of a row; distances beyond what a model knows are alike to it. */
  public int mostTokens() {
    return positions instanceof Absolute ? maxPositions : Integer.MAX_VALUE;
  }

  /** Components of a head of attention. */
  public int headDim() {
    return hiddenSize / heads;
  }
}
