package org.tlora.peft;

import java.util.List;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.model.Linear;

/**
 * A way of fine-tuning: what it must know about each linear layer, what it gives each, and how an
 * adapter starts there.
 */
public interface PeftMethod {
  /** As on the command line. */
  String name();

  /** What calibration must gather; nothing means no calibration. */
  Set<Statistic> needs();

  /**
   * Shares out rank and alpha.
   *
   * @return one plan for each layer, in their order
   */
  List<LayerPlan> allocate(List<Linear> layers, Statistics statistics, PeftOptions options);

  /**
   * A layer's adapter at the start of training; owned by the caller, usually by attaching it.
   *
   * @param random for methods that start from random numbers
   */
  LowRankAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random);

  /** Whether A trains under these options; B always does. */
  boolean trainsA(PeftOptions options);
}
