/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Sha256;
import org.tlora.model.Adaptation;
import org.tlora.model.Linear;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.Listeners;
import org.tlora.run.StopSignal;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** A process of its own that trains every method a little and prints what bits came of it. */
final class TrainedBits {
  private TrainedBits() {}

  public static void main(String[] args) {
    for (DType type : List.of(DType.FLOAT32, DType.BFLOAT16)) {
      for (PeftMethod method : PeftMethods.all()) {
        if (type == DType.FLOAT32 || !method.trainsBase()) {
          System.out.println(method.name() + " " + type + " " + digest(method, type, args[0]));
        }
      }
    }
  }

  private static String digest(PeftMethod method, DType type, String directory) {
    try (TinyModels tiny = new TinyModels(Path.of(directory), type)) {
      List<Encoded> rows = tiny.rows(64);
      PeftOptions peft = new PeftOptions(4, 4, 0.1);
      FineTuning tuning = Tunings.start(tiny.model(), method, peft, rows.subList(0, 8), 5);
      long steps = type == DType.FLOAT32 ? 8 : 2; // which take as long where products are emulated
      TrainingOptions options =
          new TrainingOptions(
              steps, 0, 8, 4, 2e-3, Schedule.COSINE, 0, 0.01, 1, true, 0, false, 0, 3);
      TrainingParts parts =
          TrainingParts.of(tiny.model(), Adaptation.of(tuning.adapters()), tuning.parameters())
              .with((LongFunction<TrainingRule>) tuning::rule);
      new Trainer(parts, options, Listeners.none(), StopSignal.NEVER).train(rows, List.of());
      Sha256 digest = new Sha256();
      try (Scope scope = new Scope()) {
        for (Linear l : tiny.model().linears()) {
          add(digest, l.denseWeight());
          if (tuning.adapters().on(l) != null) {
            tuning.adapters().on(l).parameters().forEach(p -> add(digest, p.value()));
          }
        }
      }
      return digest.hex();
    }
  }

  private static void add(Sha256 digest, Tensor t) {
    for (float f : t.toFloats()) {
      int bits = Float.floatToRawIntBits(f);
      digest.add(
          new byte[] {(byte) bits, (byte) (bits >> 8), (byte) (bits >> 16), (byte) (bits >> 24)});
    }
  }
}
