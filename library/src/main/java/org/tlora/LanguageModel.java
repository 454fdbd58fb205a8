/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.tlora.collective.Agreement;
import org.tlora.collective.Collective;
import org.tlora.data.encode.ConversationEncoder;
import org.tlora.engine.ProcessMemory;
import org.tlora.evaluate.TaskRows;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationListener;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Scheduler;
import org.tlora.loading.LoadedModel;
import org.tlora.model.AdapterMix;
import org.tlora.model.CausalLm;
import org.tlora.model.SequenceClassifier;
import org.tlora.model.weight.WeightForms;
import org.tlora.peft.disk.AdapterDirectory;
import org.tlora.peft.disk.StoredAdapter;
import org.tlora.peft.method.PeftMethods;
import org.tlora.plan.Planner;
import org.tlora.pretrained.BaseWeights;
import org.tlora.run.Fitting;
import org.tlora.run.RunListener;
import org.tlora.run.RunPlan;
import org.tlora.run.StopSignal;
import org.tlora.text.PromptTemplate;
import org.tlora.text.chat.Message;
import org.tlora.tune.BesideOptions;
import org.tlora.tune.Contents;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;

/**
 * A language model: what can be fine-tuned, talked with, scored and written for other programs.
 *
 * <p>Safe for threads: texts of several threads are generated side by side, also while a
 * fine-tuning runs on the same weights. Its memory is native and freed by {@link #close}, which
 * nothing else of it may follow.
 */
public final class LanguageModel implements AutoCloseable {
  private final LanguageModelLoader.Place place;
  private final LanguageModelLoader.Form form;
  private final Limits limits;
  private final Collective group;
  private final RunListener listener;
  private final List<Attached> attached = new ArrayList<>(); // guarded by this
  private final List<TrainingRun> runs = new ArrayList<>(); // guarded by this
  private LoadedModel loaded; // guarded by this; null until it is needed
  private Scheduler scheduler; // guarded by this; null until it is needed
  private Asking asking; // guarded by this; null until it is needed
  private TextVectors vectors; // guarded by this; null until it is needed

  /** An adapter, and the weight of what it adds. */
  private record Attached(TrainedAdapter adapter, double weight) {}

  /** Bounds of what is generated at a time. */
  record Limits(int textsAtOnce, long keyValueBytes) {
    /** A share of what is free. */
    static final long OF_FREE_MEMORY = -1;

    private static final long LEAST = 256L << 20;

    /** What there is for keys and values, once the weights are loaded. */
    long bytes() {
      if (keyValueBytes != OF_FREE_MEMORY) {
        return keyValueBytes;
      }
      long free = ProcessMemory.machineBytes() - ProcessMemory.residentBytes();
      return Math.max(LEAST, free / 4);
    }
  }

  LanguageModel(
      LanguageModelLoader.Place place,
      LanguageModelLoader.Form form,
      Limits limits,
      Collective group,
      RunListener listener) {
    this.place = place;
    this.form = form;
    this.limits = limits;
    this.group = group;
    this.listener = listener;
  }

  /**
   * Loads a model as it is.
   *
   * @param model a Hugging Face directory, a .gguf file, or owner/name[@revision] on the hub
   * @throws InputFault if there is no such model, or it is damaged
   */
  public static LanguageModel load(String model) {
    return of(model).load();
  }

  /** Loads a model in another way: with an adapter, as another type, in eight bits. */
  public static LanguageModelLoader of(String model) {
    return new LanguageModelLoader(model);
  }

  /** The processes that share the work on it. */
  Collective group() {
    return group;
  }

  synchronized LoadedModel loaded() {
    if (loaded == null) {
      LoadedModel opened =
          LoadedModel.openUnlabelled(
              place.model(),
              place.families(),
              place.adapter(),
              place.initialAdapter(),
              form.held(),
              listener::message);
      try {
        opened.convert(form.weights());
      } catch (RuntimeException e) {
        opened.close();
        throw e;
      }
      loaded = opened;
    }
    return loaded;
  }

  /** Where the model is on disk. */
  public Path path() {
    return place.model();
  }

  /**
   * Reads an adapter for this model; it is used once it is {@linkplain #attach attached}.
   *
   * @param adapter a directory of PEFT's or MLX's, or an id of the hub
   * @return closed by the caller
   * @throws InputFault if it is none, it is damaged, it is another model's, or it replaces weights
   *     of the model itself, which only {@link LanguageModelLoader#adapter} can let it do
   */
  public TrainedAdapter adapter(String adapter) {
    Path directory = place.hub().model(adapter);
    LoadedModel base = loaded();
    try (StoredAdapter stored = AdapterDirectory.read(directory, base.model())) {
      if (stored.changesModel()) {
        throw new InputFault(
            directory
                + ": the adapter replaces weights of the model itself: name it when the model is"
                + " loaded");
      }
      stored.notes().forEach(note -> listener.message(directory + ": " + note));
      return new TrainedAdapter(directory, stored.adapters(null, PeftMethods.all()));
    }
  }

  /** Lets the texts that are asked for from here on run with an adapter too. */
  public void attach(TrainedAdapter adapter) {
    attach(adapter, 1);
  }

  /**
   * The same with a weight on what it adds; attached again, it has the new weight.
   *
   * @param weight 1 is as trained, 0 nothing, −1 takes it away
   */
  public synchronized void attach(TrainedAdapter adapter, double weight) {
    detach(adapter);
    attached.add(new Attached(adapter, weight));
  }

  /** Lets the texts that are asked for from here on run without it; it stays in memory. */
  public synchronized void detach(TrainedAdapter adapter) {
    attached.removeIf(a -> a.adapter().layers() == adapter.layers());
  }

  private synchronized AdapterMix adapters() {
    return mix(attached);
  }

  private AdapterMix mixOf(List<TrainedAdapter> own) {
    return mix(own.stream().map(a -> new Attached(a, 1)).toList());
  }

  private AdapterMix mix(List<Attached> beside) {
    List<AdapterMix.Weighted> all = new ArrayList<>();
    if (!loaded().adapters().isEmpty()) {
      all.add(new AdapterMix.Weighted(loaded().adapters(), 1));
    }
    beside.forEach(a -> all.add(new AdapterMix.Weighted(a.adapter().layers(), a.weight())));
    return all.isEmpty() ? AdapterMix.NONE : new AdapterMix(all);
  }

  private synchronized Scheduler scheduler() {
    if (scheduler == null) {
      CausalLm decoder = decoder();
      Scheduler made =
          new Scheduler(decoder, new Scheduler.Limits(limits.textsAtOnce(), limits.bytes()));
      made.start();
      scheduler = made;
    }
    return scheduler;
  }

  private CausalLm decoder() {
    return loaded().decoder();
  }

  /** Continues a text as it is, greedily. */
  public String generate(String text) {
    return generate(Prompt.of(text), GenerationOptions.greedy()).text();
  }

  /**
   * Continues a prompt.
   *
   * @throws InputFault if the prompt is empty or needs a chat template that the model has not
   * @throws org.tlora.fault.RunFault if the model's numbers make no sense
   */
  public Generation generate(Prompt prompt, GenerationOptions options) {
    return generate(prompt, options, null);
  }

  /**
   * The same, and gives the text while it is written.
   *
   * @param more is given each piece as it comes, on the thread that generates
   */
  public Generation generate(Prompt prompt, GenerationOptions options, Consumer<String> more) {
    return submit(prompt, options, more).await();
  }

  /**
   * Asks for a text without waiting for it.
   *
   * @param more is given each piece as it comes, on the thread that generates; or null
   * @return with the result to come, and a way to cancel
   */
  public Scheduler.Handle submit(Prompt prompt, GenerationOptions options, Consumer<String> more) {
    return submit(request(prompt, options), more);
  }

  /**
   * Asks for an answer without waiting for it: to a conversation with tools, held to JSON, with
   * adapters of its own. What it computes is kept, as far as there is room, for answers whose
   * prompts begin alike.
   *
   * @param listener is told while it is written
   * @throws InputFault if messages, tools or schema are not what they must be, or the prompt is
   *     longer than the model can look back on
   */
  public Asked ask(AnswerRequest request, AnswerListener listener) {
    List<TrainedAdapter> own = request.adapters();
    AdapterMix mix = own == null ? adapters() : mixOf(own);
    Asking.Prepared prepared = asking().prepare(request, mix, contextLength());
    Scheduler.Handle handle = scheduler().submit(prepared.request(), prepared.listener(listener));
    return new Asked(handle, prepared::answer, prepared.request().promptIds().length);
  }

  private synchronized Asking asking() {
    if (asking == null) {
      asking = new Asking(loaded(), decoder().vocabularySize());
    }
    return asking;
  }

  /**
   * What a token stands for within a text, in UTF-8; of a special token, its name.
   *
   * @param token one of the model's
   */
  public byte[] tokenBytes(int token) {
    return asking().bytesOf(token);
  }

  /** Tokens that the model can look back on; of an encoder, those of its longest text. */
  public int contextLength() {
    LoadedModel base = loaded();
    return isEncoder()
        ? base.encoder().config().mostTokens()
        : base.files().decoder().maxPositions();
  }

  /** Whether it is an encoder, which writes no text but makes vectors and labels of texts. */
  public boolean isEncoder() {
    return loaded().model() instanceof SequenceClassifier;
  }

  /** Whether it has a chat template, and so can be talked with. */
  public boolean hasChatTemplate() {
    return !isEncoder() && loaded().files().conversationEncoder().isPresent();
  }

  /**
   * The first rows of a file as the model would see them in training.
   *
   * @param template as of {@link TuningBuilder#template}
   * @param most rows
   * @throws InputFault if the file or one of its rows cannot be read
   */
  public RowsPreview preview(
      Path file, RowReading rows, String template, int cutoffLength, int most) {
    return RowsPreview.of(loaded().files(), file, rows.reading(), template, cutoffLength, most);
  }

  /** What is generated at the moment. */
  public Scheduler.State generating() {
    return isEncoder() ? new Scheduler.State(0, 0, 0, 0) : scheduler().state();
  }

  /**
   * Makes vectors of texts, as an encoder does for search: the mean over tokens or the first one's,
   * as sentence-transformers' files beside the model say.
   *
   * @param adapters what the model runs with
   * @throws InputFault if it is a decoder, or a text is longer than it can look back on
   */
  public Vectors embed(List<String> texts, List<TrainedAdapter> adapters) {
    return vectors().vectors(texts, mixOf(adapters));
  }

  /**
   * Says how likely an encoder finds each of its labels for texts.
   *
   * @param adapters what the model runs with
   * @throws InputFault if it is a decoder or has no labels, or a text is longer than it can look
   *     back on
   */
  public LabelScores label(List<String> texts, List<TrainedAdapter> adapters) {
    return vectors().labels(texts, mixOf(adapters));
  }

  private synchronized TextVectors vectors() {
    if (vectors == null) {
      vectors = new TextVectors(loaded());
    }
    return vectors;
  }

  private Scheduler.Handle submit(GenerationRequest request, Consumer<String> more) {
    return scheduler().submit(request, more == null ? GenerationListener.NONE : new Pieces(more));
  }

  private GenerationRequest request(Prompt prompt, GenerationOptions options) {
    LoadedModel base = loaded();
    if (prompt instanceof Prompt.Tokens tokens) {
      if (!options.stop().words().isEmpty()) {
        throw new UsageFault("`stop` needs a text: stop texts need a tokenizer");
      }
      int[] ids = tokens.ids().stream().mapToInt(Integer::intValue).toArray();
      return request(ids, options, base.files().generationEos());
    }
    List<Message> turns = turns(prompt);
    if (turns == null) {
      Prompt.Text text = (Prompt.Text) prompt;
      String around = PromptTemplate.named(text.template()).promptFor(text.text());
      int[] ids = base.files().tokenizer().encode(around, true);
      return withText(request(ids, options, base.files().generationEos()));
    }
    ConversationEncoder encoder = conversations("`template` chat: the model has no chat template");
    List<Integer> ends = base.files().conversationEos(encoder);
    return withText(request(encoder.prompt(turns), options, ends));
  }

  private static List<Message> turns(Prompt prompt) {
    if (prompt instanceof Prompt.Turns all) {
      return all.turns().stream().map(t -> Message.of(t.role(), t.content())).toList();
    }
    return prompt instanceof Prompt.Text text && text.template().equals(TuningJob.CHAT)
        ? List.of(Message.of("user", text.text()))
        : null;
  }

  private GenerationRequest request(int[] ids, GenerationOptions options, List<Integer> ends) {
    GenerationRequest request =
        options
            .applied(new GenerationRequest(ids, options.maxNewTokens()))
            .with(adapters())
            .endingWith(ends);
    return options.logits() ? request.withLogits() : request;
  }

  private GenerationRequest withText(GenerationRequest request) {
    return request.withText(loaded().files().tokenizer());
  }

  private ConversationEncoder conversations(String otherwise) {
    return loaded().files().conversationEncoder().orElseThrow(() -> new InputFault(otherwise));
  }

  /** Begins a conversation in which the model always takes the most probable token. */
  public Chat chat() {
    return chat(null, GenerationOptions.greedy());
  }

  /**
   * Begins a conversation.
   *
   * @param system what the model is told before it, or null
   * @throws InputFault if the model has no chat template
   */
  public Chat chat(String system, GenerationOptions options) {
    if (options.maxNewTokens() < 1) {
      throw new UsageFault("`maxNewTokens` must be at least 1 to chat");
    }
    ConversationEncoder encoder =
        conversations("the model has no chat template: generate with another `template`");
    int positions = loaded().files().decoder().maxPositions();
    // at least half of what the model can look back on is for what was said
    int most = Math.max(positions - options.maxNewTokens(), positions / 2);
    List<Integer> ends = loaded().files().conversationEos(encoder);
    return new Chat(this, new Remembered(encoder, system, most), ends, options);
  }

  void tell(String message) {
    listener.message(message);
  }

  Generation continueChat(
      int[] prompt, List<Integer> ends, GenerationOptions options, Consumer<String> more) {
    GenerationRequest request = withText(request(prompt, options, ends)).keepingComputed();
    return submit(request, more).await();
  }

  /**
   * Begins a fine-tuning in a thread of its own. Adapters train on the weights that are in memory,
   * where they are held as the tuning wants them; what changes the weights themselves trains on a
   * copy. Closing the model stops it.
   */
  public synchronized TrainingRun train(Tuning tuning) {
    runs.removeIf(TrainingRun::isDone);
    TrainingRun run = TrainingRun.start(tuning, this);
    runs.add(run);
    return run;
  }

  /**
   * Calibrates and writes the adapter as it starts, with {@code calibration.json}.
   *
   * @throws org.tlora.fault.Fault if something is wrong with options, input or output
   */
  public void calibrate(Tuning tuning) {
    calibrate(tuning, StopSignal.NEVER);
  }

  /** The same until it is asked to stop, which is a fault of the run then. */
  public void calibrate(Tuning tuning, StopSignal stop) {
    TrainingRun.calibrate(tuning, this, stop);
  }

  /**
   * What a fine-tuning will take, in memory, time and disk. Rows are read and the machine is
   * measured, about a second long; weights are not read, and nothing is written.
   *
   * @throws org.tlora.fault.Fault if something is wrong with options or input
   */
  public RunPlan plan(Tuning tuning) {
    return planned(tuning, Planner::plan);
  }

  /**
   * Settings for a fine-tuning that fit into some memory, which cost as little as may be, with what
   * it will take as it is and with them.
   *
   * @param bytes of memory
   * @throws org.tlora.fault.Fault if something is wrong with options or input
   */
  public Fitting fit(Tuning tuning, long bytes) {
    return planned(tuning, (planner, job) -> planner.fit(job, bytes));
  }

  private <T> T planned(Tuning tuning, BiFunction<Planner, TuningJob, T> question) {
    TuningJob job = job(tuning);
    long start = System.nanoTime();
    try (TuningInputs inputs = TuningInputs.rehearsed(job, listener)) {
      double reading = (System.nanoTime() - start) / 1e9;
      inputs.announce();
      return question.apply(Planner.measuring(inputs.rows(), job, reading), job);
    }
  }

  /** The job that a tuning is on this model; data sets of the hub are downloaded. */
  TuningJob job(Tuning tuning) {
    return tuning.on(place);
  }

  /** The weights in memory, if a job can train on them and leaves them as they are; or null. */
  synchronized CausalLm shared(TuningJob job) {
    boolean same =
        loaded != null
            && loaded.model() instanceof CausalLm
            && place.adapter() == null
            && !job.method().trainsBase()
            && job.beside().equals(BesideOptions.NOTHING)
            && job.initAdapter() == null // which may bring whole weights
            && form.weights().equals(WeightForms.FLOAT)
            && form.held().device().isCpu()
            && form.held().type() == job.computeType()
            && isHeldAs(job);
    return same ? loaded.decoder() : null;
  }

  private boolean isHeldAs(TuningJob job) {
    BaseWeights held = form.held().base();
    return held.equals(job.heldAs())
        || (held.rounding() == null
            && job.heldAs().rounding() == null
            && !loaded.files().holdsCodes());
  }

  /**
   * Trains several methods on the same rows, in the same order and with the same budget, and writes
   * one table. The methods are the contest's; of the tuning's method only its options count, for
   * whichever methods have them.
   *
   * @return whether all runs are through; false where it was asked to stop, after which the same
   *     call goes on
   */
  public boolean compare(Tuning shared, Contest contest, StopSignal stop) {
    return contest.run(shared, place, group, stop);
  }

  /**
   * The runs of a {@linkplain Contest#tuned tuned} comparison that can be taken now, each by {@link
   * Contest#only}, before this is asked again; where none is left the tables are written.
   *
   * @throws org.tlora.fault.Fault as {@link #compare}
   */
  public List<String> trials(Tuning shared, Contest contest, StopSignal stop) {
    return contest.trials(shared, place, stop);
  }

  /**
   * Scores the model, with what is attached, on tasks.
   *
   * @throws org.tlora.fault.Fault if a task is for another kind of model, or rows are not the
   *     task's
   */
  public List<TaskScore> evaluate(Evaluation evaluation) {
    List<TaskRows> rows = evaluation.rows(); // before the weights, which take longer
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("model", identity());
    settings.put("dtype", form.held().type().name());
    settings.put("weights", form.weights());
    settings.put("base-weights", form.held().base().toString());
    settings.putAll(evaluation.settings());
    Map<String, String> work = new LinkedHashMap<>(evaluation.settings());
    work.remove("task-data"); // which may lie elsewhere on another machine
    rows.forEach(t -> work.put("rows of " + t.task().name(), t.digest()));
    requireAgreement(work);
    AdapterMix mix;
    try (Collective.Busy busy = group.busy()) {
      mix = adapters(); // reads the weights
      loaded().requireLabels();
    }
    return evaluation.run(rows, loaded(), mix, settings, group);
  }

  /**
   * Makes sure that all processes of the model's group have the same model, adapters and work: for
   * programs that share work of their own. Each of them must call it.
   *
   * @param work what else decides the result, by name
   * @throws org.tlora.fault.RunFault in every process, naming the first that differs, and in what
   */
  public void requireAgreement(Map<String, String> work) {
    if (!group.isGroup()) {
      return;
    }
    Map<String, String> all = new LinkedHashMap<>(work);
    try (Collective.Busy busy = group.busy()) { // looks through the whole model
      all.put("model", Contents.ofModel(place.model()));
      List<Path> adapters = new ArrayList<>();
      if (place.adapter() != null) {
        adapters.add(place.adapter());
      }
      synchronized (this) {
        attached.forEach(a -> adapters.add(a.adapter().directory()));
      }
      for (int i = 0; i < adapters.size(); i++) {
        all.put("adapter " + (i + 1), Contents.ofModel(adapters.get(i)));
      }
    }
    all.put("dtype", form.held().type().name());
    all.put("weights", form.weights() + ", " + form.held().base());
    Agreement.require(group, all);
  }

  /** The model, its adapters, and when they were written. */
  private synchronized String identity() {
    StringBuilder all = new StringBuilder(place.identity());
    for (Attached a : attached) {
      String adapter = LoadedModel.identity("" + a.adapter().directory());
      all.append(" and ").append(a.weight()).append(" of ").append(adapter);
    }
    return all.toString();
  }

  /** How the model, with what it was loaded with, is written for other programs. */
  public ModelExport export() {
    return new ModelExport(place, form.held().base(), listener);
  }

  /** How the model is written with an adapter that was read apart. */
  public ModelExport export(TrainedAdapter adapter) {
    return new ModelExport(place.with(adapter.directory()), form.held().base(), listener);
  }

  /**
   * Ends what is generated, stops what trains and waits for its checkpoint, and frees all memory
   * but that of adapters that were read apart.
   */
  @Override
  public void close() {
    Scheduler running;
    List<TrainingRun> training;
    synchronized (this) {
      running = scheduler;
      training = List.copyOf(runs);
    }
    training.forEach(TrainingRun::stop);
    training.forEach(TrainingRun::await);
    if (running != null) {
      running.close();
    }
    synchronized (this) {
      if (loaded != null) {
        loaded.close();
        loaded = null;
      }
    }
  }
}
