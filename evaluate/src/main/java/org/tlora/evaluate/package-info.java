/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Tasks that score a model. A {@link org.tlora.evaluate.Task} is one of text, for decoders ({@link
 * org.tlora.evaluate.TextTask}, read from a YAML file), or one of labels, for encoders ({@link
 * org.tlora.evaluate.LabelTask}, GLUE). {@link org.tlora.evaluate.Tasks} finds them by name or
 * path. {@link org.tlora.evaluate.TaskRunner} puts the questions to a model, or grades answers that
 * exist already, and returns a {@link org.tlora.evaluate.TaskResult} with every sample.
 *
 * <p>Rows of a data file come in. A text task makes a prompt of each, the model writes or weighs
 * choices, and a grader reads the answer twice: as the published script does and as a reader would.
 * Samples go to a {@link org.tlora.evaluate.SampleLog} as they come, from which an evaluation that
 * was interrupted goes on. {@link org.tlora.evaluate.PairedComparison} holds two of them against
 * each other. Programs that a model wrote run in a {@link org.tlora.evaluate.Sandbox}, and nowhere
 * else; without one such tasks refuse to run.
 *
 * <p>Model, adapters and files stay the caller's; the sandbox belongs to {@link
 * org.tlora.evaluate.Graders}, opened when it is first needed and closed with them. May use {@code
 * data.encode}, {@code data.file}, {@code data.format}, {@code engine}, {@code fault}, {@code
 * format}, {@code generate}, {@code model}, {@code pretrained} and {@code text}; {@code
 * evaluate.judge}, {@code compare} and {@code cli.command} depend on it. docs/adding-a-task.md adds
 * a task.
 */
package org.tlora.evaluate;
