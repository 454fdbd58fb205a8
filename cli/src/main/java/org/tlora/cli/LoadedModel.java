package org.tlora.cli;

import java.nio.file.Path;
import org.tlora.engine.DType;
import org.tlora.model.CausalLm;
import org.tlora.model.family.PretrainedModel;
import org.tlora.peft.AdapterDirectory;
import org.tlora.peft.StoredAdapter;
import org.tlora.peft.method.PeftMethods;

/** A model in memory, with an adapter where one is asked for. */
record LoadedModel(PretrainedModel files, CausalLm model) implements AutoCloseable {
  /**
   * Opens a model.
   *
   * @param adapter or null
   * @param initial what the adapter started from, where that must be known, or null
   */
  static LoadedModel open(Path path, Path adapter, Path initial, DType type) {
    PretrainedModel files = PretrainedModel.open(path);
    try {
      CausalLm model = files.load(type);
      try {
        if (adapter != null) {
          attach(adapter, initial, model);
        }
      } catch (RuntimeException e) {
        model.close();
        throw e;
      }
      return new LoadedModel(files, model);
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private static void attach(Path adapter, Path initial, CausalLm model) {
    try (StoredAdapter stored = AdapterDirectory.read(adapter, model);
        StoredAdapter start = initial == null ? null : AdapterDirectory.read(initial, model)) {
      stored.attach(model, start, PeftMethods.all());
    }
  }

  @Override
  public void close() {
    model.close();
    files.close();
  }
}
