/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.autograd.Parameter;

/** One of a network's layers, which are alike. */
interface Layer extends AutoCloseable {
  /** Its linear layers in the order of the published module list. */
  List<Linear> linears();

  /** Makes everything in it trainable and returns that. */
  List<Parameter> unfreeze();

  /** Whether anything in it trains in a pass. */
  boolean trains(Pass pass);

  @Override
  void close();
}
