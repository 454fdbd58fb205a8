/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quickstart;

import java.nio.file.Path;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.engine.DType;
import org.tlora.model.CausalLm;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.text.PromptTemplate;

/** The shipped tiny model and encoded word games, for tests that need no golden numbers. */
public final class TinyModels implements AutoCloseable {
  private final PretrainedModel files;
  private final CausalLm model;

  /** Unpacks and loads the model. */
  public TinyModels(Path directory, DType type) {
    TinyModel.unpack(directory);
    files = PretrainedModel.open(directory);
    model = files.load(type);
  }

  public PretrainedModel files() {
    return files;
  }

  public CausalLm model() {
    return model;
  }

  /** Rows of the unseen game. */
  public List<Encoded> rows(int count) {
    ExampleEncoder encoder =
        new ExampleEncoder(files.tokenizer(), PromptTemplate.PLAIN, files.trainingEos(), 128);
    return WordGames.unseen(count, 1).stream().<Encoded>map(encoder::encode).toList();
  }

  @Override
  public void close() {
    model.close();
    files.close();
  }
}
