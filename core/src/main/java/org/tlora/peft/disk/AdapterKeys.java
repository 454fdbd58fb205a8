/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.InputFault;

/**
 * The names of an adapter's tensors, taken apart: which module each belongs to, and what of it it
 * is. Programs name the same tensor differently: with or without {@code base_model.model.}, with
 * the name of the adapter ({@code lora_A.default.weight}), below {@code language_model}.
 */
final class AdapterKeys {
  /** What of an adapted module a tensor is. */
  enum Part {
    A("lora_A"),
    B("lora_B"),
    B_BIAS("lora_B.bias"),
    E("lora_E"),
    MAGNITUDE("lora_magnitude_vector"),
    EMBEDDING_A("lora_embedding_A"),
    EMBEDDING_B("lora_embedding_B"),
    TOKENS("trainable_tokens_delta");

    private final String tensor;

    Part(String tensor) {
      this.tensor = tensor;
    }

    /** As PEFT calls it. */
    String tensor() {
      return tensor;
    }
  }

  /**
   * The tensors of an adapted module.
   *
   * @param path of the module, as the file has it
   * @param tensors their names
   */
  record Module(String path, Map<Part, String> tensors) {
    private static final Module NONE = new Module("", Map.of());

    /** The name of a tensor, or null. */
    String name(Part part) {
      return tensors.get(part);
    }

    boolean isEmpty() {
      return tensors.isEmpty();
    }
  }

  /**
   * A weight that stands in place of the base's.
   *
   * @param path of the weight, as the file has it, without what PEFT puts into it
   * @param names all tensors that stand for it
   */
  record Whole(String path, List<String> names) {}

  /** Segments of paths that wrappers of a model put before or into the names of its modules. */
  private static final Set<String> WRAPPERS =
      Set.of(
          "base_model",
          "model",
          "language_model",
          "text_model",
          "module",
          "_orig_mod",
          "_fsdp_wrapped_module",
          "_checkpoint_wrapped_module");

  private static final Pattern LORA =
      Pattern.compile(
          "(.+)\\.(lora_A|lora_B|lora_E|lora_embedding_A|lora_embedding_B|lora_magnitude_vector)"
              + "(?:\\.(.+))?");
  private static final Pattern TOKENS =
      Pattern.compile("(.+)\\.token_adapter\\.trainable_tokens_(delta|original)(?:\\.(.+))?");
  private static final Pattern SAVED = Pattern.compile("(.+)\\.modules_to_save\\.(.+)");
  private static final Pattern BASE =
      Pattern.compile("(.+?)\\.(?:token_adapter\\.)?(base_layer|original_module)\\.(.+)");

  private final String where;
  private final Map<String, Module> adapted = new LinkedHashMap<>();
  private final Map<String, Whole> whole = new LinkedHashMap<>();
  private final Set<String> adapters = new TreeSet<>();

  private AdapterKeys(String where) {
    this.where = where;
  }

  /**
   * Takes names apart.
   *
   * @param where names the file in faults
   * @throws InputFault if two of them mean the same, or they are of several adapters
   */
  static AdapterKeys of(Collection<String> names, String where) {
    AdapterKeys keys = new AdapterKeys(where);
    names.forEach(keys::add);
    if (keys.adapters.size() > 1) {
      throw new InputFault(
          where + " holds several adapters: " + String.join(", ", keys.adapters) + "; save one");
    }
    return keys;
  }

  private void add(String name) {
    Matcher lora = LORA.matcher(name);
    Matcher tokens = TOKENS.matcher(name);
    Matcher saved = SAVED.matcher(name);
    Matcher base = BASE.matcher(name);
    if (lora.matches()) {
      addLora(name, lora.group(1), lora.group(2), lora.group(3));
    } else if (tokens.matches()) {
      noteAdapter(tokens.group(3));
      if (tokens.group(2).equals("delta")) { // the original is what the base has anyway
        put(tokens.group(1), Part.TOKENS, name);
      }
    } else if (saved.matches()) {
      addWhole(saved.group(1) + "." + saved.group(2), name);
    } else if (!base.matches()) {
      addWhole(name, name);
    } else if (base.group(2).equals("base_layer")) {
      addWhole(base.group(1) + "." + base.group(3), name);
    } // an original_module is what modules_to_save stands for: nothing is computed with it
  }

  private void addLora(String name, String module, String kind, String rest) {
    String field = "";
    String adapter = rest;
    if (rest != null && (rest.equals("weight") || rest.endsWith(".weight"))) {
      field = "weight";
    } else if (rest != null && (rest.equals("bias") || rest.endsWith(".bias"))) {
      field = "bias";
    }
    if (!field.isEmpty()) {
      adapter = rest.equals(field) ? null : rest.substring(0, rest.length() - field.length() - 1);
    }
    noteAdapter(adapter);
    boolean bias = field.equals("bias");
    Part part =
        switch (kind) {
          case "lora_A" -> Part.A;
          case "lora_B" -> bias ? Part.B_BIAS : Part.B;
          case "lora_E" -> Part.E;
          case "lora_embedding_A" -> Part.EMBEDDING_A;
          case "lora_embedding_B" -> Part.EMBEDDING_B;
          default -> Part.MAGNITUDE;
        };
    if (bias && part != Part.B_BIAS) {
      throw new InputFault(where + ": tensor " + name + " is nothing that an adapter has");
    }
    put(module, part, name);
  }

  private void noteAdapter(String name) {
    if (name != null) {
      adapters.add(name);
    }
  }

  private void put(String module, Part part, String name) {
    String before =
        adapted
            .computeIfAbsent(
                canonical(module),
                m -> new Module(withoutPrefix(module), new EnumMap<>(Part.class)))
            .tensors()
            .put(part, name);
    if (before != null) {
      throw new InputFault(where + ": tensors " + before + " and " + name + " mean the same");
    }
  }

  private static String withoutPrefix(String path) {
    return path.startsWith(AdapterDirectory.PREFIX)
        ? path.substring(AdapterDirectory.PREFIX.length())
        : path;
  }

  private void addWhole(String path, String name) {
    whole
        .computeIfAbsent(canonical(path), p -> new Whole(withoutPrefix(path), new ArrayList<>()))
        .names()
        .add(name);
  }

  /** A path without what wrappers put into it; of a file's and of the model's own names alike. */
  static String canonical(String path) {
    List<String> kept = new ArrayList<>();
    for (String segment : path.split("\\.", -1)) {
      if (!WRAPPERS.contains(segment)) {
        kept.add(segment);
      }
    }
    return String.join(".", kept);
  }

  /** The name of the tensor with a table's token vectors, or null; it is taken out. */
  String takeTokens(String module) {
    Module found = adapted.get(canonical(module));
    String name = found == null ? null : found.tensors().remove(Part.TOKENS);
    if (found != null && found.isEmpty()) {
      adapted.remove(canonical(module));
    }
    return name;
  }

  /** The tensors of a module, which may be none; they are taken out, since they are used. */
  Module take(String module) {
    Module found = adapted.remove(canonical(module));
    return found == null ? Module.NONE : found;
  }

  /** The names of all tensors that stand for weights as a whole. */
  List<String> wholeNames() {
    return whole.values().stream().flatMap(w -> w.names().stream()).toList();
  }

  /** The names of adapters' tensors that nobody has taken. */
  List<String> left() {
    return adapted.values().stream().flatMap(m -> m.tensors().values().stream()).toList();
  }

  /**
   * Whole weights by the names that a model has for them, each with all tensors that stand for it.
   *
   * @param own the names of the model's weights
   * @throws InputFault if the model has no such weight
   */
  Map<String, List<String>> whole(Collection<String> own) {
    Map<String, String> byPath = new LinkedHashMap<>();
    own.forEach(n -> byPath.put(canonical(n), n));
    Map<String, List<String>> found = new LinkedHashMap<>();
    whole.forEach(
        (path, inFile) -> {
          List<String> names = inFile.names();
          String weight = byPath.get(path);
          if (weight == null) {
            // classifier.modules_to_save.default.weight: a segment is the adapter's name
            weight = byPath.get(withoutAdapter(path, names.get(0)));
          }
          if (weight == null) {
            throw belongsNowhere(names.get(0));
          }
          found.computeIfAbsent(weight, w -> new ArrayList<>()).addAll(names);
        });
    return found;
  }

  private static String withoutAdapter(String path, String name) {
    Matcher saved = SAVED.matcher(name);
    if (!saved.matches() || !saved.group(2).contains(".")) {
      return path;
    }
    String inner = saved.group(2);
    return canonical(saved.group(1) + inner.substring(inner.indexOf('.')));
  }

  /** The adapted modules that nobody has taken, by their paths without what wrappers put in. */
  Map<String, Module> modules() {
    return new LinkedHashMap<>(adapted);
  }

  /** The weights that stand in place of the base's, by their paths without what wrappers put in. */
  Collection<Whole> wholes() {
    return whole.values();
  }

  /** A fault that names a tensor which nothing here is computed with. */
  InputFault belongsNowhere(String name) {
    return new InputFault(where + ": tensor " + name + " belongs to no layer of the model");
  }
}
