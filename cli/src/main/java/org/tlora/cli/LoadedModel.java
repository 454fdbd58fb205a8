package org.tlora.cli;

import java.nio.file.Path;
import org.tlora.engine.DType;
import org.tlora.model.CausalLm;
import org.tlora.model.family.PretrainedModel;
import org.tlora.peft.AdapterDirectory;

/** A model in memory, with an adapter where one is asked for. */
record LoadedModel(PretrainedModel files, CausalLm model) implements AutoCloseable {
  static LoadedModel open(Path path, Path adapter, DType type) {
    PretrainedModel files = PretrainedModel.open(path);
    try {
      CausalLm model = files.load(type);
      try {
        if (adapter != null) {
          AdapterDirectory.read(adapter, model, false, 0);
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

  @Override
  public void close() {
    model.close();
    files.close();
  }
}
