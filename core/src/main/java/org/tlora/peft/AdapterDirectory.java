package org.tlora.peft;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.data.Labels;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.OwnFiles;
import org.tlora.format.Safetensors;
import org.tlora.model.Linear;
import org.tlora.model.Model;

/**
 * Reads adapters from disk in HF PEFT's format: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}.
 */
public final class AdapterDirectory {
  static final String CONFIG = "adapter_config.json";
  static final String WEIGHTS = "adapter_model.safetensors";
  static final String PREFIX = "base_model.model.";

  /** In the weights' metadata: the last half of each rank was taken out of the base. */
  static final String FIXED_HALF = "fixed_half";

  /** In the weights' metadata: what rows are labelled with. */
  static final String LABELS = "labels";

  private static final List<String> LAST_LAYERS =
      List.of("classifier.weight", "classifier.out_proj.weight");

  private AdapterDirectory() {}

  /**
   * What an encoder's adapter was trained to say: the labels that its file names, or as many as its
   * head has; nothing where it has no head.
   *
   * @throws InputFault if the file is damaged
   */
  public static Optional<Labels> labels(Path directory) {
    Path file = OwnFiles.of(directory, WEIGHTS);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (Safetensors tensors = Safetensors.open(file)) {
      String named = tensors.metadata().get(LABELS);
      if (named != null) {
        return Optional.of(Labels.read(named, file.toString()));
      }
      for (String last : LAST_LAYERS) {
        if (tensors.names().contains(PREFIX + last)) {
          long outputs = tensors.shape(PREFIX + last)[0];
          return Optional.of(
              outputs == 1 ? Labels.NUMBERS : Labels.numbered(Math.toIntExact(outputs)));
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Reads an adapter and checks it against a model, which is not changed. The caller closes it.
   *
   * @throws InputFault if it does not fit the model, is damaged, or asks for something that cannot
   *     be honoured; the message names the key
   */
  public static StoredAdapter read(Path directory, Model model) {
    PeftConfig config = PeftConfig.read(OwnFiles.of(directory, CONFIG));
    Path file = OwnFiles.of(directory, WEIGHTS);
    if (!Files.exists(file) && Files.exists(directory.resolve("adapter_model.bin"))) {
      throw new InputFault(
          directory + " holds adapter_model.bin, which could run code; save it as safetensors");
    }
    Map<Linear, StoredLayer> layers = new LinkedHashMap<>();
    Map<String, Tensor> weights = new LinkedHashMap<>();
    StoredAdapter stored = new StoredAdapter(config, layers, weights);
    try (Safetensors tensors = Safetensors.open(file)) {
      boolean fixedHalf = "true".equals(tensors.metadata().get(FIXED_HALF));
      Set<String> used = new LinkedHashSet<>();
      for (Linear l : model.linears()) {
        Names names = new Names(l, config.isAdaLora());
        if (tensors.names().contains(names.a()) || tensors.names().contains(names.b())) {
          used.addAll(names.present(tensors.names()));
          StoredLayer layer = layer(l, tensors, names, config, directory, fixedHalf);
          if (layer != null) {
            layers.put(l, layer);
          }
        } else {
          SplitParts parts = SplitParts.of(l, model);
          if (used.addAll(parts.tensors(tensors.names()))) {
            layers.put(l, parts.join(tensors, config));
          }
        }
      }
      for (String name : tensors.names()) {
        if (!used.contains(name)) {
          weights.put(weightName(name, model, config, file), tensors.load(name, DType.FLOAT32));
        }
      }
      weights.values().forEach(Tensor::detachFromScope);
      if (used.isEmpty() && weights.isEmpty()) {
        throw new InputFault(file + " holds no adapter");
      }
      stored.requireFinite(file.toString());
      return stored;
    } catch (RuntimeException e) {
      stored.close();
      throw e;
    }
  }

  /** The tensors of a layer; newer and older names of a magnitude. */
  private record Names(String a, String b, String e, String magnitude, String olderMagnitude) {
    Names(Linear l, boolean adaLora) {
      this(
          PREFIX + l.name() + (adaLora ? ".lora_A" : ".lora_A.weight"),
          PREFIX + l.name() + (adaLora ? ".lora_B" : ".lora_B.weight"),
          PREFIX + l.name() + ".lora_E",
          PREFIX + l.name() + ".lora_magnitude_vector",
          PREFIX + l.name() + ".lora_magnitude_vector.weight");
    }

    Set<String> present(Set<String> names) {
      Set<String> mine = new LinkedHashSet<>(Set.of(a, b, e, magnitude, olderMagnitude));
      mine.retainAll(names);
      return mine;
    }
  }

  /** The layer's adapter, or null where its rank is zero. */
  private static StoredLayer layer(
      Linear l,
      Safetensors file,
      Names names,
      PeftConfig config,
      Path directory,
      boolean fixedHalf) {
    long[] a = file.shape(names.a());
    long[] b = file.shape(names.b());
    boolean fits =
        a.length == 2
            && b.length == 2
            && a[1] == l.inFeatures()
            && b[0] == l.outFeatures()
            && a[0] == b[1];
    if (!fits) {
      throw new InputFault(
          String.format(
              "adapter of %s: shapes %s and %s do not fit a layer of %d inputs and %d outputs",
              l.name(), Arrays.toString(a), Arrays.toString(b), l.inFeatures(), l.outFeatures()));
    }
    long configured = config.rank(l.name());
    if (configured >= 0 && configured != a[0]) {
      throw new InputFault(
          directory.resolve(CONFIG)
              + ": rank "
              + configured
              + " for "
              + l.name()
              + ", but its tensors have "
              + a[0]);
    }
    if (a[0] == 0) {
      return null;
    }
    if (fixedHalf && a[0] % 2 != 0) {
      throw new InputFault(directory + ": rank " + a[0] + " of " + l.name() + " has no half");
    }
    return new StoredLayer(
        file.load(names.a(), DType.FLOAT32),
        file.load(names.b(), DType.FLOAT32),
        config.isAdaLora() ? vector(file, names.e(), a[0], a[0], 1) : null,
        config.usesDora() ? magnitude(file, names, l.outFeatures()) : null,
        config.scaling(l.name(), a[0]),
        fixedHalf ? a[0] / 2 : 0);
  }

  private static Tensor magnitude(Safetensors file, Names names, long size) {
    boolean older = file.names().contains(names.olderMagnitude());
    if (!older && !file.names().contains(names.magnitude())) {
      throw new InputFault("use_dora is true, but there is no tensor " + names.magnitude());
    }
    return vector(file, older ? names.olderMagnitude() : names.magnitude(), size, size);
  }

  private static Tensor vector(Safetensors file, String name, long size, long... shape) {
    long elements = Arrays.stream(file.shape(name)).reduce(1, (x, y) -> x * y);
    if (elements != size) {
      throw new InputFault("adapter tensor " + name + " should have " + size + " elements");
    }
    return file.load(name, DType.FLOAT32).view(shape);
  }

  /** The model's name of a weight that an adapter brings whole. */
  private static String weightName(String name, Model model, PeftConfig config, Path file) {
    String own =
        name.replace(PREFIX, "").replace(".base_layer.", ".").replace(".modules_to_save.", ".");
    if (!config.savesWeights() || !name.startsWith(PREFIX) || !model.hasWeight(own)) {
      throw new InputFault(file + ": tensor " + name + " belongs to no layer of the model");
    }
    return own;
  }
}
