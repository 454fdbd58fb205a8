/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.objective;

import org.tlora.model.Model;
import org.tlora.model.SequenceClassifier;

/** What models are trained for where nobody says otherwise. */
public final class Objectives {
  private Objectives() {}

  /** Numbers by their squared error, everything else by cross entropy. */
  public static Objective of(Model model) {
    boolean number = model instanceof SequenceClassifier c && c.labels().isRegression();
    return number ? new SquaredError() : new CrossEntropy();
  }
}
