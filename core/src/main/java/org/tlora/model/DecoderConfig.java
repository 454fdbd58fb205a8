package org.tlora.model;

import java.util.List;

/**
 * A decoder's sizes and what differs between families.
 *
 * @param attentionScale what scores are multiplied by, usually 1/√headDim
 * @param qkvBias whether q, k and v have a bias
 * @param outputBias whether attention's output projection has one
 * @param mlpBias whether gate, up and down have one
 * @param padToken the token whose vector does not train through the embedding (as in PyTorch's
 *     {@code padding_idx}), or −1
 * @param eosTokens any of these ends a text
 */
public record DecoderConfig(
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDim,
    double normEpsilon,
    double ropeTheta,
    RopeScaling ropeScaling,
    double attentionScale,
    boolean tiedEmbeddings,
    boolean qkvBias,
    boolean outputBias,
    boolean mlpBias,
    int maxPositions,
    int padToken,
    List<Integer> eosTokens) {}
