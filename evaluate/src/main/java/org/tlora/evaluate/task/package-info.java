/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a model is scored on: tasks of text and of labels, and how answers are graded.
 *
 * <p>A program's own task implements {@link org.tlora.evaluate.task.TextTask}, with a {@link
 * org.tlora.evaluate.task.Grader}; one of labels is a {@link org.tlora.evaluate.task.LabelTask}.
 * Rows come as {@link org.tlora.data.RowFields}.
 *
 * <p>Nothing here runs a model or reads a file: {@code evaluate} does, which may depend on this
 * package, as {@code compare} may, and the façade.
 */
package org.tlora.evaluate.task;
