/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.pretrained.PretrainedModel;

/** GGUF files as models: configuration, vocabulary and weights. */
public final class GgufModelFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();

  private GgufModelFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try (PretrainedModel model = PretrainedModel.open(DIRECTORY.write("a.gguf", data))) {
      model.tokenizer().encode("a b", true);
      model.load(DType.FLOAT32).close();
    } catch (InputFault e) {
      // one clear line
    }
  }
}
