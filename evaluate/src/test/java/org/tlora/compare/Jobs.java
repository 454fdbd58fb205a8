/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.file.Path;
import java.util.List;
import org.tlora.checkpoint.SaveSchedule;
import org.tlora.data.encode.DataSet;
import org.tlora.data.file.DataFile;
import org.tlora.engine.DType;
import org.tlora.model.family.Families;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.TargetModules;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.BaseWeights;
import org.tlora.text.PromptTemplate;
import org.tlora.train.Schedule;
import org.tlora.train.TrainingOptions;
import org.tlora.tune.BesideOptions;
import org.tlora.tune.CalibrationOptions;
import org.tlora.tune.DuringOptions;
import org.tlora.tune.TuningJob;

/** Jobs whose files nobody reads. */
final class Jobs {
  private Jobs() {}

  /** LoRA of rank 16. */
  static TuningJob any() {
    return new TuningJob(
        Path.of("model"),
        Families.known(),
        List.of(DataFile.of(Path.of("rows.jsonl"))),
        null,
        0,
        0,
        DataSet.Reading.AUTOMATIC,
        null,
        PromptTemplate.PLAIN,
        64,
        PeftMethods.named("lora"),
        new PeftOptions(16, Double.NaN, 0),
        List.of(TargetModules.ALL_LINEAR),
        BesideOptions.NOTHING,
        new TrainingOptions(8, 0, 2, 2, 1e-3, Schedule.COSINE, 0, 0, 1, true, 0, false, 0, 1),
        null,
        null,
        new CalibrationOptions(null, 4, false, 0, 1, null),
        DType.FLOAT32,
        BaseWeights.AS_STORED,
        DuringOptions.NOTHING,
        new SaveSchedule(0, 0, 1),
        Path.of("out"));
  }
}
