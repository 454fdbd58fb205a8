/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;

/**
 * What a fine-tuning run left.
 *
 * @param output where the adapter, the metrics and the report are
 * @param interrupted whether it was stopped before its end; its checkpoint is there, and {@link
 *     TuningBuilder#resume} goes on
 * @param steps that were taken, in this run and those that it went on from
 * @param skipped those of them whose loss or gradient was not finite, and which changed nothing
 * @param loss of the last step; NaN where there was none
 * @param heldOutLoss on rows that were not trained on; NaN where there were none
 * @param trainableParameters numbers that trained
 * @param tokens real ones, of this run
 * @param seconds of this run's steps
 */
public record TrainingResult(
    Path output,
    boolean interrupted,
    long steps,
    long skipped,
    double loss,
    double heldOutLoss,
    long trainableParameters,
    long tokens,
    double seconds) {}
