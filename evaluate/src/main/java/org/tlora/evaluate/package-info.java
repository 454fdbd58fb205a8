/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Scores models on tasks. {@link org.tlora.evaluate.Tasks} finds the library's own by name, or a
 * user's by its path: tasks of text are YAML files, those of labels lines in {@code Glue}. {@link
 * org.tlora.evaluate.TaskRunner} puts the questions to a model, or grades answers that exist
 * already, and returns a {@link org.tlora.evaluate.TaskResult} with every sample.
 *
 * <p>{@link org.tlora.evaluate.TaskRows} are a task and rows of a file. A text task makes a prompt
 * of each, the model writes or weighs choices, and a grader reads the answer twice: as the
 * published script does and as a reader would. Samples go to a {@link
 * org.tlora.evaluate.SampleLog} as they come, from which an evaluation that was interrupted goes
 * on. {@link org.tlora.evaluate.PairedComparison} holds two of them against each other. Programs
 * that a model wrote run in a {@link org.tlora.evaluate.Sandbox}, and nowhere else; without one
 * such tasks refuse to run.
 *
 * <p>Model, adapters and files stay the caller's; a grader is opened for each run and closed behind
 * it, its sandbox with it. May use {@code data}, {@code data.file}, {@code data.format}, {@code
 * engine}, {@code evaluate.task}, {@code fault}, {@code format}, {@code generate}, {@code model},
 * {@code pretrained} and {@code text}; {@code evaluate.judge}, {@code compare}, the façade and
 * {@code cli.command} depend on it. docs/adding-a-task.md adds a task.
 */
package org.tlora.evaluate;
