package org.tlora.train;

/**
 * What is told of an optimizer step.
 *
 * @param step from 0
 * @param epoch passes over the data so far, with a fraction
 * @param loss mean cross entropy over the step's supervised tokens, and the penalty
 * @param penalty the part of the loss that a method adds to it
 * @param gradientNorm before clipping
 * @param tokens real tokens of the step
 */
public record StepMetrics(
    long step,
    double epoch,
    double loss,
    double penalty,
    double learningRate,
    double gradientNorm,
    long tokens,
    long supervisedTokens,
    double tokensPerSecond,
    StepSeconds seconds,
    long peakRssBytes) {}
