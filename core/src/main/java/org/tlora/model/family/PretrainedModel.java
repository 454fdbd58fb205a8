package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.tlora.data.ConversationEncoder;
import org.tlora.data.Labels;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.format.FiniteWeights;
import org.tlora.format.Gguf;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.format.ShardedSafetensors;
import org.tlora.format.WeightStore;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig;
import org.tlora.model.EncoderConfig;
import org.tlora.model.SequenceClassifier;
import org.tlora.text.ChatTemplate;
import org.tlora.text.GgufTokenizer;
import org.tlora.text.Tokenizer;

/** A model on disk: a Hugging Face directory or a GGUF file. */
public final class PretrainedModel implements AutoCloseable {
  /** A model's folder in the hub's cache. */
  private static final Pattern CACHED = Pattern.compile("models--([^/]+?)--([^/]+)");

  private final Path path;
  private final ObjectNode config;
  private final DecoderConfig decoder; // or null
  private final EncoderConfig encoder; // or null
  private final WeightStore weights;
  private final Gguf gguf;
  private Path tokenizerPath; // where the tokenizer's files are
  private boolean addedTokens;
  private Tokenizer tokenizer;

  private PretrainedModel(Path path, ObjectNode config, WeightStore weights, Gguf gguf) {
    this.path = path;
    this.tokenizerPath = path;
    this.config = config;
    this.gguf = gguf;
    String where = gguf == null ? OwnFiles.of(path, "config.json").toString() : path.toString();
    String architecture = architecture(config, where);
    HubConfig hubConfig = new HubConfig(config, where);
    this.encoder = Families.encoder(architecture).map(f -> f.config(hubConfig)).orElse(null);
    this.decoder =
        encoder == null ? Families.ofArchitecture(architecture, where).config(hubConfig) : null;
    this.weights = encoder == null ? weights : new EncoderWeights(weights, encoder);
  }

  /**
   * Opens a model without reading its weights yet.
   *
   * @throws InputFault if there is no model, it is damaged, or its architecture is not known
   */
  public static PretrainedModel open(Path path) {
    if (!Files.exists(path)) {
      throw new InputFault("model " + path + " does not exist");
    }
    if (!Files.isDirectory(path)) {
      if (path.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")) {
        return openGguf(path);
      }
      throw new InputFault("model " + path + " is neither a directory nor a .gguf file");
    }
    Path file = OwnFiles.of(path, "config.json");
    ObjectNode config = Json.readObject(file);
    String architecture = architecture(config, file.toString());
    if (Families.encoder(architecture).isEmpty()) {
      Families.ofArchitecture(architecture, file.toString());
    }
    return opened(path, config, ShardedSafetensors.open(path), null);
  }

  private static PretrainedModel openGguf(Path path) {
    Gguf gguf = Gguf.open(path);
    try {
      Object architecture = gguf.metadata().get("general.architecture");
      GgufDecoder layout =
          Families.ofGguf(String.valueOf(architecture), path.toString()).gguf().orElseThrow();
      ObjectNode config = layout.config(gguf, path.toString());
      return opened(path, config, layout.weights(gguf, config), gguf);
    } catch (RuntimeException e) {
      gguf.close();
      throw e;
    }
  }

  private static PretrainedModel opened(
      Path path, ObjectNode config, WeightStore weights, Gguf gguf) {
    try {
      return new PretrainedModel(path, config, weights, gguf);
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private static String architecture(ObjectNode config, String where) {
    JsonNode first = config.path("architectures").path(0);
    if (!first.isTextual()) {
      throw new InputFault(where + ": no architecture is named");
    }
    return first.asText();
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Where its tokenizer's files are: {@link #path}, unless it was given another's. */
  public Path tokenizerPath() {
    return tokenizerPath;
  }

  /**
   * Takes tokenizer and chat template from another directory from here on, such as those that an
   * adapter was trained with.
   *
   * @param directory with a tokenizer.json
   */
  public synchronized void useTokenizerOf(Path directory) {
    if (tokenizer != null) {
      tokenizer.close();
      tokenizer = null;
    }
    tokenizerPath = directory;
  }

  /** Whether the tokenizer is another than that of the model's files. */
  public boolean hasOtherTokenizer() {
    return addedTokens || !tokenizerPath.equals(path);
  }

  /**
   * Adds tokens to the tokenizer, in memory.
   *
   * @return their ids, in a row
   * @throws org.tlora.fault.UsageFault if one of them is a token already
   */
  public synchronized int[] addTokens(List<String> tokens) {
    NewTokens added = NewTokens.add(tokenizer().definition(), tokens);
    Tokenizer more = Tokenizer.of(added.definition(), tokenizerPath.toString());
    tokenizer.close();
    tokenizer = more;
    addedTokens = true;
    return IntStream.range(added.first(), added.first() + tokens.size()).toArray();
  }

  private boolean tokenizerIsOfGguf() {
    return gguf != null && tokenizerPath.equals(path);
  }

  /** What others should call it: its id on the hub if it lies in the hub's cache, else its path. */
  public String name() {
    for (Path p = path.toAbsolutePath(); p != null && p.getFileName() != null; p = p.getParent()) {
      Matcher folder = CACHED.matcher(p.getFileName().toString());
      if (folder.matches()) {
        return folder.group(1) + "/" + folder.group(2);
      }
    }
    return path.toString();
  }

  /** Its config.json, or what a GGUF file's metadata amount to. */
  public ObjectNode config() {
    return config;
  }

  /** Whether it is an encoder, which learns labels, and no decoder. */
  public boolean isEncoder() {
    return encoder != null;
  }

  /**
   * A decoder's sizes and differences.
   *
   * @throws InputFault if it is none
   */
  public DecoderConfig decoder() {
    if (decoder == null) {
      throw new InputFault(
          "model " + path + " is an encoder, which writes no text: this needs a decoder");
    }
    return decoder;
  }

  /**
   * An encoder's sizes and differences.
   *
   * @throws InputFault if it is none
   */
  public EncoderConfig encoder() {
    if (encoder == null) {
      throw new InputFault("model " + path + " is a decoder: this needs an encoder with labels");
    }
    return encoder;
  }

  /** What an encoder that was saved with a head says of its labels. */
  public Optional<Labels> labels() {
    if (!architecture(config, path.toString()).endsWith("ForSequenceClassification")) {
      return Optional.empty();
    }
    JsonNode names = config.path("id2label");
    int count = names.isEmpty() ? config.path("num_labels").asInt(2) : names.size();
    if (config.path("problem_type").asText().equals(Labels.REGRESSION) || count == 1) {
      return Optional.of(Labels.NUMBERS);
    }
    List<String> classes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      classes.add(names.path("" + i).asText("" + i));
    }
    return Optional.of(new Labels(classes));
  }

  /** Its tensors under Hugging Face's names. */
  public WeightStore weights() {
    return weights;
  }

  /** The GGUF file behind it, or null. */
  public Gguf gguf() {
    return gguf;
  }

  /**
   * Loads a decoder's weights to compute in {@code type}.
   *
   * @throws InputFault if it is none
   */
  public CausalLm load(DType type) {
    return new CausalLm(decoder(), finiteWeights(), type);
  }

  /**
   * Loads an encoder with a head for these labels.
   *
   * @throws InputFault if it is a decoder
   */
  public SequenceClassifier loadClassifier(Labels labels, DType type) {
    return new SequenceClassifier(encoder(), labels, finiteWeights(), type);
  }

  private WeightStore finiteWeights() {
    return new FiniteWeights(weights, "model " + path);
  }

  /**
   * Its tokenizer, read on first use and closed with this.
   *
   * @throws InputFault if there is none
   */
  public synchronized Tokenizer tokenizer() {
    if (tokenizer == null) {
      tokenizer =
          tokenizerIsOfGguf()
              ? Tokenizer.of(
                  GgufTokenizer.definition(gguf.metadata(), path.toString()), path.toString())
              : Tokenizer.read(OwnFiles.of(tokenizerPath, "tokenizer.json"));
    }
    return tokenizer;
  }

  /** Its tokenizer_config.json, or one made from a GGUF file's metadata. */
  public ObjectNode tokenizerConfig() {
    if (!tokenizerIsOfGguf()) {
      Path file = OwnFiles.of(tokenizerPath, "tokenizer_config.json");
      if (gguf == null && !Files.exists(file)) {
        file = OwnFiles.of(path, "tokenizer_config.json");
      }
      return Files.exists(file) ? Json.readObject(file) : Json.object();
    }
    ObjectNode json = Json.object();
    json.put("tokenizer_class", "PreTrainedTokenizerFast");
    json.put("clean_up_tokenization_spaces", false);
    List<?> tokens =
        gguf.metadata().get("tokenizer.ggml.tokens") instanceof List<?> l ? l : List.of();
    token(json, "bos_token", "tokenizer.ggml.bos_token_id", tokens);
    token(json, "eos_token", "tokenizer.ggml.eos_token_id", tokens);
    token(json, "unk_token", "tokenizer.ggml.unknown_token_id", tokens);
    token(json, "pad_token", "tokenizer.ggml.padding_token_id", tokens);
    if (gguf.metadata().get("tokenizer.chat_template") instanceof String template) {
      json.put("chat_template", template);
    }
    return json;
  }

  private void token(ObjectNode json, String field, String key, List<?> tokens) {
    if (gguf.metadata().get(key) instanceof Long id && id >= 0 && id < tokens.size()) {
      json.put(field, (String) tokens.get(id.intValue()));
    }
  }

  /**
   * Its chat template (Jinja), the default one where it has several by name, or null. Where another
   * directory's tokenizer has none, it is the model's own.
   */
  public String chatTemplate() {
    String template = tokenizerIsOfGguf() ? null : chatTemplateFile(tokenizerPath);
    if (template == null) {
      template = chatTemplateIn(tokenizerConfig());
    }
    return template == null && !tokenizerPath.equals(path) ? ownChatTemplate() : template;
  }

  private String ownChatTemplate() {
    if (gguf != null) {
      return gguf.metadata().get("tokenizer.chat_template") instanceof String t ? t : null;
    }
    String template = chatTemplateFile(path);
    Path file = OwnFiles.of(path, "tokenizer_config.json");
    return template == null && Files.exists(file)
        ? chatTemplateIn(Json.readObject(file))
        : template;
  }

  private static String chatTemplateFile(Path directory) {
    Path file = OwnFiles.of(directory, "chat_template.jinja");
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  private static String chatTemplateIn(ObjectNode tokenizerConfig) {
    JsonNode template = tokenizerConfig.path("chat_template");
    for (JsonNode named : template.isArray() ? template : List.<JsonNode>of()) {
      if (named.path("name").asText().equals("default")) {
        return named.path("template").asText();
      }
    }
    return template.isTextual() ? template.asText() : null;
  }

  /** Encodes conversations by the model's chat template, if it has one. */
  public Optional<ConversationEncoder> conversationEncoder() {
    String template = chatTemplate();
    if (template == null) {
      return Optional.empty();
    }
    Set<Integer> ends = new HashSet<>(generationEos());
    ends.add(trainingEos());
    ChatTemplate chat = new ChatTemplate(template, specialTokens());
    return Optional.of(new ConversationEncoder(tokenizer(), chat, ends, trainingEos()));
  }

  /** Texts of special tokens by their names, such as {@code bos_token}. */
  Map<String, String> specialTokens() {
    Map<String, String> tokens = new LinkedHashMap<>();
    ObjectNode config = tokenizerConfig();
    for (String name : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
      JsonNode token = config.path(name);
      String text = token.isObject() ? token.path("content").asText() : token.asText("");
      if (!text.isEmpty()) {
        tokens.put(name, text);
      }
    }
    return tokens;
  }

  /**
   * The token that ends a response in training: the tokenizer's eos, or else the configuration's.
   *
   * @throws InputFault if the model names none
   */
  public int trainingEos() {
    JsonNode eos = tokenizerConfig().path("eos_token");
    String content = eos.isObject() ? eos.path("content").asText() : eos.asText("");
    if (!content.isEmpty()) {
      int id = tokenizer().idOf(content);
      if (id >= 0) {
        return id;
      }
    }
    if (decoder().eosTokens().isEmpty()) {
      throw new InputFault("model " + path + " names no eos token");
    }
    return decoder.eosTokens().get(0);
  }

  /**
   * The tokens that end generation: those of generation_config.json, or else the configuration's.
   */
  public List<Integer> generationEos() {
    if (gguf == null) {
      Path file = OwnFiles.of(path, "generation_config.json");
      if (Files.exists(file)) {
        List<Integer> tokens = HubConfig.eosTokens(Json.readObject(file));
        if (!tokens.isEmpty()) {
          return tokens;
        }
      }
    }
    return decoder().eosTokens();
  }

  @Override
  public void close() {
    weights.close();
    if (tokenizer != null) {
      tokenizer.close();
    }
  }
}
