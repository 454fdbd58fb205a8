/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.loading;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlora.data.Labels;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.Model;
import org.tlora.model.SequenceClassifier;
import org.tlora.model.family.Families;
import org.tlora.model.weight.WeightForms;
import org.tlora.peft.disk.AdapterDirectory;
import org.tlora.peft.disk.StoredAdapter;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.BaseWeights;
import org.tlora.pretrained.PretrainedModel;

/** A model in memory, with an adapter where one is asked for. */
public final class LoadedModel implements AutoCloseable {
  private final PretrainedModel files;
  private final Model model;
  private final boolean labelled;
  private AdapterSet adapters;

  /**
   * How weights are held.
   *
   * @param type what products compute in
   * @param device where
   * @param base what the layers' matrices are held in
   */
  public record Form(DType type, Device device, BaseWeights base) {
    /** As numbers in float32, for what is written. */
    public static final Form EXACT = new Form(DType.FLOAT32, Device.CPU, BaseWeights.DENSE);

    /** Rounds nothing beyond a processor's memory. */
    public Form {
      if (!device.isCpu() && base.rounding() != null) {
        throw new UsageFault(
            "`quantize` is for `device` cpu: codes are held in a processor's memory");
      }
    }
  }

  private LoadedModel(PretrainedModel files, Model model, boolean labelled, AdapterSet adapters) {
    this.files = files;
    this.labelled = labelled;
    this.model = model;
    this.adapters = adapters;
  }

  /** An adapter as it was named, and when it was written: another one has another identity. */
  public static String identity(String adapter) {
    File weights = Path.of(adapter, "adapter_model.safetensors").toFile();
    if (!weights.exists()) {
      weights = Path.of(adapter, "adapters.safetensors").toFile(); // of MLX
    }
    return adapter + " of " + weights.lastModified();
  }

  /**
   * Opens a model of a family of this library.
   *
   * @param adapter or null
   * @param initial what the adapter started from, where that must be known, or null
   * @param notes is told what a user should know of model and adapter, a line each
   * @throws org.tlora.fault.InputFault if a file is missing, damaged, or of another model
   */
  public static LoadedModel open(
      Path path, Path adapter, Path initial, Form form, Consumer<String> notes) {
    return open(path, Families.known(), adapter, initial, form, notes);
  }

  /**
   * The same of other families too.
   *
   * @param families of which the model may be
   */
  public static LoadedModel open(
      Path path, Families families, Path adapter, Path initial, Form form, Consumer<String> notes) {
    LoadedModel opened = openUnlabelled(path, families, adapter, initial, form, notes);
    try {
      opened.requireLabels();
      return opened;
    } catch (InputFault e) {
      opened.close();
      throw e;
    }
  }

  /** The same, where an encoder need not have a head, since its vectors are what is wanted. */
  public static LoadedModel openUnlabelled(
      Path path, Families families, Path adapter, Path initial, Form form, Consumer<String> notes) {
    PretrainedModel files = PretrainedModel.open(path, families);
    files.notices().forEach(notes);
    try {
      if (adapter != null) {
        files.useTokenizerOf(adapter); // what it was trained with
        if (files.hasHeadApart()) {
          AdapterDirectory.requireNoTying(adapter);
        }
      }
      Model model = load(files, adapter, form);
      try {
        AdapterSet adapters =
            adapter == null ? AdapterSet.empty() : adapters(adapter, initial, model, notes);
        boolean labelled = !files.isEncoder() || labels(files, adapter).isPresent();
        return new LoadedModel(files, model, labelled, adapters);
      } catch (RuntimeException e) {
        model.close();
        throw e;
      }
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /** An encoder's head has what its adapter was trained to say. */
  private static Model load(PretrainedModel files, Path adapter, Form form) {
    if (!files.isEncoder()) {
      return files.load(form.type(), form.device(), form.base());
    }
    Labels labels = labels(files, adapter).orElse(Labels.NUMBERS); // a head that nobody asks
    return files.loadClassifier(labels, form.type(), form.device(), form.base());
  }

  private static Optional<Labels> labels(PretrainedModel files, Path adapter) {
    return Optional.ofNullable(adapter).flatMap(AdapterDirectory::labels).or(files::labels);
  }

  /**
   * Makes sure that an encoder labels texts; a decoder needs nothing.
   *
   * @throws InputFault if its head is nowhere to be found
   */
  public void requireLabels() {
    if (!labelled) {
      throw new InputFault(
          "model " + files.path() + " has no head that labels texts: name an `adapter` with one");
    }
  }

  /**
   * The model, which must be an encoder.
   *
   * @throws InputFault if it is a decoder
   */
  public SequenceClassifier encoder() {
    if (model instanceof SequenceClassifier encoder) {
      return encoder;
    }
    throw new InputFault("model " + files.path() + " is a decoder, which writes text");
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

  /** The model's files. */
  public PretrainedModel files() {
    return files;
  }

  /** The model. */
  public Model model() {
    return model;
  }

  /** What is added to its layers. */
  public AdapterSet adapters() {
    return adapters;
  }

  /** Holds the weights in another form, the adapters merged into them; as they are for float. */
  public void convert(String form) {
    if (form.equals(WeightForms.FLOAT)) {
      return;
    }
    decoder().convert(WeightForms.named(form), adapters);
    adapters.close();
    adapters = AdapterSet.empty();
  }

  private static AdapterSet adapters(
      Path adapter, Path initial, Model model, Consumer<String> notes) {
    try (StoredAdapter stored = AdapterDirectory.read(adapter, model);
        StoredAdapter start = initial == null ? null : AdapterDirectory.read(initial, model)) {
      stored.notes().forEach(note -> notes.accept(adapter + ": " + note));
      return stored.apply(model, start, PeftMethods.all());
    }
  }

  @Override
  public void close() {
    adapters.close();
    model.close();
    files.close();
  }
}
