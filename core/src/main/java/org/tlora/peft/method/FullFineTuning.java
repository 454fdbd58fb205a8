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

/** Full fine-tuning: every weight of the model trains; rank and alpha have no meaning. */
public final class FullFineTuning implements PeftMethod {
  @Override
  public String name() {
    return "full";
  }

  @Override
  public boolean trainsBase() {
    return true;
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    return List.of();
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    throw new IllegalStateException("full fine-tuning gives no layer a plan");
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    throw new IllegalStateException("full fine-tuning has no adapters to start from");
  }
}
