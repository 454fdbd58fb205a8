/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.collective.Alone;
import org.tlora.collective.Collective;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.fault.Problems;
import org.tlora.fault.UsageFault;
import org.tlora.loading.HubFiles;
import org.tlora.loading.LoadedModel;
import org.tlora.loading.MachineChoice;
import org.tlora.model.family.EncoderFamily;
import org.tlora.model.family.Families;
import org.tlora.model.family.ModelFamily;
import org.tlora.model.weight.WeightForms;
import org.tlora.pretrained.BaseWeights;
import org.tlora.run.RunListener;

/** Gathers how a model is to be loaded. Not safe for threads. */
public final class LanguageModelLoader {
  private final String model;
  private String adapter; // or null
  private Path initialAdapter; // or null
  private String dtype = MachineChoice.AUTO;
  private String device = "cpu";
  private String weights = WeightForms.FLOAT;
  private String baseWeights = BaseWeights.AUTO;
  private String quantize; // or null
  private boolean offline;
  private int atOnce = 16;
  private long keyValueBytes = Long.MAX_VALUE;
  private RunListener listener = new RunListener() {};
  private Collective group = new Alone();
  private final List<ModelFamily> decoders = new ArrayList<>();
  private final List<EncoderFamily> encoders = new ArrayList<>();

  LanguageModelLoader(String model) {
    this.model = model;
  }

  /**
   * The adapter that the model carries from the start: a directory, or an id of the hub. It may
   * hold whole weights and tokens of its own, and its tokenizer and template are used.
   */
  public LanguageModelLoader adapter(String value) {
    adapter = value;
    return this;
  }

  /**
   * What the adapter started from, for adapters of other programs that belong on a base which their
   * start has changed.
   */
  public LanguageModelLoader initialAdapter(Path value) {
    initialAdapter = value;
    return this;
  }

  /** float32, bfloat16, or auto: bfloat16 where the processor is fast at it. */
  public LanguageModelLoader dtype(String value) {
    dtype = value;
    return this;
  }

  /** cpu, or cuda and cuda:N where build and machine have them. */
  public LanguageModelLoader device(String value) {
    device = value;
    return this;
  }

  /** float, or int8: weights rounded to eight bits, a scale a row, with the adapter merged in. */
  public LanguageModelLoader weights(String value) {
    weights = value;
    return this;
  }

  /**
   * Whether the matrices of a quantised file, such as a GGUF file's blocks, stay the codes that
   * they are (as-stored) or become numbers (dense). auto: they stay where the virtual machine was
   * started with {@code --add-modules jdk.incubator.vector}, by which they are multiplied as they
   * are.
   */
  public LanguageModelLoader baseWeights(String value) {
    baseWeights = value;
    return this;
  }

  /**
   * nf4, fp4, int8, q4_0 or q8_0: what the layers' matrices are rounded to on loading; adapters
   * stay as they are on top. Null: nothing.
   */
  public LanguageModelLoader quantize(String value) {
    quantize = value;
    return this;
  }

  /**
   * A family of decoders of one's own that the model may be of, beside those of this library. It
   * may be called several times. What is trained, exported and compared of the model knows it too.
   */
  public LanguageModelLoader family(ModelFamily value) {
    decoders.add(value);
    return this;
  }

  /** The same of encoders. */
  public LanguageModelLoader family(EncoderFamily value) {
    encoders.add(value);
    return this;
  }

  /** Whether what is on the hub is taken from the cache alone, as HF_HUB_OFFLINE=1 does. */
  public LanguageModelLoader offline(boolean value) {
    offline = value;
    return this;
  }

  /** Texts that are generated side by side; more wait. */
  public LanguageModelLoader textsAtOnce(int value) {
    atOnce = value;
    return this;
  }

  /** The most bytes of keys and values; texts wait for room. */
  public LanguageModelLoader keyValueBytes(long value) {
    keyValueBytes = value;
    return this;
  }

  /**
   * Bounds keys and values by a quarter of the memory that is free once the weights are there, in
   * place of {@link #keyValueBytes}: for programs that run for long.
   */
  public LanguageModelLoader keyValuesInFreeMemory() {
    keyValueBytes = LanguageModel.Limits.OF_FREE_MEMORY;
    return this;
  }

  /**
   * The processes that share the work on this model: its training, calibration, comparison and
   * evaluation are those of all of them, each of which makes the same calls. The first writes and
   * reports for all. The group stays the caller's.
   */
  public LanguageModelLoader group(Collective value) {
    group = value;
    return this;
  }

  /** Who is told how downloads go, and what of the model's and the adapter's files is not used. */
  public LanguageModelLoader listener(RunListener value) {
    listener = value;
    return this;
  }

  /**
   * Loads the weights too.
   *
   * @throws UsageFault with everything that is wrong with the options
   * @throws org.tlora.fault.InputFault if there is no such model or adapter, or it is damaged
   */
  public LanguageModel load() {
    LanguageModel opened = open();
    try {
      opened.loaded();
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /**
   * Finds the model, on the hub where it is no path; weights are read when they are first needed.
   * Training that changes all weights never needs these.
   *
   * @throws UsageFault with everything that is wrong with the options
   * @throws org.tlora.fault.InputFault if there is no such model
   */
  public LanguageModel open() {
    Problems problems = new Problems();
    problems.require(model != null && !model.isEmpty(), "`model` is missing");
    problems.require(
        initialAdapter == null || adapter != null, "`initialAdapter` goes with `adapter`");
    DType type = problems.gather(() -> MachineChoice.computeType(dtype));
    Device place = problems.gather(() -> MachineChoice.device(device));
    problems.run(() -> WeightForms.require(weights));
    BaseWeights base =
        problems.gather(() -> BaseWeights.toRun(baseWeights, quantize, isConverted()));
    LoadedModel.Form held =
        type == null || place == null || base == null
            ? null
            : problems.gather(() -> new LoadedModel.Form(type, place, base));
    problems.require(atOnce >= 1, "`textsAtOnce` must be at least 1, not " + atOnce);
    problems.require(
        keyValueBytes >= 1 || keyValueBytes == LanguageModel.Limits.OF_FREE_MEMORY,
        "`keyValueBytes` must be at least 1, not " + keyValueBytes);
    Families families = problems.gather(this::families);
    problems.end();
    HubFiles hub = HubFiles.ofEnvironment(offline, listener);
    Path directory = adapter == null ? null : hub.model(adapter);
    return new LanguageModel(
        new Place(hub.model(model), families, directory, initialAdapter, hub),
        new Form(held, weights),
        new LanguageModel.Limits(atOnce, keyValueBytes),
        group,
        listener);
  }

  private boolean isConverted() {
    return !weights.equals(WeightForms.FLOAT);
  }

  private Families families() {
    return Families.known()
        .with(decoders.toArray(ModelFamily[]::new))
        .with(encoders.toArray(EncoderFamily[]::new));
  }

  /** Where a model's files are, and what it may be. */
  record Place(Path model, Families families, Path adapter, Path initialAdapter, HubFiles hub) {
    /** The same model with another adapter. */
    Place with(Path other) {
      return new Place(model, families, other, null, hub);
    }

    /** Model and adapter, and when the adapter was written. */
    String identity() {
      return model + (adapter == null ? "" : " with " + LoadedModel.identity("" + adapter));
    }
  }

  /** What weights are held as. */
  record Form(LoadedModel.Form held, String weights) {}
}
