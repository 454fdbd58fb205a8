/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Several methods on the same model, data and budget, and one table of what came out. An {@link
 * org.tlora.compare.Entry} is a method with its settings, a row of the table; {@link
 * org.tlora.evaluate.TaskRows} is a task that each is scored on. {@link
 * org.tlora.compare.Comparison} trains every entry with every seed, one after the other, on the
 * same rows in the same order.
 *
 * <p>A job without method and seed comes in. The model is in memory once and is restored between
 * runs; one calibration for each seed gathers what all methods want. The result of each run goes to
 * disk as soon as it is there, failures too, and a comparison that is started again does only what
 * is missing. Out come {@code comparison.md}, {@code comparison.csv} and {@code comparison.html}.
 * Everything runs in the calling thread; the output directory is locked meanwhile.
 *
 * <p>{@link org.tlora.compare.TunedComparison} searches the settings of each entry first: a {@link
 * org.tlora.compare.Grid} of {@link org.tlora.compare.Axis axes}, gone through by {@link
 * org.tlora.compare.Halving}, each run a {@link org.tlora.compare.Trial}; {@code Resamples} says how
 * sure the differences are.
 *
 * <p>May use {@code calibrate}, {@code checkpoint}, {@code data}, {@code data.format}, {@code engine}, {@code
 * evaluate}, {@code evaluate.task}, {@code fault}, {@code format}, {@code model}, {@code objective}, {@code peft}, {@code peft.method},
 * {@code report}, {@code run}, {@code train} and {@code tune}; only {@code cli.command} depends on
 * it.
 */
package org.tlora.compare;
