/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.tlora.autograd.Parameter;
import org.tlora.data.Encoded;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.Sha256;

/** SHA-256 digests of what a run depends on. */
public final class Contents {
  private Contents() {}

  /** Rows in their order, by their tokens and targets. */
  static String ofRows(List<Encoded> rows) {
    Sha256 digest = new Sha256();
    for (Encoded e : rows) {
      int[] contents = e.contents();
      ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * contents.length).putInt(contents.length);
      bytes.asIntBuffer().put(contents);
      digest.add(bytes.array());
    }
    return digest.hex();
  }

  /**
   * A file.
   *
   * @throws InputFault if it cannot be read
   */
  public static String ofFile(Path path) {
    try {
      return Sha256.of(path);
    } catch (IOException e) {
      throw new InputFault(path + " cannot be read: " + Json.reason(e), e);
    }
  }

  /** The values of parameters, in their order. */
  static String ofParameters(List<Parameter> parameters) {
    Sha256 digest = new Sha256();
    for (Parameter p : parameters) {
      try (Scope scope = new Scope()) {
        ByteBuffer values = p.value().to(Device.CPU).contiguous().bytes();
        byte[] bytes = new byte[values.remaining()];
        values.get(bytes);
        digest.add(bytes);
      }
    }
    return digest.hex();
  }

  /**
   * A GGUF file, or the configuration and the weights of a directory, by name and content.
   *
   * @throws InputFault if it cannot be read
   */
  public static String ofModel(Path path) {
    try {
      if (!Files.isDirectory(path)) {
        return Sha256.of(path);
      }
      List<Path> files;
      try (Stream<Path> all = Files.list(path)) {
        files =
            all.filter(f -> f.getFileName().toString().matches("config\\.json|.*\\.safetensors"))
                .sorted()
                .toList();
      }
      Sha256 digest = new Sha256();
      for (Path file : files) {
        digest.add(file.getFileName().toString().getBytes(StandardCharsets.UTF_8)).add(file);
      }
      return digest.hex();
    } catch (IOException e) {
      throw new InputFault("model " + path + " cannot be read: " + Json.reason(e), e);
    }
  }
}
