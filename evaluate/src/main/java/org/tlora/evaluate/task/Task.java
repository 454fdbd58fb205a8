/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.task;

/** Something that a model is scored on. */
public sealed interface Task permits TextTask, LabelTask {
  /** As on the command line, in scores and in samples. */
  String name();

  /** The first of its figures, such as {@code accuracy}. */
  String metric();
}
