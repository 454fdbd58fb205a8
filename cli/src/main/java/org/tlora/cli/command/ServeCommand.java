/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.tlora.LanguageModel;
import org.tlora.LanguageModelLoader;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.Sizes;
import org.tlora.cli.option.WeightsOption;
import org.tlora.cli.terminal.OwnProgram;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.fault.UsageFault;
import org.tlora.serve.FineTuningOptions;
import org.tlora.serve.Server;
import org.tlora.serve.ServerOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora serve}. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Serve a model and its adapters by OpenAI's HTTP API until Ctrl-C or SIGTERM. The address"
            + " is the first line on standard output.")
public final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private EngineOptions engine;

  @Mixin private AdapterChoice model;

  @Mixin private WeightsOption weights;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The base's name for clients (default: that of its directory, file or id).")
  private String name;

  @Option(
      names = "--adapters",
      arity = "1..*",
      paramLabel = "NAME=DIR",
      description =
          "Adapters for this base, each a model of its own for clients; without NAME, the"
              + " directory's.")
  private List<String> adapters = new ArrayList<>();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "What to listen on; 0.0.0.0 is every interface, for which --api-keys are wise (default:"
              + " ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "0: any that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--api-keys",
      paramLabel = "FILE",
      description = "Keys, one a line, of which clients must send one.")
  private Path apiKeys;

  @Option(
      names = "--allow-adapter-loading",
      paramLabel = "DIR",
      description = "Let clients load and unload adapters that lie below this directory.")
  private Path adapterDirectory;

  @Option(
      names = "--fine-tuning",
      paramLabel = "DIR",
      description =
          "Let clients send files and fine-tune on them; files, jobs and what they make are kept"
              + " here.")
  private Path fineTuning;

  @Option(
      names = "--training-threads",
      paramLabel = "N",
      description =
          "Threads of a job that trains beside what is served (default: half of the cores).")
  private Integer trainingThreads;

  @Option(
      names = "--max-upload",
      paramLabel = "SIZE",
      defaultValue = "512M",
      description = "Largest file that a client may send (default: ${DEFAULT-VALUE}).")
  private String upload;

  @Option(
      names = "--texts-at-once",
      paramLabel = "N",
      defaultValue = "16",
      description = "Answers that are written side by side (default: ${DEFAULT-VALUE}).")
  private int atOnce;

  @Option(
      names = "--queue",
      paramLabel = "N",
      defaultValue = "256",
      description =
          "Answers that may be written and wait; more are refused with status 429 (default:"
              + " ${DEFAULT-VALUE}).")
  private int queue;

  @Option(
      names = "--key-value-memory",
      paramLabel = "SIZE",
      description =
          "Memory of keys and values, such as 4G; answers wait for room (default: a quarter of"
              + " what is free once the model is loaded).")
  private String keyValueMemory;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "1024",
      description =
          "Tokens of an answer where the request does not say (default: ${DEFAULT-VALUE}).")
  private int usualTokens;

  @Option(
      names = "--max-request-tokens",
      paramLabel = "N",
      defaultValue = "32768",
      description = "Tokens that a request may ask for (default: ${DEFAULT-VALUE}).")
  private int mostTokens;

  @Option(
      names = "--max-body",
      paramLabel = "SIZE",
      defaultValue = "8M",
      description = "Largest request (default: ${DEFAULT-VALUE}).")
  private String body;

  @Option(
      names = "--answer-timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "What an answer may take (default: ${DEFAULT-VALUE}).")
  private long answerSeconds;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "What answers have to end at a stop (default: ${DEFAULT-VALUE}).")
  private long drainSeconds;

  @Override
  public Integer call() throws InterruptedException {
    if (!model.namesModel()) {
      throw new UsageFault("--model is missing");
    }
    ServerOptions options = options();
    long keyValueBytes =
        keyValueMemory == null ? 0 : Sizes.bytes("--key-value-memory", keyValueMemory);
    engine.apply();
    CountDownLatch stopped = new CountDownLatch(1);
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress(spec);
        LanguageModel loaded = load(keyValueBytes, progress);
        Server server = Server.start(loaded, options, progress)) {
      System.out.println(server.address());
      System.out.flush();
      stop.passTo(stopped::countDown);
      stopped.await();
      progress.message("stopping: answers that are written have " + drainSeconds + " s to end");
    }
    return 0;
  }

  private LanguageModel load(long keyValueBytes, Progress progress) {
    LanguageModelLoader loader = model.loader(engine, weights, progress).textsAtOnce(atOnce);
    return keyValueBytes == 0
        ? loader.keyValuesInFreeMemory().load()
        : loader.keyValueBytes(keyValueBytes).load();
  }

  /** Jobs train on the base that is served, as it is held. */
  private FineTuningOptions fineTuning() {
    if (trainingThreads != null && trainingThreads < 1) {
      throw new UsageFault("--training-threads must be at least 1, not " + trainingThreads);
    }
    long bytes = Sizes.bytes("--max-upload", upload);
    if (fineTuning == null) {
      if (trainingThreads != null) {
        throw new UsageFault("--training-threads goes with --fine-tuning");
      }
      return null;
    }
    int threads =
        trainingThreads != null
            ? trainingThreads
            : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    Map<String, String> always = new TreeMap<>(model.forTraining());
    always.put("threads", "" + threads);
    always.put("device", engine.deviceName());
    Map<String, String> usual = new TreeMap<>(weights.forTraining());
    usual.put("dtype", engine.dtype());
    return new FineTuningOptions(fineTuning, OwnProgram.command(), always, usual, bytes);
  }

  private ServerOptions options() {
    ServerOptions.Builder options =
        ServerOptions.builder()
            .name(name == null ? model.shortName() : name)
            .host(host)
            .port(port)
            .apiKeys(apiKeys)
            .allowAdapterLoading(adapterDirectory)
            .fineTuning(fineTuning())
            .mostAnswers(queue)
            .usualTokens(usualTokens)
            .mostTokens(mostTokens)
            .bodyBytes((int) Math.min(Integer.MAX_VALUE - 8, Sizes.bytes("--max-body", body)))
            .answerSeconds(answerSeconds)
            .drainSeconds(drainSeconds);
    for (String one : adapters) {
      int equals = one.indexOf('=');
      String directory = one.substring(equals + 1);
      Path last = Path.of(directory).getFileName();
      options.adapter(equals < 0 ? "" + last : one.substring(0, equals), directory);
    }
    return options.build();
  }
}
