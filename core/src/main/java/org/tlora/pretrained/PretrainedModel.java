/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.tlora.data.Labels;
import org.tlora.data.encode.ConversationEncoder;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.format.DeviceWeights;
import org.tlora.format.FiniteWeights;
import org.tlora.format.Gguf;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig;
import org.tlora.model.EncoderConfig;
import org.tlora.model.SequenceClassifier;
import org.tlora.model.family.Families;
import org.tlora.model.family.HubConfig;
import org.tlora.text.GgufTokenizer;
import org.tlora.text.Tokenizer;
import org.tlora.text.chat.ChatTemplate;

/** A model on disk: a Hugging Face directory or a GGUF file. */
public final class PretrainedModel implements AutoCloseable {
  /** A model's folder in the hub's cache. */
  private static final Pattern CACHED = Pattern.compile("models--([^/]+?)--([^/]+)");

  private static final String GENERATION = "generation_config.json";

  /** Numbers of a tensor that is read to see how long that takes. */
  private static final long LARGEST_SAMPLE = 20_000_000;

  private final Path path;
  private final Families families;
  private final Checkpoint files;
  private final DecoderConfig decoder; // or null
  private final Gguf gguf; // or null
  private Path tokenizerPath; // where the tokenizer's files are
  private Path templatePath; // where another chat template is, or null
  private boolean addedTokens;
  private Tokenizer tokenizer; // null until it is needed
  private List<Integer> generationEos; // null until they are needed

  private PretrainedModel(Path path, Families families, Checkpoint files) {
    this.path = path;
    this.families = families;
    this.tokenizerPath = path;
    this.files = files;
    decoder = files.decoder();
    gguf = files.gguf();
  }

  /**
   * Opens a model of a family of this library without reading its weights yet.
   *
   * @throws InputFault if there is no model, it is damaged or quantised, or its architecture is not
   *     known
   */
  public static PretrainedModel open(Path path) {
    return open(path, Families.known());
  }

  /** The same of a family of these. */
  public static PretrainedModel open(Path path, Families families) {
    return new PretrainedModel(path, families, Checkpoint.open(path, families));
  }

  /**
   * Lines for a person about what the model's files have and nothing uses, and where they are not
   * what they say they are.
   */
  public List<String> notices() {
    return files.notices();
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** The families of which it could be. */
  public Families families() {
    return families;
  }

  /** Where its tokenizer's files are: {@link #path}, unless it was given another's. */
  public Path tokenizerPath() {
    return tokenizerPath;
  }

  /**
   * Takes tokenizer and chat template from another directory from here on, as far as they are
   * there, such as those that an adapter was trained with.
   */
  public synchronized void useTokenizerOf(Path directory) {
    if (Files.exists(directory.resolve("tokenizer.json"))) {
      if (tokenizer != null) {
        tokenizer.close();
        tokenizer = null;
      }
      tokenizerPath = directory;
    } else if (!ChatTemplateFiles.ofDirectory(directory).isEmpty()) {
      templatePath = directory;
    }
  }

  /** Whether tokenizer or chat template are others than those of the model's files. */
  public boolean hasOtherTokenizer() {
    return addedTokens || templatePath != null || !tokenizerPath.equals(path);
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
    return files.config();
  }

  /**
   * The type that its weights are written in where nobody says otherwise: that of the files,
   * float32, bfloat16 or float16; float32 where it is another, and bfloat16 where a GGUF file has
   * blocks, which are coarser.
   */
  public DType storedType() {
    if (gguf != null && holdsCodes()) {
      return DType.BFLOAT16;
    }
    String name = config().path("dtype").asText(config().path("torch_dtype").asText("float32"));
    return switch (name) {
      case "bfloat16" -> DType.BFLOAT16;
      case "float16" -> DType.FLOAT16;
      default -> DType.FLOAT32;
    };
  }

  /** Whether config.json says that output layer and embedding are one, and they differ. */
  public boolean hasHeadApart() {
    return files.headApart();
  }

  /** Whether it is an encoder, which learns labels, and no decoder. */
  public boolean isEncoder() {
    return files.encoder() != null;
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
    if (!isEncoder()) {
      throw new InputFault("model " + path + " is a decoder: this needs an encoder with labels");
    }
    return files.encoder();
  }

  /** What an encoder that was saved with a head says of its labels. */
  public Optional<Labels> labels() {
    return HubDirectory.labels(files.config());
  }

  /** The tensors that it computes with under Hugging Face's names, each once. */
  public WeightStore weights() {
    return files.weights();
  }

  /** Whether any matrix in its files is codes of fewer bits. */
  public boolean holdsCodes() {
    return weights().names().stream().anyMatch(weights()::isCoded);
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
    return load(type, Device.CPU);
  }

  /** The same on a device. */
  public CausalLm load(DType type, Device device) {
    return load(type, device, BaseWeights.DENSE);
  }

  /**
   * The same.
   *
   * @param form what the layers' matrices are held in; only a processor holds codes
   */
  public CausalLm load(DType type, Device device, BaseWeights form) {
    return new CausalLm(decoder(), finiteWeights(type, device, form), type);
  }

  /**
   * Loads an encoder with a head for these labels.
   *
   * @throws InputFault if it is a decoder
   */
  public SequenceClassifier loadClassifier(Labels labels, DType type) {
    return loadClassifier(labels, type, Device.CPU);
  }

  /** The same on a device. */
  public SequenceClassifier loadClassifier(Labels labels, DType type, Device device) {
    return loadClassifier(labels, type, device, BaseWeights.DENSE);
  }

  /** The same, with the layers' matrices held in a form. */
  public SequenceClassifier loadClassifier(
      Labels labels, DType type, Device device, BaseWeights form) {
    return new SequenceClassifier(encoder(), labels, finiteWeights(type, device, form), type);
  }

  /**
   * A decoder of the same structure on the meta device, which has shapes and no numbers: nothing is
   * read but the files' headers.
   *
   * @param form what the layers' matrices would be held in
   * @throws InputFault if it is none
   */
  public CausalLm rehearse(DType type, BaseWeights form) {
    return new CausalLm(decoder(), rehearsedWeights(type, form), type);
  }

  /** The same of an encoder with a head for these labels. */
  public SequenceClassifier rehearseClassifier(Labels labels, DType type, BaseWeights form) {
    return new SequenceClassifier(encoder(), labels, rehearsedWeights(type, form), type);
  }

  /**
   * One of its matrices in a code, as it is held in a form; the caller owns it.
   *
   * @param code as {@link org.tlora.engine.Coding#code} names it
   * @throws InputFault if none is
   */
  public CodedMatrix sampleOf(String code, DType type, BaseWeights form) {
    WeightStore stored = form.of(files.weights(), type, "model " + path);
    return stored.names().stream()
        .filter(n -> stored.coding(n).filter(c -> c.code().equals(code)).isPresent())
        .min(Comparator.comparingLong(n -> stored.coding(n).orElseThrow().bytes()))
        .flatMap(stored::coded)
        .orElseThrow(() -> new InputFault("model " + path + " has no matrix in " + code));
  }

  /** How long it takes to read all weights into a form, after how long one of them takes. */
  public double secondsToLoad(DType type, BaseWeights form) {
    WeightStore stored = finiteWeights(type, Device.CPU, form);
    long all = stored.names().stream().mapToLong(n -> numbers(stored, n)).sum();
    String sample =
        stored.names().stream()
            .filter(n -> numbers(stored, n) <= LARGEST_SAMPLE)
            .max(Comparator.comparingLong(n -> numbers(stored, n)))
            .orElseThrow();
    long start = System.nanoTime();
    try (Scope scope = new Scope()) {
      Optional<CodedMatrix> coded = stored.coded(sample);
      if (coded.isPresent()) {
        coded.get().close();
      } else {
        stored.load(sample, type);
      }
    }
    return (System.nanoTime() - start) / 1e9 * all / numbers(stored, sample);
  }

  private static long numbers(WeightStore store, String name) {
    return Arrays.stream(store.shape(name)).reduce(1, (a, b) -> a * b);
  }

  private WeightStore rehearsedWeights(DType type, BaseWeights form) {
    WeightStore stored = form.of(files.weights(), type, "model " + path);
    return new RehearsedWeights(stored, holdsCodes() ? type : storedType());
  }

  private WeightStore finiteWeights(DType type, Device device, BaseWeights form) {
    String where = "model " + path;
    WeightStore stored = form.of(new FiniteWeights(files.weights(), where), type, where);
    return device.isCpu() ? stored : new DeviceWeights(stored, device);
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
    if (tokenizerIsOfGguf()) {
      return GgufFile.tokenizerConfig(gguf);
    }
    boolean other =
        gguf != null || Files.exists(OwnFiles.of(tokenizerPath, ChatTemplateFiles.CONFIG));
    return ChatTemplateFiles.tokenizerConfig(other ? tokenizerPath : path);
  }

  /**
   * Its chat template (Jinja), the default one where it has several by name, or null. Where another
   * directory's tokenizer has none, it is the model's own.
   */
  public String chatTemplate() {
    return chatTemplates().main();
  }

  private ChatTemplateFiles chatTemplates() {
    if (templatePath != null) {
      return ChatTemplateFiles.ofDirectory(templatePath);
    }
    ChatTemplateFiles found =
        ChatTemplateFiles.of(tokenizerIsOfGguf() ? null : tokenizerPath, tokenizerConfig());
    if (!found.isEmpty() || tokenizerPath.equals(path)) {
      return found;
    }
    return gguf == null
        ? ChatTemplateFiles.ofDirectory(path)
        : ChatTemplateFiles.of(null, GgufFile.tokenizerConfig(gguf));
  }

  /** Encodes conversations by the model's chat template, if it has one. */
  public Optional<ConversationEncoder> conversationEncoder() {
    ChatTemplateFiles templates = chatTemplates();
    String template = templates.main();
    if (template == null) {
      return Optional.empty();
    }
    Set<Integer> ends = new HashSet<>(generationEos());
    Map<String, String> special = specialTokens();
    ChatTemplate chat = new ChatTemplate(template, special);
    String tools =
        gguf == null
            ? templates.withTools()
            : AdditionalTemplates.of(this).get(ChatTemplateFiles.WITH_TOOLS);
    ChatTemplate withTools = tools == null ? chat : new ChatTemplate(tools, special);
    return Optional.of(
        new ConversationEncoder(tokenizer(), chat, withTools, ends, this::trainingEos));
  }

  /** The tokens that end an answer of a conversation: those of generation, and the template's. */
  public List<Integer> conversationEos(ConversationEncoder encoder) {
    List<Integer> ends = new ArrayList<>(generationEos());
    int own = encoder.turnEnd();
    if (own >= 0 && !ends.contains(own)) {
      ends.add(own);
    }
    return ends;
  }

  /** Texts of special tokens by their names, such as {@code bos_token}. */
  public Map<String, String> specialTokens() {
    return SpecialTokens.of(tokenizerConfig());
  }

  /**
   * The token that ends a response in training: the tokenizer's eos, or else the configuration's.
   *
   * @throws InputFault if the model names none
   */
  public int trainingEos() {
    String content = SpecialTokens.text(tokenizerConfig().path("eos_token"));
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

  /** Its generation_config.json; empty where there is none, as with a GGUF file. */
  public ObjectNode generationConfig() {
    return gguf == null ? HubDirectory.companion(path, GENERATION) : Json.object();
  }

  /**
   * The tokens that end generation: those of generation_config.json, or else the configuration's.
   */
  public synchronized List<Integer> generationEos() {
    if (generationEos == null) {
      generationEos = readGenerationEos();
    }
    return generationEos;
  }

  private List<Integer> readGenerationEos() {
    String text = Json.compact(generationConfig());
    List<Integer> tokens = HubConfig.parse(text, GENERATION).eosTokens();
    return tokens.isEmpty() ? decoder().eosTokens() : tokens;
  }

  @Override
  public void close() {
    files.weights().close();
    if (tokenizer != null) {
      tokenizer.close();
    }
  }
}
