/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.model.CausalLm;
import org.tlora.objective.CrossEntropy;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.StopSignal;

/** A calibration sample runs on the meta device up to where its numbers are brought to the host. */
class MetaCalibrationTest {
  @TempDir private Path directory;

  @Test
  void aSampleIsGatheredWithoutLookingAtAValue() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        CausalLm model = tiny.files().load(DType.FLOAT32, Device.META);
        Scope scope = new Scope()) {
      EnumSet<Statistic> all = EnumSet.complementOf(EnumSet.of(Statistic.COMPONENTS));
      Gatherer gatherer = new Gatherer(model.linears(), all);
      Calibration.Plan plan =
          new Calibration.Plan(
              new CrossEntropy(),
              all,
              1,
              Calibration.Stopping.NEVER,
              StopSignal.NEVER,
              false,
              1 << 30);
      SampleGroups.Group group = new SampleGroups(model, tiny.rows(2), plan).from(0, 2);
      assertEquals(2, group.places().size());
      gatherer.begin(group.places());
      var loss = Calibration.pass(model, group, plan, gatherer);
      assertArrayEquals(new long[] {1}, loss.shape());
      assertThrows(RuntimeException.class, gatherer::read, "here the host looks");
      gatherer.abandon();
    }
  }
}
