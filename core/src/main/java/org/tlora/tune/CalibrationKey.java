package org.tlora.tune;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tlora.data.Encoded;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.family.PretrainedModel;

/**
 * What calibration statistics depend on, as SHA-256 digests and settings by name: the model's
 * files, the tokenizer, the samples, the layers, the compute type.
 */
record CalibrationKey(Map<String, String> parts) {
  private static final int BUFFER = 1 << 20;

  static CalibrationKey of(
      PretrainedModel base,
      Model model,
      List<Linear> targets,
      List<Encoded> samples,
      int gradientBatchSize,
      String head) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("model", ofModel(base.path()));
    parts.put("tokenizer", ofText(Json.compact(base.tokenizer().definition())));
    parts.put("data", ofSamples(samples));
    parts.put("layers", ofText(String.join(",", targets.stream().map(Linear::name).toList())));
    parts.put("compute_type", model.computeType().name());
    parts.put("gradient_batch_size", "" + gradientBatchSize);
    parts.put("new_head", head);
    return new CalibrationKey(parts);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String ofText(String text) {
    return hex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }

  private static String ofSamples(List<Encoded> samples) {
    MessageDigest digest = sha256();
    for (Encoded e : samples) {
      int[] contents = e.contents();
      ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * contents.length).putInt(contents.length);
      bytes.asIntBuffer().put(contents);
      digest.update(bytes.array());
    }
    return hex(digest.digest());
  }

  /** A GGUF file, or the configuration and the weights of a directory, by name and content. */
  private static String ofModel(Path path) {
    try {
      MessageDigest digest = sha256();
      if (!Files.isDirectory(path)) {
        update(digest, path);
      } else {
        List<Path> files;
        try (Stream<Path> all = Files.list(path)) {
          files =
              all.filter(f -> f.getFileName().toString().matches("config\\.json|.*\\.safetensors"))
                  .sorted()
                  .toList();
        }
        for (Path file : files) {
          digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
          update(digest, file);
        }
      }
      return hex(digest.digest());
    } catch (IOException e) {
      throw new InputFault("model " + path + " cannot be read: " + Json.reason(e), e);
    }
  }

  private static void update(MessageDigest digest, Path file) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      while (in.read(buffer) >= 0) {
        // reading is what updates the digest
      }
    }
  }
}
