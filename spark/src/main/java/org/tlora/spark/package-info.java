/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The command line's jobs on Spark, which places them. {@link org.tlora.spark.TrainOnSpark} trains
 * as one barrier stage, a rank a task; {@link org.tlora.spark.SweepOnSpark} compares methods, rates
 * and seeds, a run a task; {@link org.tlora.spark.TextGenerator} and {@link
 * org.tlora.spark.TaskEvaluator} are Transformers over a DataFrame, which load the model once an
 * executor.
 *
 * <p>Native memory is off the heap: what a model takes is {@code spark.executor.memoryOverhead}.
 * Spark itself is {@code provided}.
 */
package org.tlora.spark;
