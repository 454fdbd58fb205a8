/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.share;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tlora.card.CardEdit;
import org.tlora.card.CardFile;
import org.tlora.card.HubPlace;
import org.tlora.card.Kind;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Gguf;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.hub.UploadFile;
import org.tlora.peft.disk.DetachedAdapter;
import org.tlora.pretrained.PretrainedModel;

/**
 * What of a directory goes to others.
 *
 * @param files as they are to be there
 * @param base what the base is called on the hub, or null where there is none or nobody knows
 * @param notes what a user should know, a line each: what was replaced, what is left out
 */
public record SharePlan(List<UploadFile> files, String base, List<String> notes) {
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String CHECKPOINTS = "checkpoints";
  private static final String RUN = "run.yaml";

  private static final String TOKENIZER =
      "tokenizer\\.json|tokenizer_config\\.json|special_tokens_map\\.json|added_tokens\\.json"
          + "|chat_template\\.(jinja|json)|vocab\\.(json|txt)|merges\\.txt"
          + "|.*tokenizer\\.model|.+\\.(tiktoken|spm)|spm\\.model|sentencepiece\\.bpe\\.model";
  private static final Map<Kind, Pattern> OWN =
      Map.of(
          Kind.ADAPTER,
          Pattern.compile("adapter_config\\.json|adapter_model\\.safetensors|" + TOKENIZER),
          Kind.MODEL,
          Pattern.compile(
              "config\\.json|generation_config\\.json|.+\\.safetensors(\\.index\\.json)?|.+\\.py|"
                  + TOKENIZER),
          Kind.GGUF,
          Pattern.compile(".+\\.gguf|(.+\\.)?Modelfile"));

  /** Small configurations, in which places are replaced. */
  private static final Pattern CONFIGURATION =
      Pattern.compile(
          "adapter_config\\.json|config\\.json|generation_config\\.json|tokenizer_config\\.json");

  /** What holds weights and words, in which nothing is a place, whatever it looks like. */
  private static final Pattern OPAQUE =
      Pattern.compile(
          ".+\\.(safetensors|gguf|model|tiktoken|spm)|tokenizer\\.json|vocab\\.(json|txt)"
              + "|merges\\.txt|added_tokens\\.json|special_tokens_map\\.json");

  /** Keeps copies of the lists. */
  public SharePlan {
    files = List.copyOf(files);
    notes = List.copyOf(notes);
  }

  /**
   * What a user wishes.
   *
   * @param repository {@code OWNER/NAME}, where it is to be
   * @param base what its base is called on the hub, or null: as the files say
   * @param include names of files that are no part of adapter or model, and go along
   * @param checkpoints whether those of a run go along too
   * @param token that must not be in any file, or null
   */
  public record Wishes(
      String repository, String base, List<String> include, boolean checkpoints, String token) {
    /** Keeps a copy of the list. */
    public Wishes {
      include = List.copyOf(include);
    }
  }

  /**
   * Looks through a directory.
   *
   * @throws InputFault if it holds neither an adapter nor a model, or one that is not whole
   * @throws UsageFault if a file would tell what is of this machine alone, or is not there
   */
  public static SharePlan of(Path directory, Wishes wishes) {
    Kind kind = Kind.of(directory);
    requireWhole(directory, kind);
    String base = kind == Kind.ADAPTER ? base(directory, wishes) : wishes.base();
    List<String> notes = new ArrayList<>();
    PrivateText privately =
        new PrivateText(
            wishes.token(),
            System.getProperty("user.home"),
            System.getProperty("user.dir"),
            directory.toAbsolutePath().normalize().toString());
    SharedTexts texts = new SharedTexts(privately, base, notes::add);
    Set<String> names = names(directory, kind, wishes, notes);
    Map<String, UploadFile> files = new LinkedHashMap<>();
    for (String name : names) {
      files.put(name, file(texts, OwnFiles.of(directory, name), name));
    }
    templates(directory).forEach(f -> files.put(f, texts.asItIs(f, directory.resolve(f))));
    if (wishes.checkpoints()) {
      checkpoints(directory).forEach(f -> files.put(f, checkpoint(texts, directory, f)));
    }
    files.put(CardFile.NAME, card(directory, wishes, base, texts, notes));
    return new SharePlan(List.copyOf(files.values()), base, notes);
  }

  private static void requireWhole(Path directory, Kind kind) {
    switch (kind) {
      case ADAPTER -> requireWholeAdapter(directory);
      case MODEL -> PretrainedModel.open(directory).close();
      case GGUF -> Kind.gguf(directory).forEach(f -> Gguf.open(f).close());
    }
  }

  private static void requireWholeAdapter(Path directory) {
    if (!Files.exists(directory.resolve(WEIGHTS))) {
      throw new InputFault(directory + " has no " + WEIGHTS + ": only PEFT's format is for others");
    }
    DetachedAdapter.read(directory).close();
  }

  /** The base's id: a path would be a base that nobody else has. */
  private static String base(Path directory, Wishes wishes) {
    if (wishes.base() != null) {
      return wishes.base();
    }
    Path file = directory.resolve(Kind.ADAPTER_CONFIG);
    ObjectNode config = Json.readObject(file);
    String named = config.path("base_model_name_or_path").asText("");
    if (HubPlace.isId(named) && !Files.exists(Path.of(named))) {
      return named;
    }
    throw new UsageFault(
        file
            + (named.isEmpty() ? " names no base" : ": the base " + named + " is on this machine")
            + ", which is of no use to others: name the hub's model with `base` OWNER/NAME");
  }

  private static Set<String> names(Path directory, Kind kind, Wishes wishes, List<String> notes) {
    Set<String> names = new LinkedHashSet<>();
    Set<String> left = new TreeSet<>();
    for (String name : list(directory)) {
      if (OWN.get(kind).matcher(name).matches()) {
        names.add(name);
      } else if (!name.equals(CardFile.NAME) && !wishes.include().contains(name)) {
        left.add(name);
      }
    }
    for (String name : wishes.include()) {
      if (name.equals(CardFile.NAME)) {
        continue; // always
      }
      if (!Files.isRegularFile(OwnFiles.of(directory, name))) {
        throw new UsageFault("`include` " + name + ": there is no such file in " + directory);
      }
      names.add(name);
    }
    if (!wishes.checkpoints() && Files.isDirectory(directory.resolve(CHECKPOINTS))) {
      left.add(CHECKPOINTS);
    }
    if (!left.isEmpty()) {
      notes.add("left out: " + String.join(", ", left));
    }
    return names;
  }

  /** Plain files of a directory, but those that are hidden. */
  private static List<String> list(Path directory) {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(Files::isRegularFile)
          .map(f -> f.getFileName().toString())
          .filter(n -> !n.startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new InputFault(directory + " cannot be listed: " + Json.reason(e), e);
    }
  }

  private static UploadFile file(SharedTexts texts, Path file, String name) {
    if (CONFIGURATION.matcher(name).matches()) {
      return texts.json(file);
    }
    if (name.equals(RUN)) {
      return texts.yaml(file);
    }
    return OPAQUE.matcher(name).matches() ? UploadFile.of(name, file) : texts.asItIs(name, file);
  }

  /** Named chat templates of a model, which are in a folder of their own. */
  private static List<String> templates(Path directory) {
    return below(directory, "additional_chat_templates", ".+\\.jinja");
  }

  private static List<String> checkpoints(Path directory) {
    return below(directory, CHECKPOINTS, "step-\\d+/.+");
  }

  /** The plain files below a folder whose path in it has a form; links are not followed. */
  private static List<String> below(Path directory, String folder, String form) {
    Path root = directory.resolve(folder);
    if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS))
          .map(f -> root.relativize(f).toString().replace('\\', '/'))
          .filter(f -> f.matches(form))
          .sorted()
          .map(f -> folder + "/" + f)
          .toList();
    } catch (IOException e) {
      throw new InputFault(root + " cannot be listed: " + Json.reason(e), e);
    }
  }

  /** As it is, since its manifest has a digest of every file. */
  private static UploadFile checkpoint(SharedTexts texts, Path directory, String name) {
    Path file = directory.resolve(name);
    if (OPAQUE.matcher(String.valueOf(file.getFileName())).matches()) {
      return UploadFile.of(name, file);
    }
    if (name.endsWith("/" + Kind.ADAPTER_CONFIG)) {
      String base = Json.readObject(file).path("base_model_name_or_path").asText("");
      if (PrivateText.isPlace(base)) {
        throw new UsageFault(
            name
                + ": the base "
                + base
                + " is on this machine, and a checkpoint cannot be changed: leave out"
                + " `includeCheckpoints`");
      }
    }
    return texts.asItIs(name, file);
  }

  private static UploadFile card(
      Path directory, Wishes wishes, String base, SharedTexts texts, List<String> notes) {
    CardEdit edit = new CardEdit(base, null, List.of(), List.of(), wishes.repository());
    Optional<CardFile> card = edit.on(directory);
    Path file = directory.resolve(CardFile.NAME);
    if (card.isEmpty()) {
      notes.add("README.md is somebody's own and goes as it is");
      return texts.asItIs(CardFile.NAME, file);
    }
    if (!Files.exists(file)) {
      notes.add("README.md is made of what the directory holds, since there is none");
    }
    String text = card.get().text();
    texts.requirePublic(CardFile.NAME, text);
    return SharedTexts.text(CardFile.NAME, text);
  }
}
