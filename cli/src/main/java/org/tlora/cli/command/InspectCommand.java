/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.tlora.checkpoint.CheckpointStore;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.engine.Engine;
import org.tlora.engine.Processor;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.model.DecoderConfig;
import org.tlora.model.EncoderConfig;
import org.tlora.peft.disk.AdapterDirectory;
import org.tlora.pretrained.PretrainedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tlora inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Say what a model, an adapter, a checkpoint, a safetensors file or a data set holds.")
public final class InspectCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "PATH",
      description = "What to look at; nothing: this machine.")
  private Path path;

  @Option(names = "--tensors", description = "List every tensor too.")
  private boolean tensors;

  @Override
  public Integer call() {
    ObjectNode out = Json.object();
    if (path == null) {
      machine(out);
    } else if (!Files.exists(path)) {
      throw new InputFault(path + " does not exist");
    } else if (Files.exists(path.resolve(CheckpointStore.MANIFEST))) {
      checkpoint(out);
    } else if (Files.exists(path.resolve("adapter_config.json"))) {
      adapter(out);
    } else if (Files.isDirectory(path) || hasEnding(".gguf")) {
      model(out);
    } else if (hasEnding(".safetensors")) {
      try (Safetensors file = Safetensors.open(path)) {
        out.put("kind", "safetensors").put("tensors", file.names().size());
        list(out, file);
      }
    } else {
      data(out);
    }
    System.out.print(Json.pretty(out));
    return 0;
  }

  private boolean hasEnding(String ending) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(ending);
  }

  private static void machine(ObjectNode out) {
    Processor processor = Processor.detect();
    out.put("kind", "machine").put("processor", processor.model());
    out.put("threads", Engine.threads()).put("blas", Engine.blas());
    out.put("instruction_set", Engine.cpuCapability());
    out.put("compute_type", processor.computeType().name().toLowerCase(Locale.ROOT));
  }

  private void model(ObjectNode out) {
    try (PretrainedModel model = PretrainedModel.open(path)) {
      model.notices().forEach(System.err::println);
      out.put("kind", "model");
      out.put("architecture", model.config().path("architectures").path(0).asText());
      long parameters =
          model.weights().names().stream()
              .mapToLong(
                  n -> java.util.Arrays.stream(model.weights().shape(n)).reduce(1, (a, b) -> a * b))
              .sum();
      out.put("parameters", parameters);
      if (model.isEncoder()) {
        encoder(out, model);
      } else {
        decoder(out, model);
      }
      if (model.gguf() != null) {
        ObjectNode types = out.putObject("gguf_types");
        for (String name : model.gguf().names()) {
          String type = model.gguf().typeName(name);
          types.put(type, types.path(type).asInt() + 1);
        }
      }
      if (tensors) {
        ObjectNode list = out.putObject("tensor_list");
        model.weights().names().forEach(n -> shape(list, n, model.weights().shape(n)));
      }
    }
  }

  private static void decoder(ObjectNode out, PretrainedModel model) {
    DecoderConfig c = model.decoder();
    out.put("layers", c.layers()).put("hidden_size", c.hiddenSize());
    out.put("intermediate_size", c.intermediateSize());
    out.put("heads", c.attention().heads());
    out.put("key_value_heads", c.attention().keyValueHeads());
    out.put("vocabulary", c.vocabularySize()).put("tied_embeddings", c.tiedEmbeddings());
    out.put("max_positions", c.maxPositions());
    out.put("chat_template", model.chatTemplate() != null);
  }

  private static void encoder(ObjectNode out, PretrainedModel model) {
    EncoderConfig c = model.encoder();
    out.put("layers", c.layers()).put("hidden_size", c.hiddenSize());
    out.put("intermediate_size", c.intermediateSize());
    out.put("heads", c.heads()).put("vocabulary", c.vocabularySize());
    out.put("max_positions", c.maxPositions());
    model.labels().ifPresent(labels -> out.put("labels", labels.write()));
  }

  private void checkpoint(ObjectNode out) {
    CheckpointStore.check(path);
    ObjectNode state = Json.readObject(path.resolve("state.json"));
    out.put("kind", "checkpoint").put("whole", true);
    state.remove("layers");
    out.setAll(state);
  }

  private void adapter(ObjectNode out) {
    ObjectNode config = Json.readObject(path.resolve("adapter_config.json"));
    Path ofMlx = path.resolve("adapters.safetensors");
    Path ofPeft = path.resolve("adapter_model.safetensors");
    boolean mlx = Files.exists(ofMlx) && !Files.exists(ofPeft);
    try (Safetensors file = Safetensors.open(mlx ? ofMlx : ofPeft)) {
      out.put("kind", "adapter");
      if (mlx) {
        out.put("format", "MLX").put("fine_tune_type", config.path("fine_tune_type").asText());
        out.put("base_model", config.path("model").asText());
        out.set("lora_parameters", config.path("lora_parameters"));
      } else {
        out.put("peft_type", config.path("peft_type").asText());
        out.put("base_model", config.path("base_model_name_or_path").asText());
        out.put("r", config.path("r").asInt()).put("alpha", config.path("lora_alpha").asDouble());
        AdapterDirectory.labels(path).ifPresent(labels -> out.put("labels", labels.write()));
        AdapterDirectory.baseRoundedTo(file).ifPresent(codes -> out.put("base_rounded_to", codes));
      }
      out.put("layers", file.names().stream().filter(InspectCommand::isFirstFactor).count());
      long parameters =
          file.names().stream()
              .mapToLong(n -> java.util.Arrays.stream(file.shape(n)).reduce(1, (a, b) -> a * b))
              .sum();
      out.put("parameters", parameters);
      list(out, file);
    }
  }

  /** Whether a tensor is a layer's A, whoever named it. */
  private static boolean isFirstFactor(String name) {
    return name.contains(".lora_A")
        || name.contains(".lora_embedding_A")
        || name.endsWith(".lora_a");
  }

  private void list(ObjectNode out, Safetensors file) {
    if (tensors) {
      ObjectNode list = out.putObject("tensor_list");
      file.names().forEach(n -> shape(list, n, file.shape(n)));
    }
  }

  private static void shape(ObjectNode list, String name, long[] shape) {
    var array = list.putArray(name);
    for (long size : shape) {
      array.add(size);
    }
  }

  private void data(ObjectNode out) {
    Row first = RowFiles.first(DataFile.of(path), 1).get(0);
    out.put("kind", "data").put("rows", RowFiles.count(DataFile.of(path)));
    var fields = out.putArray("fields");
    first.fields().fieldNames().forEachRemaining(fields::add);
    try {
      out.put("format", ExampleFormats.choose("auto", Fields.OWN, first).name());
    } catch (InputFault e) {
      out.putNull("format"); // the fields are listed; which to use is for the user to say
    }
    out.set("first", first.fields());
  }
}
