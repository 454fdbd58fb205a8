package org.tlora.cli.option;

import java.nio.file.Path;
import java.util.Optional;
import org.tlora.data.format.Labels;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.model.CausalLm;
import org.tlora.model.Model;
import org.tlora.peft.disk.AdapterDirectory;
import org.tlora.peft.disk.StoredAdapter;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.PretrainedModel;

/** A model in memory, with an adapter where one is asked for. */
public record LoadedModel(PretrainedModel files, Model model) implements AutoCloseable {
  /**
   * Opens a model.
   *
   * @param adapter or null
   * @param initial what the adapter started from, where that must be known, or null
   */
  public static LoadedModel open(Path path, Path adapter, Path initial, DType type) {
    PretrainedModel files = PretrainedModel.open(path);
    files.notices().forEach(System.err::println);
    try {
      if (adapter != null) {
        files.useTokenizerOf(adapter); // what it was trained with
        if (files.hasHeadApart()) {
          AdapterDirectory.requireNoTying(adapter);
        }
      }
      Model model = load(files, adapter, type);
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

  /** An encoder's head has what its adapter was trained to say. */
  private static Model load(PretrainedModel files, Path adapter, DType type) {
    if (!files.isEncoder()) {
      return files.load(type);
    }
    Labels labels =
        Optional.ofNullable(adapter)
            .flatMap(AdapterDirectory::labels)
            .or(files::labels)
            .orElseThrow(
                () ->
                    new InputFault(
                        "model "
                            + files.path()
                            + " has no head that labels texts: name an --adapter with one"));
    return files.loadClassifier(labels, type);
  }

  /**
   * The model, which must write text.
   *
   * @throws InputFault if it is an encoder
   */
  public CausalLm decoder() {
    if (model instanceof CausalLm decoder) {
      return decoder;
    }
    throw new InputFault("model " + files.path() + " is an encoder, which writes no text");
  }

  private static void attach(Path adapter, Path initial, Model model) {
    try (StoredAdapter stored = AdapterDirectory.read(adapter, model);
        StoredAdapter start = initial == null ? null : AdapterDirectory.read(initial, model)) {
      stored.notes().forEach(note -> System.err.println(adapter + ": " + note));
      stored.attach(model, start, PeftMethods.all());
    }
  }

  @Override
  public void close() {
    model.close();
    files.close();
  }
}
