/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/** Rank-stabilised LoRA: as LoRA, with s = alpha / √rank (Kalajdzievski, arXiv 2312.03732). */
public final class RsLora implements PeftMethod {
  private final Lora lora = new Lora();

  @Override
  public String name() {
    return "rslora";
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    double scaling = options.alphaOrRank() / Math.sqrt((double) options.rank());
    return LayerPlan.uniform(targets, options, scaling);
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    return lora.start(layer, plan, statistics, options, random);
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumed(name(), layer, options.dropout());
  }
}
