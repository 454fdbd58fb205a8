/**
 * The training loop: schedule, AdamW, accumulation, clipping, evaluation, what is told of a step.
 */
package org.tlora.train;
