/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.disk.DetachedAdapter.Beside;

/**
 * What is around the products of an adapter that is made of others: which base it is for, the
 * weights and the vectors of tokens that they bring whole, files beside them. Where they say
 * different things, either it does not matter or they are refused.
 */
public final class AdapterFrame {
  /**
   * The product for one module of the new adapter.
   *
   * @param path of the module
   * @param lookup whether tokens are looked up in it
   * @param factors owned by the caller
   */
  public record Made(String path, boolean lookup, LoraFactors factors) {}

  private final Path directory;
  private final List<DetachedAdapter> sources;
  private final AgreedBase base;
  private final Map<String, Beside> whole = new LinkedHashMap<>();
  private final Map<String, Beside> tokens = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  private AdapterFrame(Path directory, List<DetachedAdapter> sources, AgreedBase base) {
    this.directory = directory;
    this.sources = List.copyOf(sources);
    this.base = base;
  }

  /**
   * That of an adapter which is made of others.
   *
   * @param sources open until it has been written
   * @param directory where it will be written
   * @param baseName what the base is called, or null: as they call it
   * @throws UsageFault if one of them would be written over
   * @throws InputFault if they are for different bases, or bring different weights for one module
   */
  public static AdapterFrame of(List<DetachedAdapter> sources, Path directory, String baseName) {
    sources.forEach(s -> requireOther(s.directory(), directory));
    AgreedBase base = AgreedBase.of(sources, baseName);
    AdapterFrame frame = new AdapterFrame(directory, sources, base);
    frame.notes.addAll(base.notes());
    for (DetachedAdapter source : sources) {
      source.notes().forEach(n -> frame.notes.add(source.directory() + ": " + n));
      source.whole.forEach((name, w) -> frame.gather(frame.whole, name, w, source));
      source.tokens.forEach((name, w) -> frame.gather(frame.tokens, name, w, source));
    }
    frame.requireOneTokenList();
    frame.noteFixedHalves();
    return frame;
  }

  private static void requireOther(Path source, Path directory) {
    try {
      if (Files.exists(directory) && Files.isSameFile(source, directory)) {
        throw new UsageFault("`output` is " + source + ", an adapter that is read");
      }
    } catch (IOException e) {
      throw new InputFault(source + " cannot be read: " + Json.reason(e), e);
    }
  }

  private void gather(
      Map<String, Beside> into, String name, Beside brought, DetachedAdapter source) {
    Beside before = into.putIfAbsent(name, brought);
    if (before != null && !SameWeights.are(before.tensor(), brought.tensor())) {
      throw new InputFault(
          source.directory()
              + " and "
              + ownerOf(before).directory()
              + " bring different weights of "
              + brought.path()
              + " (modules_to_save, biases, tables or tokens), of which an adapter can have one"
              + " alone");
    }
  }

  private DetachedAdapter ownerOf(Beside brought) {
    return sources.stream()
        .filter(s -> s.whole.containsValue(brought) || s.tokens.containsValue(brought))
        .findFirst()
        .orElseThrow();
  }

  /** Vectors are of the tokens that the configuration lists: the lists must be the same, too. */
  private void requireOneTokenList() {
    JsonNode first = null;
    for (DetachedAdapter s : sources) {
      JsonNode said = s.config().json().path("trainable_token_indices");
      if (s.tokens.isEmpty()) {
        continue;
      }
      if (first != null && !first.equals(said)) {
        throw new InputFault(
            s.config().file()
                + ": trainable_token_indices differs from that of another adapter, "
                + first);
      }
      first = said;
    }
  }

  private void noteFixedHalves() {
    for (DetachedAdapter s : sources) {
      if (s.hasFixedHalf()) {
        notes.add(
            s.directory()
                + " has products that stand for what its method took out of the base; in the new"
                + " adapter they are part of the product, and would train with the rest");
      }
    }
  }

  /** What a user should know, a line each. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** Which adapter brings which weights beside products, by its directory. */
  public Map<Path, List<String>> brought() {
    Map<Path, List<String>> all = new LinkedHashMap<>();
    List<Beside> every = new ArrayList<>(whole.values());
    every.addAll(tokens.values());
    every.forEach(
        b -> all.computeIfAbsent(ownerOf(b).directory(), d -> new ArrayList<>()).add(b.path()));
    return all;
  }

  /**
   * Writes the new adapter in HF PEFT's format, for the original base.
   *
   * @param made the products, by their modules' paths without what wrappers put in
   * @param options rank and alpha that are said where modules differ
   * @throws InputFault if a module has a product and comes whole as well
   * @throws RunFault if it cannot be written, or has numbers that are none
   */
  public void write(Map<String, Made> made, PeftOptions options) {
    try (Scope scope = new Scope()) {
      Map<String, Made> all = withBiases(withTurned(made));
      Map<String, LoraFactors> factors = new LinkedHashMap<>();
      Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
      all.forEach(
          (name, m) -> {
            requireFinite(m);
            factors.put(m.path(), m.factors());
            AdapterWriter.add(tensors, m.path(), m.lookup(), m.factors());
          });
      whole.forEach(
          (name, w) ->
              tensors.put(onDisk(w.path(), all.keySet()), Safetensors.Source.of(w.tensor())));
      tokens.forEach(
          (name, w) ->
              tensors.put(
                  AdapterDirectory.PREFIX + w.path() + ".token_adapter.trainable_tokens_delta",
                  Safetensors.Source.of(w.tensor())));
      ObjectNode config = LoraConfigJson.of(factors, targets(made), base.name(), options);
      base.addTo(config);
      addTokens(config);
      requireNoneWholeToo(config, made);
      AtomicFiles.prepareDirectory(directory);
      BesideFiles.copy(sources, directory, notes::add);
      AdapterWriter.write(directory, tensors, base.metadata(), config);
    }
  }

  private static void requireFinite(Made m) {
    boolean finite = m.factors().a().isFinite() && m.factors().b().isFinite();
    if (!finite || (m.factors().bias() != null && !m.factors().bias().isFinite())) {
      throw new RunFault(
          "the product of "
              + m.path()
              + " became infinite or not a number: its weights or scalings are too great");
    }
  }

  /** The products with those that tied output layers have of their embeddings' new ones. */
  private Map<String, Made> withTurned(Map<String, Made> made) {
    Map<String, Made> all = new LinkedHashMap<>(made);
    for (DetachedAdapter s : sources) {
      s.turned.forEach(
          (head, embedding) -> {
            LoraFactors f = made.get(embedding).factors();
            LoraFactors other =
                new LoraFactors(
                    f.b().t().contiguous(), f.a().t().contiguous(), null, f.scaling(), 0);
            String name = AdapterKeys.canonical(head);
            if (made.containsKey(name)) {
              throw new InputFault(
                  head
                      + " has a product of its own in one adapter and that of the embedding, which"
                      + " it is tied to, in another: they cannot be one adapter");
            }
            all.put(name, new Made(head, false, other));
          });
    }
    return all;
  }

  /** Where one product has a bias all have one, since {@code lora_bias} is said once for all. */
  private static Map<String, Made> withBiases(Map<String, Made> made) {
    if (made.values().stream().allMatch(m -> m.factors().bias() == null)) {
      return made;
    }
    Map<String, Made> all = new LinkedHashMap<>();
    made.forEach(
        (name, m) -> {
          LoraFactors f = m.factors();
          if (m.lookup()) {
            throw new InputFault(
                "one adapter has lora_bias, another a product of the embedding "
                    + m.path()
                    + ", which has no such bias in PEFT: they cannot be one adapter");
          }
          Tensor bias = f.bias() == null ? f.b().newZeros(f.b().dtype(), f.b().size(0)) : f.bias();
          LoraFactors filled = new LoraFactors(f.a(), f.b(), bias, null, f.scaling(), 0);
          all.put(name, new Made(m.path(), false, filled));
        });
    return all;
  }

  /** PEFT keeps an adapted module's own parameters below {@code base_layer}. */
  private static String onDisk(String path, Set<String> adapted) {
    String module = WholeWeights.module(path);
    return AdapterDirectory.PREFIX
        + module
        + (adapted.contains(AdapterKeys.canonical(module)) ? ".base_layer" : "")
        + path.substring(module.length());
  }

  /**
   * The adapters' own names of targets where they mean the same together as by themselves, else the
   * paths of all modules.
   */
  private Set<String> targets(Map<String, Made> made) {
    Set<String> paths = new LinkedHashSet<>();
    made.values().forEach(m -> paths.add(m.path()));
    Set<String> names = new LinkedHashSet<>();
    for (DetachedAdapter s : sources) {
      Optional<List<String>> own = s.config().plainTargets();
      if (own.isEmpty()) {
        return paths;
      }
      names.addAll(own.get());
    }
    boolean all =
        paths.stream()
            .allMatch(p -> names.stream().anyMatch(n -> p.equals(n) || p.endsWith("." + n)));
    return all ? names : paths;
  }

  private void addTokens(ObjectNode config) {
    sources.stream()
        .filter(s -> !s.tokens.isEmpty())
        .findFirst()
        .ifPresent(
            s ->
                config.set(
                    "trainable_token_indices",
                    s.config().json().path("trainable_token_indices").deepCopy()));
    Set<String> saved = new LinkedHashSet<>();
    sources.forEach(s -> saved.addAll(s.config().modulesToSave()));
    if (!saved.isEmpty()) {
      ArrayNode names = config.putArray("modules_to_save");
      saved.forEach(names::add);
    }
  }

  /** PEFT puts no product on a module that another adapter of the same made one saves whole. */
  private void requireNoneWholeToo(ObjectNode config, Map<String, Made> made) {
    PeftTargets targets = new PeftTargets(config, directory.toString());
    made.values()
        .forEach(
            m -> {
              String against = targets.against(m.path());
              if (against != null) {
                throw new InputFault(
                    "one adapter has a low-rank product of "
                        + m.path()
                        + ", another leaves it out or brings it whole ("
                        + against
                        + "): they cannot be one adapter");
              }
            });
  }
}
